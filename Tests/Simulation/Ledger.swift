// What clients and workers of a world have as replies: promises, which hold over all crashes.

import Integrations
import Core
import Engine
import States

/// Kept apart from the engine. Whatever it has is checked against the store at the end.
final class Ledger: @unchecked Sendable {
    /// A start that was acknowledged.
    struct Start {
        var arn: String
        var startDate: Timestamp
        var input: String
    }

    /// How a worker ended a task, and that was acknowledged.
    enum Report: Equatable {
        case succeeded(String)
        case failed(cause: String)
    }

    private(set) var violations: [String] = []
    private(set) var starts: [Start] = []
    private(set) var stops: [(execution: Int64, date: Timestamp)] = []
    private(set) var redrives: [(execution: Int64, token: String?, date: Timestamp)] = []
    private(set) var reports: [TaskID: Report] = [:]
    /// When the newest heartbeat was sent that was acknowledged, by the world's time.
    private(set) var heartbeats: [TaskID: Int64] = [:]
    /// How often a redrive was asked for, by execution.
    var redriveRequests: [Int64: Int] = [:]
    /// Definitions that a machine may have: the last that was acknowledged, and those whose fate is not known.
    var definitions: [String: [String]] = [:]
    /// Highest version that was acknowledged, by machine.
    var versions: [String: Set<Int>] = [:]

    func violate(_ text: String) { violations.append(text) }

    /// A second acknowledgement for the same name is for the same execution and input.
    func started(_ start: Start, expiry: Timestamp?) {
        for known in starts where known.arn == start.arn {
            if known.startDate == start.startDate {
                if known.input == start.input { return }
                violate("\(start.arn) was started with \(known.input) and with \(start.input)")
            } else if expiry == nil {
                violate("\(start.arn) was started at \(known.startDate) and at \(start.startDate)")
            }
        }
        starts.append(start)
    }

    func stopped(_ execution: Int64, _ date: Timestamp) { stops.append((execution, date)) }

    func redriven(_ execution: Int64, _ token: String?, _ date: Timestamp) { redrives.append((execution, token, date)) }

    func reported(_ task: TaskID, _ report: Report) {
        if let known = reports.updateValue(report, forKey: task) {
            violate("task \(task) was ended by \(known) and by \(report)")
        }
    }

    func heartbeat(_ task: TaskID, sent: Int64) { heartbeats[task] = max(sent, heartbeats[task] ?? 0) }

    /// Any start that was acknowledged; a late one more often.
    func anyStart(_ draw: Int) -> Start? {
        guard !starts.isEmpty else { return nil }
        let recent = min(starts.count, 12)
        return draw % 3 == 0 ? starts[draw / 3 % starts.count] : starts[starts.count - 1 - draw / 3 % recent]
    }
}
