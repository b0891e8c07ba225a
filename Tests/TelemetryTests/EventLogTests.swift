// The files of the execution log.

import Telemetry
import Testing

@Suite("Files of the execution log")
struct EventLogTests {
    @Test(
        "A log group has a file of its own, whose name stays in the folder and is no option of a command.",
        arguments: [
            ("/aws/vendedlogs/states/x-Logs", "+aws+vendedlogs+states+x-Logs.log"), ("a/b", "a+b.log"),
            ("a-b", "a-b.log"), ("/a/b", "+a+b.log"), ("a+b", "a%2Bb.log"),
            ("a\0b", "a%00b.log"), ("-rf", "%2Drf.log"),
            ("../x", "%2E.+x.log"), ("..", "%2E..log"), (".", "%2E.log"), ("", "%.log"), ("a%2Bb", "a%252Bb.log"),
            ("Ä", "%C3%84.log"), ("#1_a", "#1_a.log"),
        ])
    func fileNames(group: String, name: String) {
        #expect(EventLog.fileName(group) == name)
    }

    @Test("Long log groups that differ at their end differ in their file names, which the file system takes.")
    func longFileNames() {
        let names = ["a", "b"].map { EventLog.fileName("/" + String(repeating: "x", count: 510) + $0) }
        #expect(names[0] != names[1])
        #expect(names.allSatisfy { $0.utf8.count <= 255 })
    }
}
