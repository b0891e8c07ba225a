// Citations of the reference: `(language.md §4.1)` must name a section of `Docs/reference/language.md`.

import Foundation

enum Citations {
    /// The section numbers of each file of `Docs/reference`, from its headings.
    static let sections: [String: Set<String>] = {
        let folder = Tree.root.appendingPathComponent("Docs/reference")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return Dictionary(
            uniqueKeysWithValues: names.filter { $0.hasSuffix(".md") && $0 != "README.md" }.map { name in
                let text = (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)) ?? ""
                return (name, Set(text.matches(of: heading).map { String($0.1) }))
            })
    }()

    nonisolated(unsafe) private static let heading = #/(?m)^#+ ([0-9]+(?:\.[0-9]+)*)\.? /#
    nonisolated(unsafe) private static let citation = #/\b([a-z][a-z-]*\.md)\b((?:(?!\.md\b)[^);])*)/#
    nonisolated(unsafe) private static let number = #/§([0-9]+(?:\.[0-9]+)*)/#

    @Sendable static func resolve(_ file: SourceFile) -> [Finding] {
        guard file.target != nil, file.target != "TidyTests", file.isSwift else { return [] }
        return comments(file).flatMap { line, text in
            text.matches(of: citation).flatMap { match -> [Finding] in
                let name = String(match.1)
                guard let known = sections[name] else {
                    return [Finding(path: file.path, line: line, text: "\(name) is not in Docs/reference")]
                }
                let missing = match.2.matches(of: number).map { String($0.1) }.filter { !known.contains($0) }
                return missing.map { Finding(path: file.path, line: line, text: "\(name) has no section \($0)") }
            }
        }
    }

    /// The comments of a file with the numbers of their first lines. Those on consecutive lines are one, because a
    /// citation may continue on the next line.
    private static func comments(_ file: SourceFile) -> [(line: Int, text: String)] {
        var comments: [(line: Int, text: String)] = []
        var continues = false
        for (index, line) in file.lines.enumerated() {
            guard let start = line.range(of: "//") else {
                continues = false
                continue
            }
            let text = line[start.upperBound...].drop { $0 == "/" || $0 == " " }
            let isWhole = line[..<start.lowerBound].allSatisfy { $0 == " " }
            if continues, isWhole, !comments.isEmpty {
                comments[comments.count - 1].text += " " + text
            } else {
                comments.append((index + 1, String(text)))
            }
            continues = isWhole
        }
        return comments
    }
}
