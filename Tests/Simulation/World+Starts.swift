// Clients of a world that start, stop and redrive executions.

import Core
import Engine
import EngineSupport
import Expressions
import JSON
import States
import Storage

extension World {
    static let scope = Scope()
    static let account = "arn:aws:states:us-east-1:000000000000"

    static func machineARN(_ name: String) -> String { "\(account):stateMachine:\(name)" }

    /// A client, or an administrator, asks for something.
    func request() {
        guard let engine = life.engine else { return }
        switch chance.number(below: 100) {
        case 0..<34: start(engine)
        case 34..<40: startExpress(engine)
        case 40..<44: startSync(engine)
        case 44..<50: stop(engine)
        case 50..<56: redrive(engine)
        case 56..<74: poll(engine)
        case 74..<84: changeCatalog(engine)
        case 84..<96: read(engine)
        case 96..<98: prune(engine)
        default: release(engine)
        }
    }

    // MARK: - Starts

    private func start(_ engine: Engine) {
        let drawn = chance.number(below: 10)
        let operation: Operation = drawn < 2 ? .startUnnamed : drawn < 5 && names > 0 ? .startRepeated : .startNamed
        if operation == .startNamed { names += 1 }
        let machine = Machines.standard[chance.number(below: Machines.standard.count)]
        var arn = Self.machineARN(machine)
        if chance.number(below: 4) == 0, let version = ledger.versions[machine]?.max() { arn += ":\(version)" }
        let input = RandomMachine.input(&chance).text
        let name = operation == .startUnnamed ? nil : "e\(names)"
        // A repeated request is often the very same.
        let known = ledger.starts.last { $0.arn.hasSuffix(":\(machine):\(name ?? "")") }
        let sent = operation == .startRepeated && chance.number(below: 3) > 0 ? known?.input ?? input : input
        start(engine, operation, StartExecution(stateMachineARN: arn, name: name, input: sent))
    }

    private func start(_ engine: Engine, _ operation: Operation, _ request: StartExecution) {
        let (call, life) = (call(operation), life!)
        engine.startExecution(request) { [self] result in
            guard answered(call, in: life) else { return }
            switch result {
            case .success(let started): acknowledged(started, request)
            case .failure(let error):
                check(
                    error, operation,
                    allowed: [.executionAlreadyExists, .stateMachineDoesNotExist, .stateMachineDeleting])
                if error.code == .executionAlreadyExists, operation == .startUnnamed {
                    ledger.violate("a start without a name is refused for its name")
                }
            }
        }
    }

    private func acknowledged(_ started: StartedExecution, _ request: StartExecution) {
        if started.arn.contains(":express:") {
            expressStarts += 1
            return
        }
        let input = request.input ?? "{}"
        ledger.started(
            Ledger.Start(arn: started.arn, startDate: started.startDate, input: input), expiry: expiry)
        guard row(started.arn, started.startDate) != nil else {
            return ledger.violate("\(started.arn) was acknowledged before it was stored")
        }
    }

    private func startExpress(_ engine: Engine) {
        start(
            engine, .startExpress,
            StartExecution(
                stateMachineARN: Self.machineARN(Machines.express), name: chance.number(below: 2) == 0 ? "x" : nil,
                input: RandomMachine.input(&chance).text))
    }

    private func startSync(_ engine: Engine) {
        let (call, life) = (call(.startSync), life!)
        let input = RandomMachine.input(&chance).text
        let request = StartExecution(stateMachineARN: Self.machineARN(Machines.express), input: input)
        life.ask { () throws(ServiceError) in
            try await engine.startSyncExecution(request)
        } reply: { [self] result in
            guard answered(call, in: life) else { return }
            switch result {
            case .success(let ended):
                expressStarts += 1
                if ended.input.text != input { ledger.violate("\(ended.arn) has another caller's input") }
                if [.created, .running].contains(ended.outcome) { ledger.violate("\(ended.arn) has not ended") }
            case .failure(let error): check(error, .startSync)
            }
        }
    }

    // MARK: - Stops and redrives

    private func stop(_ engine: Engine) {
        guard let start = ledger.anyStart(chance.number(below: 1_000)) else { return }
        stop(engine, start.arn)
    }

    func stop(_ engine: Engine, _ arn: String) {
        let (call, life) = (call(.stop), life!)
        life.ask { () throws(ServiceError) in
            try await engine.stopExecution(arn: arn, error: "Stopped", cause: nil)
        } reply: { [self] result in
            guard answered(call, in: life) else { return }
            switch result {
            case .success(let date):
                guard let row = row(arn) else { return noteMissing(arn, .stop) }
                ledger.stopped(row.id, date)
                if !events(row.id).contains(where: { $0.kind.isTerminal && $0.timestamp == date }) {
                    ledger.violate("\(arn): the stop at \(date) was acknowledged before it was stored")
                }
            case .failure(let error):
                check(error, .stop, allowed: [.executionDoesNotExist])
                if error.code == .executionDoesNotExist { noteMissing(arn, .stop) }
            }
        }
    }

    private func redrive(_ engine: Engine) {
        guard let start = ledger.anyStart(chance.number(below: 1_000)), let row = row(start.arn) else { return }
        let (call, life) = (call(.redrive), life!)
        let token = chance.number(below: 2) == 0 ? "token \(chance.number(below: 3))" : nil
        ledger.redriveRequests[row.id, default: 0] += 1
        life.ask { () throws(ServiceError) in
            try await engine.redriveExecution(arn: start.arn, clientToken: token)
        } reply: { [self] result in
            guard answered(call, in: life) else { return }
            switch result {
            case .success(let date):
                ledger.redriven(row.id, token, date)
                if !events(row.id).contains(where: { $0.kind.isRedrive && $0.timestamp == date }) {
                    ledger.violate("\(start.arn): the redrive at \(date) was acknowledged before it was stored")
                }
            case .failure(let error):
                check(error, .redrive, allowed: [.executionDoesNotExist, .executionNotRedrivable])
                if error.code == .executionDoesNotExist { noteMissing(start.arn, .redrive) }
            }
        }
    }

    // MARK: - What replies are checked against

    /// Rows that were closed before this time have expired; `nil` where none does.
    var expiry: Timestamp? { kind.configuration.retention.map { clock.now().adding(milliseconds: -$0) } }

    /// A fault may fail any request; without faults only what AWS has an error for does.
    func check(_ error: ServiceError, _ operation: Operation, allowed: Set<ServiceError.Code> = []) {
        trace.note("error", text: error.code.rawValue)
        if allowed.contains(error.code) { return }
        if kind.isFaulty, [.serviceUnavailable, .internalFailure, .throttlingException].contains(error.code) { return }
        ledger.violate("\(operation.rawValue): \(error.code.rawValue): \(error.message) \(error.cause ?? "")")
    }

    /// An execution that does not exist for a client has expired.
    func noteMissing(_ arn: String, _ operation: Operation) {
        guard let row = row(arn) else { return }
        // The clock may have been set since the request came.
        if kind.setsClock { return }
        guard let expiry, let stopDate = row.stopDate, stopDate < expiry else {
            return ledger.violate("\(operation.rawValue): \(arn) is stored and does not exist")
        }
    }

    /// The newest row of an execution's ARN that is in the store, or the one with that start date.
    func row(_ arn: String, _ startDate: Timestamp? = nil) -> ExecutionRecord? {
        let fields = arn.split(separator: ":").map(String.init)
        return store.peek { contents in
            guard let machine = contents.machines.values.first(where: { $0.name == fields[6] })?.id else { return nil }
            let id = contents.names[.init(machine: machine, name: fields[7])]
            if let row = id.flatMap({ contents.executions[$0] }) {
                if startDate == nil || row.startDate == startDate { return row }
            }
            return nil
        }
    }

    /// Whether the execution failed because its history had as many events as it may have: what came last is not in it.
    func hasReachedLimit(_ events: [JournalRecord]) -> Bool {
        events.count >= kind.configuration.limits.language.historyEvents - 1
    }

    func events(_ execution: Int64) -> [JournalRecord] {
        store.peek { $0.history(of: execution) }.flatMap { (try? $0.events()) ?? [] }
    }
}

extension RecordKind {
    var isRedrive: Bool { if case .executionRedriven = self { true } else { false } }
}
