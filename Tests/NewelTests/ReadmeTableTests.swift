// README's table "What works, and what does not yet": every row that works is run by a test that names it.

import Foundation
import TestSupport
import Testing

@Suite("README's table")
struct ReadmeTableTests {
    /// The rows whose column "works" is not empty, by name.
    static func workingRows() throws -> [String: String] {
        let readme = try String(contentsOf: Conformance.root.appendingPathComponent("README.md"), encoding: .utf8)
        let lines = readme.split(separator: "\n")
        let head = try #require(lines.firstIndex { $0.hasPrefix("| | works | not yet |") })
        var rows: [String: String] = [:]
        for line in lines[(head + 2)...].prefix(while: { $0.hasPrefix("|") }) {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            try #require(cells.count >= 5, "\(line)")
            if !cells[2].isEmpty { rows[cells[1]] = cells[2] }
        }
        return rows
    }

    @Test("Every row that works has a test with its name, and there is no test of a row that README does not have.")
    func rows() throws {
        let tested = try Self.titles(of: "NewelTests/ReadmeRowTests.swift").compactMap { title -> String? in
            guard title.hasPrefix("README, "), let end = title.firstIndex(of: ":") else { return nil }
            return String(title[title.index(title.startIndex, offsetBy: 8)..<end])
        }
        #expect(Set(tested) == Set(try Self.workingRows().keys))
        #expect(tested.count == Set(tested).count)
    }

    /// The titles of a file's tests.
    private static func titles(of path: String) throws -> [String] {
        let text = TestFile.text(path)
        return text.matches(of: /@Test\(\s*"((?:[^"\\]|\\.)*)"/).map { String($0.1) }
    }
}
