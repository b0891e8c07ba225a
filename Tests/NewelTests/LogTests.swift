// Log lines in every format, and what cannot get into them.

import Logging
import Testing

@testable import newel

@Suite("Log lines")
struct LogTests {
    private func line(
        _ format: LogFormat, _ level: Logger.Level = .info, _ message: String = "Ready",
        _ metadata: [(String, String)] = [("api", "127.0.0.1:8083"), ("why", "two words")], colour: Bool = false
    ) -> String {
        LogLine(
            time: 1_795_403_309_495, level: level, label: "newel", message: message,
            metadata: metadata.map { (key: $0.0, value: $0.1) }
        ).line(format, colour: colour)
    }

    @Test("Text is for people: a clock, a level, a sentence, pairs.")
    func text() {
        #expect(line(.text) == #"03:08:29.495 info    Ready api=127.0.0.1:8083 why="two words""#)
        #expect(line(.text, colour: true).contains("\u{1B}[32minfo"))
    }

    @Test("The journal gets one line an event, with its priority in front.")
    func journal() {
        #expect(line(.journal) == #"<6>Ready api=127.0.0.1:8083 why="two words""#)
        #expect(line(.journal, .critical).hasPrefix("<2>"))
        #expect(line(.journal, .error).hasPrefix("<3>"))
        #expect(line(.journal, .warning).hasPrefix("<4>"))
        #expect(line(.journal, .notice).hasPrefix("<5>"))
        #expect(line(.journal, .debug).hasPrefix("<7>"))
    }

    @Test("JSON and logfmt carry time, level and event.")
    func machines() {
        #expect(
            line(.json)
                == #"{"time":"2026-11-23T03:08:29.495Z","level":"info","event":"Ready","api":"127.0.0.1:8083","why":"two words"}"#
        )
        #expect(
            line(.logfmt)
                == #"time=2026-11-23T03:08:29.495Z level=info event="Ready" api=127.0.0.1:8083 why="two words""#)
    }

    static let hostile = [
        "a\nb", "a\r\nb", "\u{1B}[2J", "\u{0}", "\u{85}", "\u{2028}x", "\u{9B}31m", "a\u{7F}", "\"quoted\"\n<0>forged",
    ]

    @Test("Nothing that a client sends breaks a line or reaches the terminal.", arguments: hostile)
    func injection(text: String) {
        for format in [LogFormat.text, .journal, .json, .logfmt] {
            let line = line(format, .info, text, [("name", text)])
            #expect(
                line.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }, "\(format)")
            #expect(!line.unicodeScalars.contains { $0.value == 0x2028 || $0.value == 0x2029 })
        }
    }
}
