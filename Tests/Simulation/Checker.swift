// What must be true of every world, checked from the store alone.

import JSON
import Core
import Engine
import States
import Storage

/// Stands apart from the code that it checks: reads rows, decodes events, folds them.
struct Checker {
    let world: World

    func check(_ report: inout World.Report) throws(StoreError) {
        report.violations = world.ledger.violations
        for (arn, input) in world.ledger.accepted.sorted(by: { $0.key < $1.key }) {
            guard let record = try world.process.record(arn) else {
                report.violations.append("\(arn) was accepted and is gone")
                continue
            }
            report.executions += 1
            try check(record, arn, input, &report)
        }
        if let task = try world.store.openTasks(after: nil, limit: 1).first {
            report.violations.append("task \(task) is open behind the end")
        }
    }

    private func check(
        _ record: ExecutionRecord, _ arn: String, _ input: String, _ report: inout World.Report
    ) throws(StoreError) {
        let rows = try world.store.events(execution: record.id, from: 1, through: .max, limit: .max)
        var events: [JournalRecord] = []
        for row in rows { events += try row.events() }
        report.events += events.count
        var found: [String] = []
        if events.map(\.id) != Array(1...max(1, events.count)) { found.append("ids are not 1, 2, 3 …") }
        if events.count != record.lastEventID {
            found.append("\(events.count) events, the row says \(record.lastEventID)")
        }
        if events.filter(\.kind.isTerminal).count != 1 || events.last?.kind.isTerminal != true {
            found.append("not one terminal event at the end")
        }
        if case .executionStarted(let started)? = events.first?.kind, started.input.text != input {
            found.append("input \(started.input.text) instead of \(input)")
        }
        found += chain(events) + attempts(events) + iterations(events) + timers(events) + evaluations(events)
        found += fold(record, arn, events)
        if let date = world.ledger.stopped[arn], record.stopDate != date {
            found.append("the client was told that it stopped at \(date), the row says \(record.stopDate as Any)")
        }
        if events.map(\.timestamp) != events.map(\.timestamp).sorted() { found.append("time runs backwards") }
        if events.first?.timestamp != record.startDate || events.last?.timestamp != record.stopDate {
            found.append("it starts and stops at other times than its row says")
        }
        report.violations += found.map { "\(arn): \($0)" }
    }

    /// `previous` points back to an event of the history, or is 0.
    private func chain(_ events: [JournalRecord]) -> [String] {
        events.filter { $0.previous < 0 || $0.previous >= $0.id }.map { "event \($0.id) points to \($0.previous)" }
    }

    /// Every outcome belongs to the newest Scheduled event of its strand, and each has one at most.
    private func attempts(_ events: [JournalRecord]) -> [String] {
        var open: Set<FrameID> = []
        var found: [String] = []
        for event in events {
            switch event.kind {
            case .taskScheduled: open.insert(event.frame)
            case .taskSucceeded, .taskFailed, .taskTimedOut:
                if open.remove(event.frame) == nil { found.append("event \(event.id) ends an attempt that is none") }
            default: break
            }
        }
        return found
    }

    /// No more iterations of a Map of the topmost strand run at once than it allows.
    private func iterations(_ events: [JournalRecord]) -> [String] {
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
            default: break
            }
        }
        return found
    }

    /// Nothing happens before its time.
    private func timers(_ events: [JournalRecord]) -> [String] {
        var until: [FrameID: Timestamp] = [:]
        var found: [String] = []
        for event in events {
            switch event.kind {
            case .stateEntered(let entered): until[event.frame] = entered.waitUntil
            case .stateExited(let exited) where exited.type == .wait:
                if let end = until[event.frame], event.timestamp < end { found.append("wait \(event.id) ends early") }
            case .taskScheduled(let scheduled):
                if let at = until[event.frame], event.timestamp < at { found.append("retry \(event.id) is early") }
                until[event.frame] = scheduled.deadline
            case .taskTimedOut:
                if let deadline = until[event.frame], event.timestamp < deadline {
                    found.append("timeout \(event.id) is early")
                }
            case .taskSucceeded, .taskFailed: until[event.frame] = nil
            default: break
            }
            if let retry = event.retry { until[retry.frame] = retry.at }
        }
        return found
    }

    /// The definitions' expressions are made so that each has a value, whatever was restored behind a crash.
    private func evaluations(_ events: [JournalRecord]) -> [String] {
        events.compactMap { event in
            guard case .evaluationFailed(let failed) = event.kind else { return nil }
            return "event \(event.id): \(failed.failure.cause ?? failed.state)"
        }
    }

    /// Folding the events gives what the row says.
    private func fold(_ record: ExecutionRecord, _ arn: String, _ events: [JournalRecord]) -> [String] {
        var execution = Execution(
            Execution.Identity(id: record.id, arn: arn, name: record.name, machineARN: "", machineName: ""))
        for event in events { execution.apply(event) }
        let status: ExecutionStatus =
            switch execution.status {
            case .created, .running: .running
            case .succeeded: .succeeded
            case .failed: .failed
            case .aborted: .aborted
            case .timedOut: .timedOut
            }
        return status == record.status ? [] : ["the fold is \(status), the row \(record.status)"]
    }
}
