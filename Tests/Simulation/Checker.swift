// What must be true of every world, checked from the store alone.

import Core
import Engine
import JSON
import JSON
import States
import Storage

/// Reads rows, decodes events and folds them, apart from the code that it checks.
struct Checker {
    let world: World

    func check(_ report: inout World.Report) {
        let rows = world.store.peek { $0.everyExecution }
        let machines = world.store.peek { $0.machines }
        var histories: [Int64: [JournalRecord]] = [:]
        for row in rows {
            let name = machines[row.machine]?.name ?? ""
            // An Express execution leaves nothing.
            if name == Machines.express { continue }
            let events = world.events(row.id)
            histories[row.id] = events
            report.executions += 1
            report.events += events.count
            let found = HistoryCheck(record: row, events: events, world: world).findings
            world.ledger.violate(found, of: "\(name) \(row.name) (\(row.id))")
        }
        checkPromises(rows, machines, histories)
        checkChildren(rows, machines, histories)
        if !world.kind.isFaulty { checkNumbers(rows, machines) }
        report.violations = world.ledger.violations
    }

    // MARK: - What was acknowledged

    private func checkPromises(
        _ rows: [ExecutionRecord], _ machines: [Int64: MachineRecord], _ histories: [Int64: [JournalRecord]]
    ) {
        let ledger = world.ledger
        let byStart = Dictionary(grouping: rows) { $0.startDate }
        for start in ledger.starts {
            let fields = start.arn.split(separator: ":").map(String.init)
            let row = byStart[start.startDate]?.first { row in
                machines[row.machine]?.name == fields[6]
                    && (row.name == fields[7] || row.name == ExecutionRecord.nameOfExpired(row.id))
            }
            guard let row else {
                ledger.violate("\(start.arn) was acknowledged and is not there")
                continue
            }
            if case .executionStarted(let started)? = histories[row.id]?.first?.kind, started.input.text != start.input
            {
                ledger.violate("\(start.arn) has the input \(started.input.text) instead of \(start.input)")
            }
        }
        for (id, date) in ledger.stops {
            let isThere = histories[id]?.contains { $0.kind.isTerminal && $0.timestamp == date } ?? false
            if !isThere { ledger.violate("execution \(id) was stopped at \(date), which its history does not have") }
        }
        for (id, _, date) in ledger.redrives {
            let isThere = histories[id]?.contains { $0.kind.isRedrive && $0.timestamp == date } ?? false
            if !isThere { ledger.violate("execution \(id) was redriven at \(date), which its history does not have") }
        }
        for (id, events) in histories {
            let redrives = events.filter(\.kind.isRedrive).count
            if redrives > ledger.redriveRequests[id] ?? 0 { ledger.violate("execution \(id) was redriven too often") }
        }
        for (task, report) in ledger.reports {
            let events = histories[task.execution] ?? []
            let outcome = events.outcome(of: task.scheduledEvent)
            if outcome?.kind.reports(report) != true, !world.hasReachedLimit(events) {
                ledger.violate("task \(task) was ended by \(report), its history has \(outcome?.kind as Any)")
            }
        }
        checkCatalog(machines)
    }

    private func checkCatalog(_ machines: [Int64: MachineRecord]) {
        for machine in machines.values where machine.name != Machines.deletable {
            if world.ledger.definitions[machine.name]?.contains(machine.revision.definition) != true {
                world.ledger.violate("\(machine.name) has a definition that no client gave it last")
            }
        }
    }

    // MARK: - Nested executions

    /// The outcome of a task that waited for an execution is that execution's own.
    private func checkChildren(
        _ rows: [ExecutionRecord], _ machines: [Int64: MachineRecord], _ histories: [Int64: [JournalRecord]]
    ) {
        var byARN: [String: [ExecutionRecord]] = [:]
        for row in rows {
            guard let arn = machines[row.machine]?.arn else { continue }
            byARN[ExecutionARN.make(arn, row.name), default: []].append(row)
        }
        for (id, events) in histories {
            for event in events {
                guard case .taskScheduled(let scheduled) = event.kind, scheduled.resource.contains(".sync"),
                    let outcome = events.outcome(of: event.id), let child = outcome.kind.nested,
                    let arn = child["ExecutionArn"]?.stringValue
                else { continue }
                let ends = (byARN[arn] ?? []).flatMap { histories[$0.id] ?? [] }.filter(\.kind.isTerminal)
                guard let end = ends.first(where: { Int($0.timestamp.milliseconds) == child["StopDate"]?.intValue })
                else {
                    // One that has expired has lost its name.
                    if world.kind.configuration.retention == nil || byARN[arn] != nil {
                        world.ledger.violate("execution \(id) has the end of \(arn), which has not ended then")
                    }
                    continue
                }
                if end.kind.status != child["Status"]?.stringValue {
                    world.ledger.violate("execution \(id) has another outcome than its child \(arn)")
                }
                if case .executionSucceeded(let ended) = end.kind, child["Output"]?.asText != ended.output.value.asText
                {
                    world.ledger.violate("execution \(id) has another output than its child \(arn)")
                }
            }
        }
    }

    // MARK: - Numbers

    /// Without faults: all that was started has been reported as closed, once for each time that it was opened.
    private func checkNumbers(_ rows: [ExecutionRecord], _ machines: [Int64: MachineRecord]) {
        let opened = rows.filter { machines[$0.machine]?.name != Machines.express }.reduce(0) { sum, row in
            sum + 1 + row.redriveCount
        }
        let closed = world.closed
        if closed.standard != opened { world.ledger.violate("\(opened) were opened, \(closed.standard) were closed") }
        if closed.express < world.expressStarts {
            world.ledger.violate("\(world.expressStarts) Express were started, \(closed.express) were closed")
        }
    }
}

extension Ledger {
    fileprivate func violate(_ found: [String], of execution: String) {
        for text in found { violate("\(execution): \(text)") }
    }
}

extension Array where Element == JournalRecord {
    /// The event that ended an attempt; `nil` where none did.
    func outcome(of scheduled: Int) -> JournalRecord? {
        guard let start = first(where: { $0.id == scheduled }) else { return nil }
        for event in self where event.id > scheduled && event.frame == start.frame {
            switch event.kind {
            case .taskSucceeded, .taskFailed, .taskTimedOut, .taskSubmitFailed: return event
            case .taskScheduled, .executionRedriven: return nil
            default: continue
            }
        }
        return nil
    }
}

extension RecordKind {
    /// What DescribeExecution says of a nested execution, of the event that ended the task.
    fileprivate var nested: JSONValue? {
        switch self {
        case .taskSucceeded(let succeeded): succeeded.output.value
        case .taskFailed(let failed): failed.failure.cause.flatMap { try? JSONValue.parse($0) }
        default: nil
        }
    }

    fileprivate var status: String? {
        switch self {
        case .executionSucceeded: "SUCCEEDED"
        case .executionFailed: "FAILED"
        case .executionAborted: "ABORTED"
        case .executionTimedOut: "TIMED_OUT"
        default: nil
        }
    }
}

extension JSONValue {
    /// A payload as text, whether it is given as one or as a value.
    fileprivate var asText: String { stringValue ?? text }
}
