// What has arrived for a shard and in which order it is taken.

import Storage

/// The inputs of a shard in three classes. What clients and the start of the process ask for comes first, then what
/// tasks, timers and evaluation threads bring, then executions that continue and those that others start. No class
/// starves another: each turn has places for all.
///
/// Starts are fair between machines. Nested starts of one machine are taken newest first: a tree of executions that
/// start one another is walked in depth, so that what waits stays small.
struct Mailbox {
    private var requests = Fifo<ShardInput>()
    private var reports = Fifo<ShardInput>()
    private var continuations = Fifo<ShardInput>()
    private var starts = MachineQueues()
    private var nestedStarts = MachineQueues()
    private(set) var count = 0

    /// Of a turn's places: those kept for reports, and for continuations and nested starts.
    private static let reportShare = 4
    private static let continuationShare = 8

    var isEmpty: Bool { count == 0 }

    /// Requests of clients that wait.
    var requestCount: Int { requests.count + starts.count }

    var nestedCount: Int { nestedStarts.count }

    mutating func append(_ input: ShardInput) {
        count += 1
        switch input.urgency {
        case .request: requests.append(input)
        case .report: reports.append(input)
        case .continuation: continuations.append(input)
        case .start(let machine): starts.append(input, of: machine)
        case .nestedStart(let machine): nestedStarts.append(input, of: machine)
        }
    }

    /// Puts back what a turn had no room for: first in its class.
    mutating func putBack(_ inputs: [ShardInput]) {
        var requests: [ShardInput] = []
        var reports: [ShardInput] = []
        var continuations: [ShardInput] = []
        var starts: [Int64: [ShardInput]] = [:]
        for input in inputs.reversed() {
            switch input.urgency {
            case .request: requests.append(input)
            case .report: reports.append(input)
            case .continuation: continuations.append(input)
            case .start(let machine): starts[machine, default: []].append(input)
            case .nestedStart(let machine): nestedStarts.append(input, of: machine)
            }
        }
        count += inputs.count
        for (machine, inputs) in starts.sorted(by: { $0.key < $1.key }) {
            self.starts.prepend(inputs.reversed(), of: machine)
        }
        if !requests.isEmpty { self.requests.prepend(requests.reversed()) }
        if !reports.isEmpty { self.reports.prepend(reports.reversed()) }
        if !continuations.isEmpty { self.continuations.prepend(continuations.reversed()) }
    }

    /// Takes at most `limit` inputs for a turn.
    mutating func take(_ limit: Int) -> [ShardInput] {
        let background = min(continuations.count + nestedCount, max(1, limit / Self.continuationShare))
        let reported = min(reports.count, max(1, limit / Self.reportShare))
        let requested = max(1, limit - background - reported)
        var taken = requests.pop(max(1, requested - min(starts.count, requested / 2)))
        starts.pop(max(1, requested - taken.count), into: &taken)
        taken += reports.pop(max(reported, limit - taken.count - background))
        let rest = max(1, limit - taken.count)
        // A nested start makes two more at worst; executions under way come to an end.
        taken += continuations.pop(max(1, rest - min(nestedCount, rest / 2)))
        nestedStarts.pop(
            min(max(1, limit - taken.count), max(1, limit / Self.continuationShare)), newestFirst: true, into: &taken)
        count -= taken.count
        return taken
    }

    /// Takes all that is left.
    mutating func takeAll() -> [ShardInput] {
        defer { self = Mailbox() }
        var all = requests.pop(.max) + reports.pop(.max) + continuations.pop(.max)
        starts.pop(.max, into: &all)
        nestedStarts.pop(.max, into: &all)
        return all
    }
}

extension ShardInput {
    fileprivate enum Urgency {
        case request
        case report
        case continuation
        case start(machine: Int64)
        case nestedStart(machine: Int64)
    }

    fileprivate var urgency: Urgency {
        switch self {
        case .start(let command):
            command.depth == 0
                ? .start(machine: command.entry.record.id) : .nestedStart(machine: command.entry.record.id)
        case .startChild(let start): .nestedStart(machine: start.command.entry.record.id)
        // A start of the process is not over before all open tasks are out again: executions that multiply meanwhile
        // must not come before them.
        case .stop, .redrive, .report, .ping, .release, .dismissWaiters, .redeliver, .readMessages: .request
        case .delivered, .stopJob, .message, .outcome, .wake, .advanced: .report
        case .proceed: .continuation
        }
    }

    /// Whether a client waits for it: refused if too much waits already.
    var isRequest: Bool {
        switch self {
        case .start, .startChild, .redrive, .report: true
        // Ending work is always taken.
        case .stop, .ping, .release, .dismissWaiters, .delivered, .stopJob, .message, .readMessages, .outcome, .wake,
            .redeliver, .advanced, .proceed:
            false
        }
    }
}
