// Clients of a world that read, and the administrator who lets retention run and releases executions.

import Core
import Engine
import EngineSupport
import Expressions
import States
import Storage

extension World {
    func read(_ engine: Engine) {
        switch chance.number(below: 3) {
        case 0: describe(engine)
        case 1: list(engine)
        default: history(engine)
        }
    }

    private func describe(_ engine: Engine) {
        guard let start = ledger.anyStart(chance.number(below: 1_000)) else { return }
        let (call, life) = (call(.describe), life!)
        let expiry = expiry
        life.ask { () throws(ServiceError) in
            try await engine.describeExecution(arn: start.arn)
        } reply: { [self] result in
            guard answered(call, in: life) else { return }
            switch result {
            case .success(let found): checkVisible(found.record, since: expiry, .describe)
            case .failure(let error):
                check(error, .describe, allowed: [.executionDoesNotExist])
                if error.code == .executionDoesNotExist { noteMissing(start.arn, .describe) }
            }
        }
    }

    private func list(_ engine: Engine) {
        let (call, life) = (call(.list), life!)
        let machine = Machines.standard[chance.number(below: 4)]
        let expiry = expiry
        life.ask { () throws(ServiceError) in
            try await engine.listExecutions(machineARN: Self.machineARN(machine), status: nil, after: nil, limit: 100)
        } reply: { [self] result in
            guard answered(call, in: life) else { return }
            switch result {
            case .success(let page): for record in page.executions { checkVisible(record, since: expiry, .list) }
            case .failure(let error): check(error, .list)
            }
        }
    }

    private func history(_ engine: Engine) {
        guard let start = ledger.anyStart(chance.number(below: 1_000)) else { return }
        let (call, life) = (call(.history), life!)
        life.ask { () throws(ServiceError) in
            try await engine.executionHistory(arn: start.arn, from: nil, reverse: false, limit: 1_000)
        } reply: { [self] result in
            guard answered(call, in: life) else { return }
            switch result {
            case .success(let page):
                let stored = events(page.execution.id)
                if page.events != Array(stored.prefix(page.events.count)) || page.events.isEmpty {
                    ledger.violate("history of \(start.arn): not what is stored")
                }
            case .failure(let error):
                check(error, .history, allowed: [.executionDoesNotExist])
                if error.code == .executionDoesNotExist { noteMissing(start.arn, .history) }
            }
        }
    }

    /// `expiry` is that of the request: what had expired then is visible to no client.
    private func checkVisible(_ record: ExecutionRecord, since expiry: Timestamp?, _ operation: Operation) {
        guard !kind.setsClock, let expiry, let stopDate = record.stopDate, stopDate < expiry else { return }
        ledger.violate("\(operation.rawValue) shows execution \(record.id), which has expired")
    }

    // MARK: - The administrator

    func prune(_ engine: Engine) {
        guard kind.configuration.retention != nil, !calls.values.contains(.prune) else { return }
        // A daemon that is not slowed by faults answers before its clients' time is over.
        if chance.number(below: 2) == 0, !isCalm, kind.isFaulty || calls.isEmpty { time.milliseconds += 400_000 }
        let (call, life) = (call(.prune), life!)
        life.ask { () throws(ServiceError) in
            try await engine.prune(rest: {})
        } reply: { [self] result in
            guard answered(call, in: life) else { return }
            if case .failure(let error) = result { check(error, .prune) }
        }
    }

    /// Releases an execution from quarantine, or ends it there.
    func release(_ engine: Engine) {
        let quarantined = engine.quarantine.all
        guard !quarantined.isEmpty else { return }
        let id = quarantined[chance.number(below: quarantined.count)].execution
        let (call, life) = (call(.release), life!)
        if chance.number(below: 2) == 0 { store.repair() }
        // Outcomes that came meanwhile were not taken: the tasks are dispatched again.
        life.attempts = life.attempts.filter { $0.execution != id }
        life.ask { () throws(ServiceError) in
            try await engine.releaseExecution(id: id)
        } reply: { [self] result in
            guard answered(call, in: life) else { return }
            if case .failure(let error) = result { check(error, .release, allowed: [.executionDoesNotExist]) }
        }
    }
}
