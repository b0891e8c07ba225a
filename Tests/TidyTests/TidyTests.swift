// The project's rules, checked over the whole tree.

import Foundation
import Testing

@Suite("The project's rules")
struct TidyTests {
    @Test("Every file keeps every rule.", arguments: Rules.all.map(\.name))
    func everyFile(keeps name: String) throws {
        let rule = try #require(Rules.all.first { $0.name == name }).rule
        let tree = try Tree.read()
        #expect(tree.files.count > 100)
        for finding in tree.files.flatMap(rule) { Issue.record("\(finding)") }
    }

    @Test("The project's protocols are those of its table.")
    func protocols() throws {
        #expect(Set(try Tree.read().files.flatMap(Self.protocols)) == Project.protocols)
    }

    static func protocols(of file: SourceFile) -> [String] {
        guard file.isSource else { return [] }
        return file.tokens.indices.compactMap { index in
            guard file.tokens[index].text == "protocol", file.token(index - 1)?.text != ".",
                let name = file.token(index + 1), name.kind == .word, name.text != "extension"
            else { return nil }
            return name.text
        }
    }

    @Test("Nothing is at the top of the tree that does not belong there.")
    func topLevel() throws {
        #expect(try Tree.read().topLevel.subtracting(Project.topLevel).sorted() == [])
    }

    @Test("Every folder of Sources is in the table of imports, and the other way round.")
    func table() throws {
        let targets = Set(try Tree.read().files.filter(\.isSource).compactMap(\.target))
        #expect(targets == Set(Project.imports.keys))
    }

    @Test("No target may import one of a higher layer or of its own.")
    func tableHasNoCircle() {
        func below(_ target: String, _ path: [String]) -> Bool {
            if path.contains(target) { return false }
            return (Project.imports[target] ?? []).allSatisfy { below($0, path + [target]) }
        }
        for target in Project.imports.keys { #expect(below(target, []), "\(target) can import itself") }
    }

    @Test("Every metric of the table is measured somewhere.")
    func metrics() throws {
        let files = try Tree.read().files.filter(\.isSource)
        let table = try #require(files.first { $0.path == "Sources/Core/Runtime/MetricName.swift" })
        let cases = table.tokens.indices.filter { table.tokens[$0].text == "case" && table.token($0 + 2)?.text == "=" }
            .compactMap { table.token($0 + 1)?.text }
        #expect(cases.count > 30)
        let others = files.filter { $0.path != table.path }
        let words = Set(
            others.flatMap { file in
                file.tokens.indices.filter { file.token($0 - 1)?.text == "." }.map { file.tokens[$0].text }
            })
        #expect(cases.filter { !words.contains($0) } == [])
    }

    @Test("The licence is the Apache License 2.0, whole.")
    func licence() throws {
        let text = try String(contentsOf: Tree.root.appendingPathComponent("LICENSE"), encoding: .utf8)
        #expect(Licence.missing(in: text) == [])
    }

    @Test("A licence that lost a part is found out.")
    func licenceInPart() throws {
        let text = try String(contentsOf: Tree.root.appendingPathComponent("LICENSE"), encoding: .utf8)
        let cut = String(text.prefix(text.count / 2))
        #expect(Licence.missing(in: cut).contains("END OF TERMS AND CONDITIONS"))
    }
}

enum Licence {
    /// What the licence must have and `text` has not.
    static func missing(in text: String) -> [String] {
        let parts = [
            "Apache License", "Version 2.0, January 2004",
            "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION",
            "1. Definitions.", "2. Grant of Copyright License.", "3. Grant of Patent License.", "4. Redistribution.",
            "5. Submission of Contributions.", "6. Trademarks.", "7. Disclaimer of Warranty.",
            "8. Limitation of Liability.", "9. Accepting Warranty or Additional Liability.",
            "END OF TERMS AND CONDITIONS", "APPENDIX: How to apply the Apache License to your work.",
        ]
        let words = text.split { $0.isWhitespace }.count
        return parts.filter { !text.contains($0) } + (words > 1_500 ? [] : ["\(words) words instead of about 1,580"])
    }
}
