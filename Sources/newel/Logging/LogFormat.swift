// One event, one line, in the form that its reader wants.

import Core
import Logging
import States

enum LogFormat: String, Sendable, CaseIterable {
    /// `journal` under systemd, `text` elsewhere.
    case auto
    case text
    case journal
    case json
    case logfmt
}

/// An event on its way to a line.
struct LogLine {
    /// Milliseconds since 1970.
    var time: Int64
    var level: Logger.Level
    var label: String
    var message: String
    var metadata: [(key: String, value: String)]

    func line(_ format: LogFormat, colour: Bool) -> String {
        switch format {
        case .auto, .text: text(colour)
        case .journal: "<\(level.priority)>\(Self.oneLine(message))\(pairs)"
        case .json: json
        case .logfmt:
            "time=\(clockText) level=\(level.rawValue) event=\(Self.quoted(message, always: true))\(pairs)"
        }
    }

    private func text(_ colour: Bool) -> String {
        let clock = clockText.dropFirst(11).dropLast()
        let name =
            level.rawValue.count < 7
            ? level.rawValue + String(repeating: " ", count: 7 - level.rawValue.count) : level.rawValue
        guard colour else { return "\(clock) \(name) \(Self.oneLine(message))\(pairs)" }
        return
            "\u{1B}[2m\(clock)\u{1B}[0m \(level.colour)\(name)\u{1B}[0m \(Self.oneLine(message))\u{1B}[2m\(pairs)\u{1B}[0m"
    }

    /// RFC 3339 in UTC with milliseconds.
    private var clockText: String { Timestamp(milliseconds: time).iso8601 }

    private var pairs: String { metadata.map { " \($0.key)=\(Self.quoted($0.value, always: false))" }.joined() }

    private var json: String {
        let members =
            [("time", clockText), ("level", level.rawValue), ("event", message)] + metadata.map { ($0.key, $0.value) }
        return "{" + members.map { "\(Self.jsonString($0)):\(Self.jsonString($1))" }.joined(separator: ",") + "}"
    }

    // MARK: - What a client sends must not break a line

    /// Control characters, escape sequences among them, become spaces.
    static func oneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
    }

    private static func quoted(_ text: String, always: Bool) -> String {
        let plain =
            !text.isEmpty && !text.unicodeScalars.contains { isControl($0) || " \"=\\".unicodeScalars.contains($0) }
        return plain && !always ? text : jsonString(text)
    }

    private static func jsonString(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isControl(scalar):
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// C0, DEL, C1 and the two line separators of Unicode.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value)
    }
}

extension Logger.Level {
    /// syslog's severities, as sd-daemon(3) prefixes lines with them.
    var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    fileprivate var colour: String {
        switch self {
        case .trace, .debug: "\u{1B}[2m"
        case .info: "\u{1B}[32m"
        case .notice: "\u{1B}[36m"
        case .warning: "\u{1B}[33m"
        case .error, .critical: "\u{1B}[31m"
        }
    }
}
