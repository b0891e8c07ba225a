// Which events of its executions a machine wants logged, and where (api.md §5, LoggingConfiguration).

import Core
import JSON

package struct LoggingConfiguration: Sendable, Equatable {
    package enum Level: String, Sendable {
        case all = "ALL"
        case error = "ERROR"
        case fatal = "FATAL"
        case off = "OFF"
    }

    package var level: Level
    /// Whether inputs and outputs are shown.
    package var includeExecutionData: Bool
    /// The ARN of the log group, `arn:aws:logs:…:log-group:NAME:*`; `nil` where none is named.
    package var logGroupARN: String?

    /// The name of the log group.
    package var logGroup: String? {
        let fields = logGroupARN?.fields(by: ":", most: 7) ?? []
        guard fields.count == 7 else { return nil }
        return fields[6].hasSuffix(":*") ? String(fields[6].dropLast(2)) : String(fields[6])
    }

    /// Reads the text that the store keeps.
    package init(stored text: String) {
        let value = (try? JSONValue.parse(text)) ?? .null
        level = value["level"]?.stringValue.flatMap { Level(rawValue: $0) } ?? .off
        includeExecutionData = value["includeExecutionData"]?.boolValue ?? false
        logGroupARN = value["destinations"]?.arrayValue?.first?["cloudWatchLogsLogGroup"]?["logGroupArn"]?.stringValue
    }
}
