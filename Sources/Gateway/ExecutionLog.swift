// The execution log: what API Gateway writes to CloudWatch about a request, line by line.

/// Takes the lines about a request. At `error` only what failed is written; at `info` also each step with its data,
/// which may hold what clients send in confidence: AWS calls it data trace and leaves it off.
package struct ExecutionLog: Sendable {
    package enum Level: Int, Sendable {
        case off
        case error
        case info
    }

    package let level: Level
    private let write: @Sendable (_ requestID: String, _ line: String) -> Void

    package init(level: Level, write: @escaping @Sendable (_ requestID: String, _ line: String) -> Void) {
        self.level = level
        self.write = write
    }

    package static let off = ExecutionLog(level: .off) { _, _ in }

    func info(_ requestID: String, _ line: @autoclosure () -> String) {
        if level == .info { write(requestID, line()) }
    }

    func error(_ requestID: String, _ line: @autoclosure () -> String) {
        if level != .off { write(requestID, line()) }
    }
}

extension ExecutionLog {
    /// `{id=1, q=a b}`
    static func map(_ values: [String: String]) -> String {
        "{" + values.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: ", ") + "}"
    }
}
