// The end of a world: faults are off, and everything comes to its end or waits for something that has a name.

import Core
import Engine
import States
import Storage

extension World {
    /// Lets everything come to its end.
    func settle() {
        isCalm = true
        losesReply = false
        store.clearFaults()
        store.repair()
        if life.isOver { begin() }
        life.fuse = nil
        life.executor.losesTimer = false
        comeToRest()
        checkWhatWaits()
        stopWhatWaits()
        comeToRest()
        pruneAll()
        checkEmpty()
    }

    /// Until nothing moves any more. Bounded: a world that never rests is a violation.
    private func comeToRest() {
        for _ in 0..<200_000 {
            if life.isOver { begin() }
            if life.executor.step() || life.runner.finishOne() || workers.act() || serve() { continue }
            guard let next = nextMove else { return }
            time.milliseconds = max(time.milliseconds + 1, next)
        }
        let load = life.engine.map { "\($0.load)" } ?? "not open"
        ledger.violate("the world never comes to rest: at \(clock.now()), calls \(calls.values), engine \(load)")
    }

    /// What waits for a client that has no fault: tasks of activities, executions in quarantine.
    private func serve() -> Bool {
        guard let engine = life.engine else { return false }
        if engine.load.activityTasks > 0, !calls.values.contains(.poll) {
            for name in [Machines.activity, Machines.deletableActivity] { poll(engine, name) }
            return true
        }
        if !engine.quarantine.all.isEmpty, !calls.values.contains(.release) {
            release(engine)
            return true
        }
        return false
    }

    /// When something happens that does not only come round every few seconds; `nil` where nothing does.
    private var nextMove: Int64? {
        let wake = store.peek { $0.wakes.values.min() }.map { wake in
            time.milliseconds + max(0, wake.milliseconds - clock.now().milliseconds)
        }
        let moves = [wake, life.runner.nextReady, workers.next, calls.isEmpty ? nil : time.milliseconds + 1_000]
        let soon = moves.compactMap { $0 }.min().map { $0 < time.milliseconds + Self.horizon } ?? false
        guard soon || life.executor.isBusy(within: Self.horizon) else { return nil }
        return life.executor.nextDue
    }

    /// A Task's default time-out is years: nothing that is further away than this ends a world.
    private static let horizon: Int64 = 3_600_000

    // MARK: - What waits

    /// What still runs waits for an outcome that never comes, or for a worker that has died.
    private func checkWhatWaits() {
        for execution in running {
            if execution.wakeAt.map({ $0 < clock.now().adding(milliseconds: Self.horizon) }) == true {
                ledger.violate("execution \(execution.id) is due and does not move")
            } else if journal.open.keys.allSatisfy({ $0.execution != execution.id }), !isLate(execution) {
                ledger.violate("execution \(execution.id) runs and waits for nothing")
            }
        }
        let never = Set(life.runner.never)
        for (task, operation) in journal.open {
            switch operation {
            case .functionTask: if !never.contains(task) { ledger.violate("task \(task) is open and not in flight") }
            case .nestedTask: if !hasOpenChild(task) { ledger.violate("task \(task) waits for what has ended") }
            // Its worker, or the holder of its token, has died.
            default: break
            }
        }
    }

    private func hasOpenChild(_ task: TaskID) -> Bool { !running.filter { $0.id != task.execution }.isEmpty }

    private var running: [ExecutionRecord] {
        store.peek { contents in
            contents.executions.values.filter { $0.status == .running }.sorted { $0.id < $1.id }
        }
    }

    /// A process that starts after the clock was set back takes the timers of its predecessor for later ones.
    private func isLate(_ execution: ExecutionRecord) -> Bool { kind.setsClock && execution.wakeAt != nil }

    private func stopWhatWaits() {
        guard let engine = life.engine else { return ledger.violate("the engine is not open at the end") }
        for execution in running {
            let machine = store.peek { $0.machines[execution.machine]?.arn } ?? ""
            let arn = ExecutionARN.make(machine, execution.name)
            if Machines.express != machine.split(separator: ":").last.map(String.init) { stop(engine, arn) }
        }
    }

    private func pruneAll() {
        guard let engine = life.engine, let retention = kind.configuration.retention else { return }
        time.milliseconds += retention + 120_000
        prune(engine)
        comeToRest()
        let expiry = clock.now().adding(milliseconds: -retention - 60_000)
        let left = store.peek { $0.executions.values.filter { ($0.stopDate ?? .distantFuture) < expiry }.count }
        // After the clock was set back ids are not in the order of start dates, and retention ends at the first that is
        // recent.
        if left > 0, !kind.setsClock { ledger.violate("retention has left \(left) executions that have expired") }
    }

    // MARK: - Nothing is left

    private func checkEmpty() {
        guard let engine = life.engine else { return }
        // Polls end by themselves.
        let load = engine.load
        let express = running.count
        if load.commandsQueued.contains(where: { $0 > 0 }) { ledger.violate("commands are queued at the end") }
        if load.tasksInFlight > express { ledger.violate("\(load.tasksInFlight) tasks are in flight at the end") }
        if load.pollers > 0 { ledger.violate("\(load.pollers) workers wait at the end") }
        if load.activityTasks > 0 { ledger.violate("\(load.activityTasks) activity tasks wait at the end") }
        if engine.pendingReplies > 0 { ledger.violate("\(engine.pendingReplies) replies are pending at the end") }
        let messages = store.peek { $0.messages.count }
        if messages > 0 { ledger.violate("\(messages) messages are in the store at the end") }
        for operation in calls.values { ledger.violate("\(operation.rawValue) never had a reply") }
        if journal.open.count > express { ledger.violate("tasks are open at the end: \(journal.open)") }
    }
}
