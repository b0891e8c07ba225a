// Events of executions as CloudWatch Logs has them (history.md §4).

import Core
package import Engine
import JSON
import States
import Storage

/// One event of an execution as one line of JSON, for a machine whose `loggingConfiguration` asks for it.
package struct ExecutionLogLine: Sendable, Equatable {
    /// Milliseconds since 1970.
    package var time: Int64
    package var text: String

    /// The lines of what a turn has made, those of the wanted level, in order.
    package static func lines(of logged: LoggedEvents, region: String) -> [ExecutionLogLine] {
        let region = Scope(ofARN: logged.executionARN)?.region ?? region
        let logging = logged.entry.logging
        return logged.events.filter { logging.level.shows($0.kind.history.severity) }.map { event in
            ExecutionLogLine(event, logged, EventView(logged, region: region))
        }
    }

    /// All scalars are strings, the keys in snake case, the details lifted out of their wrapper.
    private init(_ event: JournalRecord, _ logged: LoggedEvents, _ view: EventView) {
        time = event.timestamp.milliseconds
        var writer = JSONObjectWriter()
        writer.string("id", String(event.id))
        writer.string("type", event.kind.history.typeName)
        writer.object("details") { $0.details(of: event.kind, view) }
        writer.string("previous_event_id", String(event.previous))
        writer.string("event_timestamp", String(event.timestamp.milliseconds))
        writer.string("execution_arn", logged.executionARN)
        writer.string("redrive_count", String(logged.redriveCount))
        text = writer.finish { String(decoding: $0, as: UTF8.self) }
    }
}

extension EventView {
    fileprivate init(_ logged: LoggedEvents, region: String) {
        self.init(
            showsData: logged.entry.logging.includeExecutionData, region: region,
            versionARN: logged.version.map { "\(logged.entry.record.arn):\($0)" },
            aliasARN: logged.alias.map { "\(logged.entry.record.arn):\($0)" })
    }
}

extension LoggingConfiguration.Level {
    /// Which events are of a level, by the table of AWS's developer guide on logging.
    func shows(_ severity: HistoryForm.Severity) -> Bool {
        switch self {
        case .off: false
        case .all: true
        case .error: severity != .information
        case .fatal: severity == .fatal
        }
    }
}
