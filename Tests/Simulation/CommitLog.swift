// What the store of a world has been given, beside the store itself: when, and which tasks are open.

import Core
import Engine
import States
import Storage

/// Follows the commits.
struct CommitLog {
    /// Tasks that are open in the store, by what they are.
    private(set) var open: [TaskID: Operation] = [:]
    /// When the events of an execution were committed, by the world's time: last event ids, ascending.
    private(set) var times: [Int64: [(last: Int, at: Int64)]] = [:]
    /// The longest time that a commit took, in milliseconds.
    var slowest: Int64 = 0
    var failed = 0

    /// The changes in a few words, for traces.
    static func summary(_ batch: [Change]) -> String {
        batch.map { change in
            switch change {
            case .turn(let turn):
                "\(turn.execution.id) \(turn.execution.status) to \(turn.execution.lastEventID) opens \(turn.openedTasks) closes \(turn.closedTasks)"
            case .deleteExecution(let id): "deletes \(id)"
            case .closeTask(let execution, let event): "closes \(execution) \(event)"
            default: "\(change)".prefix(60).description
            }
        }.joined(separator: "; ")
    }

    mutating func add(_ batch: [Change], at now: Int64) {
        for change in batch {
            switch change {
            case .turn(let turn): add(turn, at: now)
            case .closeTask(let execution, let event):
                open[TaskID(execution: execution, scheduledEvent: event)] = nil
            case .deleteExecution(let id): open = open.filter { $0.key.execution != id }
            default: break
            }
        }
    }

    private mutating func add(_ turn: ExecutionTurn, at now: Int64) {
        let id = turn.execution.id
        if let row = turn.events { times[id, default: []].append((row.lastID, now)) }
        let kinds = turn.openedTasks.isEmpty ? [:] : Self.kinds(of: turn)
        for event in turn.openedTasks {
            open[TaskID(execution: id, scheduledEvent: event)] = kinds[event] ?? .functionTask
        }
        for event in turn.closedTasks { open[TaskID(execution: id, scheduledEvent: event)] = nil }
    }

    private static func kinds(of turn: ExecutionTurn) -> [Int: Operation] {
        var kinds: [Int: Operation] = [:]
        for event in (try? turn.events?.events()) ?? [] {
            guard case .taskScheduled(let scheduled) = event.kind else { continue }
            kinds[event.id] = scheduled.operation
        }
        return kinds
    }

    /// When an event was committed; `nil` for one that never was.
    func time(of event: Int, in execution: Int64) -> Int64? {
        times[execution]?.first { $0.last >= event }?.at
    }
}

extension TaskScheduled {
    fileprivate var operation: Operation {
        switch family {
        case .activity: .activityTask
        case .lambdaFunction: .functionTask
        case .service(let type, let resource):
            resource.hasSuffix(".waitForTaskToken") ? .tokenTask : type == "states" ? .nestedTask : .functionTask
        }
    }
}
