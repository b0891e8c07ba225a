// The lines of a unified diff.

import Testing

@testable import newel

@Suite("Differences of texts")
struct LineDifferenceTests {
    static let numbers = (1...20).map(String.init)

    /// The text with some of its lines replaced, by none where the replacement is empty.
    private func changed(_ changes: [Int: String]) -> String {
        Self.numbers.map { changes[Int($0) ?? 0] ?? $0 }.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var text: String { Self.numbers.joined(separator: "\n") }

    @Test("The same text has none.")
    func none() { #expect(LineDifference.text(text, text).isEmpty) }

    @Test("A changed line stands between three lines of each side.")
    func one() {
        #expect(
            LineDifference.text(text, changed([10: "ten"]))
                == "@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13")
    }

    @Test("Changes far from each other are hunks of their own, near ones are one.")
    func hunks() {
        let far = LineDifference.text(text, changed([1: "one", 20: "twenty"]))
        #expect(far == "@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n@@ -17,4 +17,4 @@\n 17\n 18\n 19\n-20\n+twenty")
        #expect(
            LineDifference.text(text, changed([5: "five", 11: "eleven"])).matches(of: /@@ -/).count == 1)
    }

    @Test("A line that is gone moves those behind it.")
    func gone() {
        #expect(LineDifference.text(text, changed([2: ""])) == "@@ -1,5 +1,4 @@\n 1\n-2\n 3\n 4\n 5")
    }

    @Test("Times are told as people read them.")
    func spans() {
        let spans: [(Double, String)] = [
            (0, "0 ms"), (0.0054, "5 ms"), (0.9996, "1.00 s"), (59.99, "59.99 s"), (60, "1 m 00 s"),
            (3725, "1 h 02 m"), (180_000, "2 d 02 h"), (-1, "0 ms"),
        ]
        for (seconds, text) in spans { #expect(Moment.span(seconds) == text) }
    }
}
