// Each rule catches what it is for: samples that break it, and samples that only look like it.

import Testing

struct Sample: Sendable, CustomTestStringConvertible {
    var rule: String
    var path = "Sources/States/Sample.swift"
    var text: String
    /// The lines on which something is to be found.
    var lines: [Int]

    var testDescription: String { "\(rule): \(text.prefix(60))" }
}

@Suite("Violations")
struct ViolationTests {
    static let samples: [Sample] = [
        Sample(rule: "imports go to lower layers", text: "import JSON\nimport Engine\n", lines: [2]),
        Sample(rule: "imports go to lower layers", text: "package import struct Storage.StoreError\n", lines: [1]),
        Sample(rule: "imports go to lower layers", text: "// import Engine\nlet a = \"import Engine\"\n", lines: []),
        Sample(rule: "imports go to lower layers", path: "Sources/Unlisted/A.swift", text: "import JSON\n", lines: [1]),
        Sample(rule: "imports go to lower layers", path: "Tests/EngineTests/A.swift", text: "import API\n", lines: []),
        Sample(rule: "callers are named", text: "func a(_ b: Caller, c: Scope, d: Scope?) {}\n", lines: []),
        Sample(
            rule: "callers are named", text: "func a(\n b: Caller?,\n c: Scope = d,\n e: Scope? = nil) {}\n",
            lines: [2, 3, 4]),
        Sample(
            rule: "metric names are in their table", path: "Sources/Engine/A.swift",
            text: "let a = Counter(label: \"newel_a_total\")\nlet b = \"newel\" // \"newel_x\"\n", lines: [1]),
        Sample(
            rule: "words are the field's", path: "Sources/Gateway/A.swift",
            text: "// What stands behind it.\nlet mostTags = 1\nlet almost = \"outstanding\"\n", lines: [1, 1, 2]),
        Sample(rule: "words are the field's", path: "Sources/Engine/A.swift", text: "// Behind\n", lines: []),
        Sample(rule: "citations resolve", text: "// A (language.md §4.1).\n/// B (api.md §2,\n/// §3).\n", lines: []),
        Sample(rule: "citations resolve", text: "// A (language.md §99; api.md §2).\nlet a = 1\n", lines: [1]),
        Sample(rule: "citations resolve", text: "let a = 1  // (nowhere.md)\n", lines: [1]),
        Sample(rule: "citations resolve", text: "let a = 1\n/// A (api.md\n/// §98).\n", lines: [2]),
        Sample(rule: "a file opens with its purpose", text: "import JSON\n", lines: [1]),
        Sample(rule: "a file opens with its purpose", text: "/// A type.\nstruct A {}\n", lines: [1]),
        Sample(rule: "a file opens with its purpose", text: "// No sentence\nstruct A {}\n", lines: [1]),
        Sample(rule: "a file opens with its purpose", text: "// What is here.\n", lines: []),
        Sample(rule: "files are short", text: String(repeating: "let a = 1\n", count: 701), lines: [701]),
        Sample(rule: "files are short", text: String(repeating: "let a = 1\n", count: 700), lines: []),
        Sample(rule: "lines are short", text: "let a = " + String(repeating: "1", count: 113), lines: [1]),
        Sample(rule: "lines are short", text: "let a = \"" + String(repeating: "1", count: 150) + "\"", lines: []),
        Sample(rule: "lines are short", text: "let a = " + String(repeating: "1", count: 112), lines: []),
        Sample(rule: "functions are short", text: function(lines: 71), lines: [2]),
        Sample(rule: "functions are short", text: function(lines: 70), lines: []),
        Sample(
            rule: "functions are short",
            text: "struct A {\n    init(_ a: [Int] = []) {\n" + String(repeating: "//\n", count: 70) + "    }\n}\n",
            lines: [2]),
        Sample(
            rule: "functions are short",
            text: "var a: Int {\n" + String(repeating: "\n", count: 80) + "}\n", lines: [1]),
        Sample(
            rule: "functions are short",
            text: "func a() { b(\"x\\(c.map { \"\\($0)\" }.d())\") }\n" + String(repeating: "let e = 1\n", count: 80),
            lines: []),
        Sample(rule: "pure targets are pure", text: "import Foundation\n", lines: [1]),
        Sample(
            rule: "pure targets are pure", text: "let a = 1\nlet b = Date()\nlet c = Timestamp.now\n", lines: [2, 3]),
        Sample(
            rule: "pure targets are pure", text: "func a() async {}\nlet b = Int.random(in: 0...1)\n", lines: [1, 2]),
        Sample(rule: "pure targets are pure", text: "let a = \"\\(Int.random(in: 0...1))\"\n", lines: [1]),
        Sample(rule: "pure targets are pure", text: "Task { a() }\nself.now = now\nlet b = \"Date(\"\n", lines: [1]),
        Sample(rule: "pure targets are pure", path: "Sources/Engine/A.swift", text: "Task { a() }\n", lines: []),
        Sample(
            rule: "the engine has its runtime from outside", path: "Sources/Engine/A.swift",
            text: "import Dispatch\nTask { a() }\nlet b = Int.random(in: 0...1)\nlet c = Timestamp.now\n",
            lines: [1, 2, 3, 4]),
        Sample(
            rule: "the engine has its runtime from outside", path: "Sources/Engine/A.swift",
            text: "let a = runtime.random.next()\nlet b = clock.now()\ncase .Task: { c }\nd(plan.now)\n", lines: []),
        Sample(
            rule: "the engine has its runtime from outside", path: "Sources/Admin/A.swift", text: "Task { a() }\n",
            lines: []),
        Sample(rule: "dangerous code has a reason", text: "struct A: @unchecked Sendable {}\n", lines: [1]),
        Sample(rule: "dangerous code has a reason", text: "let a = 1\nlet b = try! c()\n", lines: [2]),
        Sample(
            rule: "dangerous code has a reason", text: "let b = c as! Int\nlet d = e.first!\nlet f = g()!\n",
            lines: [1, 2, 3]),
        Sample(
            rule: "dangerous code has a reason", text: "// The list was filled above.\nlet b = c.first!\n", lines: []),
        Sample(rule: "dangerous code has a reason", text: "if !a, b != c, d() != e, [f] != g {}\n", lines: []),
        Sample(rule: "nothing is public", text: "public struct A {}\n", lines: [1]),
        Sample(rule: "nothing is public", text: "let a = b(.public)\n", lines: []),
        Sample(rule: "only newel prints", text: "func a() { print(1) }\n", lines: [1]),
        Sample(rule: "only newel prints", path: "Sources/newel/A.swift", text: "print(1)\n", lines: []),
        Sample(rule: "only newel prints", text: "writer.print(1)\n", lines: []),
        Sample(rule: "no machine path is named", path: "README.md", text: "See\n/wo" + "rk/main/a\n", lines: [2]),
        Sample(
            rule: "no machine path is named", path: ".ci/run", text: "swift build --scratch-path /tmp" + "/b-a\n",
            lines: [1]
        ),
    ]

    private static func function(lines: Int) -> String {
        "struct A {\n    func a(_ b: () -> Int = { 1 }) -> [Int] {\n"
            + String(repeating: "        c(\"}\")\n", count: lines - 2)
            + "    }\n}\n"
    }

    @Test("A rule finds what breaks it, and only that.", arguments: samples)
    func finds(_ sample: Sample) throws {
        let rule = try #require(Rules.all.first { $0.name == sample.rule }).rule
        #expect(rule(SourceFile(path: sample.path, text: sample.text)).map(\.line) == sample.lines)
    }

    @Test("Every rule has a sample that breaks it.")
    func everyRule() {
        let caught = Set(Self.samples.filter { !$0.lines.isEmpty }.map(\.rule))
        #expect(caught == Set(Rules.all.map(\.name)))
    }

    @Test("A third protocol is found.")
    func thirdProtocol() {
        let file = SourceFile(
            path: "Sources/Engine/A.swift", text: "package protocol A: Sendable {}\nlet b = c.protocol\n")
        #expect(TidyTests.protocols(of: file) == ["A"])
    }
}
