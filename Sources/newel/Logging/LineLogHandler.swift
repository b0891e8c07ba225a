// swift-log's end in this process.

import Glibc
import Logging

/// Turns what is logged into lines. Never logs payloads: callers hand over names, ARNs and figures.
struct LineLogHandler: LogHandler {
    let label: String
    let sink: LogSink
    let format: LogFormat
    let colour: Bool
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: Logging.LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let given = event.metadata { all.merge(given) { $1 } }
        write(event.level, "\(event.message)", all)
    }

    private func write(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let line = LogLine(
            time: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000, level: level, label: label,
            message: message, metadata: metadata.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") })
        sink.write(line.line(format, colour: colour))
    }
}

enum Logs {
    /// The logger of a process: lines for people on a terminal, one line with its priority an event under journald.
    static func logger(
        _ log: Configuration.Log, sink: LogSink, environment: [String: String]
    ) -> Logger {
        let underJournal = environment["JOURNAL_STREAM"] != nil
        let format = log.format == .auto ? (underJournal ? .journal : .text) : log.format
        let colour =
            format == .text && isatty(STDERR_FILENO) == 1 && environment["NO_COLOR"] == nil
            && environment["TERM"] != "dumb"
        return Logger(label: "newel") { label in
            LineLogHandler(label: label, sink: sink, format: format, colour: colour, logLevel: log.level)
        }
    }
}
