// The paths of definitions in use: each of them has to compile.

import Expressions
import Foundation
import JSON
import Testing
import TestSupport

@Suite("JSONPath in use")
struct JSONPathInUseTests {
    @Test("Every path of the shared definitions compiles.", arguments: ["definitions", "stepfunctions/cases"])
    func compiles(folder: String) throws {
        guard let files = FileManager.default.enumerator(atPath: Conformance.folder + "/" + folder) else { return }
        var count = 0
        for case let file as String in files where file.hasSuffix(".json") {
            let content = try JSONValue.parse(try #require(Conformance.bytes("\(folder)/\(file)")))
            for path in paths(in: content["definition"] ?? .null) {
                count += 1
                #expect(throws: Never.self, "\(path) of \(file)") { try JSONPath(path) }
            }
        }
        #expect(count > 100 || !FileManager.default.fileExists(atPath: Conformance.folder))
    }

    /// The strings that stand where the language wants a path. (`$` alone starts strings of other languages too:
    /// JSONata's variables, the templates of API Gateway.)
    private func paths(in value: JSONValue) -> [String] {
        switch value {
        case .array(let elements): elements.flatMap { paths(in: $0) }
        case .object(let members):
            members.flatMap { name, value in
                if case .string(let text) = value, text.hasPrefix("$"), name.hasSuffix(".$") || isPathField(name) {
                    return [text]
                }
                return paths(in: value)
            }
        default: []
        }
    }

    private func isPathField(_ name: String) -> Bool { name.hasSuffix("Path") || name == "Variable" }
}
