// What must be true of each history.

import Core
import Engine
import States
import Storage

/// The findings about one execution's events and row.
struct HistoryCheck {
    let record: ExecutionRecord
    let events: [JournalRecord]
    let world: World

    var findings: [String] {
        var found: [String] = []
        if events.map(\.id) != Array(1...max(1, events.count)) { found.append("ids are not 1, 2, 3 …") }
        if events.count != record.lastEventID {
            found.append("\(events.count) events, the row says \(record.lastEventID)")
        }
        found += ends + chain + attempts + iterations + timers + evaluations + fold + dates
        return found
    }

    /// One terminal event at the end, and one before each redrive.
    private var ends: [String] {
        var found: [String] = []
        for (event, next) in zip(events, events.dropFirst()) where event.kind.isTerminal != next.kind.isRedrive {
            found.append("event \(event.id) ends the execution, event \(next.id) follows")
        }
        if events.last?.kind.isTerminal != true { found.append("no terminal event at the end") }
        return found
    }

    private var dates: [String] {
        var found: [String] = []
        let times = events.map(\.timestamp)
        if !world.kind.setsClock, times != times.sorted() { found.append("time runs backwards") }
        if times.first != record.startDate || times.last != record.stopDate {
            found.append("it starts and stops at other times than its row says")
        }
        return found
    }

    /// `previous` points back to an event of the history, or is 0.
    private var chain: [String] {
        events.filter { $0.previous < 0 || $0.previous >= $0.id }.map { "event \($0.id) points to \($0.previous)" }
    }

    /// Every outcome belongs to the newest Scheduled event of its frame, and each has one at most.
    private var attempts: [String] {
        var open: Set<FrameID> = []
        var found: [String] = []
        for event in events {
            switch event.kind {
            case .taskScheduled: open.insert(event.frame)
            case .taskSucceeded, .taskFailed, .taskTimedOut, .taskSubmitFailed:
                if open.remove(event.frame) == nil { found.append("event \(event.id) ends an attempt that is none") }
            case .activityStarted, .taskSubmitted:
                if !open.contains(event.frame) { found.append("event \(event.id) is of an attempt that has ended") }
            case .executionRedriven: open = []
            default: break
            }
        }
        return found
    }

    /// No more iterations of a Map of the outermost frame run at once than it allows.
    private var iterations: [String] {
        var limit = 0
        var running: Set<Int> = []
        var name: String?
        var found: [String] = []
        for event in events {
            switch event.kind {
            case .mapStateStarted(let started) where event.frame == 0:
                limit = started.concurrency
                running = []
            case .mapIterationStarted(let started) where event.frame == 0:
                name = started.iteration.name
                running.insert(started.iteration.index)
                if running.count > limit { found.append("event \(event.id) starts one iteration too many") }
            case .mapIterationSucceeded(let succeeded) where succeeded.iteration.name == name:
                running.remove(succeeded.iteration.index)
            // Iterations that had failed run again, without an event of their own.
            case .executionRedriven: return found
            default: break
            }
        }
        return found
    }

    /// Nothing happens before its time, by the execution's own dates. Where the wall clock was set they say nothing.
    private var timers: [String] {
        if world.kind.setsClock { return [] }
        var until: [FrameID: Timestamp] = [:]
        var found: [String] = []
        func check(_ event: JournalRecord, _ what: String) {
            if let at = until[event.frame], event.timestamp < at { found.append("\(what) \(event.id) is early") }
        }
        for event in events {
            switch event.kind {
            case .stateEntered(let entered): until[event.frame] = entered.waitUntil
            case .stateExited(let exited) where exited.type == .wait: check(event, "the end of wait")
            case .taskScheduled(let scheduled):
                check(event, "retry")
                until[event.frame] = scheduled.deadline
            case .taskTimedOut where isMissedHeartbeat(event): break
            case .taskTimedOut: check(event, "time-out")
            case .taskSucceeded, .taskFailed, .taskSubmitFailed: until[event.frame] = nil
            case .executionRedriven: until = [:]
            default: break
            }
            if let retry = event.retry { until[retry.frame] = retry.at }
        }
        return found
    }

    /// Whether the time-out is that of a heartbeat, and not before its time: one that was acknowledged lets the task
    /// have its full time again.
    private func isMissedHeartbeat(_ event: JournalRecord) -> Bool {
        guard let scheduled = events.last(where: { $0.id < event.id && $0.frame == event.frame && $0.kind.schedules }),
            case .taskScheduled(let task) = scheduled.kind, let seconds = task.heartbeatSeconds,
            event.timestamp >= scheduled.timestamp.adding(seconds: seconds)
        else { return false }
        if let deadline = task.deadline, event.timestamp >= deadline { return true }
        let id = TaskID(execution: record.id, scheduledEvent: scheduled.id)
        guard let sent = world.ledger.heartbeats[id], let at = world.journal.time(of: event.id, in: record.id) else {
            return true
        }
        // A skewed clock gains or loses a thousandth.
        return at >= sent + Int64(seconds) * 990
    }

    /// The definitions' expressions are made so that each has a value, whatever was restored after a crash.
    private var evaluations: [String] {
        events.compactMap { event in
            guard case .evaluationFailed(let failed) = event.kind else { return nil }
            return "event \(event.id): \(failed.failure.cause ?? failed.state)"
        }
    }

    /// The fold of the events is what the row says.
    private var fold: [String] {
        var execution = Execution(
            Execution.Identity(id: record.id, arn: "", name: record.name, machineARN: "", machineName: ""))
        for event in events { execution.apply(event) }
        let status: ExecutionStatus =
            switch execution.status {
            case .created, .running: .running
            case .succeeded: .succeeded
            case .failed: .failed
            case .aborted: .aborted
            case .timedOut: .timedOut
            }
        var found = status == record.status ? [] : ["the fold is \(status), the row \(record.status)"]
        if execution.redrives.count != record.redriveCount {
            found.append("the fold has \(execution.redrives.count) redrives, the row \(record.redriveCount)")
        }
        return found
    }
}

extension RecordKind {
    fileprivate var schedules: Bool { if case .taskScheduled = self { true } else { false } }
}
