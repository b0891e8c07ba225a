// Which executions are in quarantine and why, and how an administrator gets them out.

package import Core
import JSON
import Logging
import States
package import Storage

/// An execution in quarantine, for an administrator.
package struct QuarantinedExecution: Sendable {
    package var record: QuarantineRecord
    /// `nil` where the execution's row, or its machine, cannot be read.
    package var arn: String?
}

extension Engine {
    /// All executions in quarantine.
    package func quarantinedExecutions(_ completion: @escaping Completion<[QuarantinedExecution]>) {
        let records = quarantine.all
        readers.read(completion) { [self] () throws(StoreError) in
            records.map { QuarantinedExecution(record: $0, arn: storedARN(of: $0.execution)) }
        }
    }

    /// Lets an execution in quarantine continue. ExecutionDoesNotExist if it is in none.
    package func releaseExecution(id: Int64, completion: @escaping Completion<Void>) {
        guard quarantine.contains(id) else { return completion(.failure(.executionDoesNotExist(String(id)))) }
        command {
            .release(ReleaseCommand(execution: id, replyTo: $0))
        } _: { [self] reply in
            if let error = reply.error { return completion(.failure(error)) }
            post(.redeliver(execution: id, nil), to: id)
            completion(.success(()))
        }
    }

    /// Ends an execution in quarantine as ABORTED. ExecutionDoesNotExist if it is in none.
    package func stopQuarantinedExecution(id: Int64, completion: @escaping Completion<Void>) {
        guard quarantine.contains(id) else { return completion(.failure(.executionDoesNotExist(String(id)))) }
        command {
            .stop(StopCommand(execution: id, arn: String(id), failure: Failure(), replyTo: $0))
        } _: {
            completion($0.date.map { _ in })
        }
    }

    /// Says what the process before was doing when it ended, and puts executions into quarantine that were being
    /// advanced twice then.
    func reportPreviousEnd() {
        guard let previous = crashRecord?.previous, previous.isSuspicious || previous.wasEvaluating else { return }
        var metadata: Logger.Metadata = [:]
        if let signal = previous.signal { metadata["signal"] = "\(signal)" }
        if !previous.executions.isEmpty {
            let names = previous.executions.map { storedARN(of: $0) ?? String($0) }
            metadata["advancing"] = "\(names.joined(separator: " "))"
        }
        if previous.wasEvaluating { metadata["evaluating"] = "for a client" }
        logger.warning("The process before ended in the middle of its work", metadata: metadata)
        for execution in previous.poison { quarantinePoison(execution) }
    }

    /// How long each suspect may have the engine to itself.
    private static let suspectMilliseconds: Int64 = 500

    /// Moves the executions that were being advanced when the process ended, one at a time and before all others: if
    /// the process ends again, it is known which of them is the reason. Those that have nothing to do yet, or take
    /// long, are left for later.
    func advance(suspects: ArraySlice<Int64>, _ completion: @escaping @Sendable () -> Void) {
        guard let id = suspects.first else { return completion() }
        let rest = suspects.dropFirst()
        if quarantine.contains(id) { return advance(suspects: rest, completion) }
        let first = FirstValue<Void> { [self] in advance(suspects: rest, completion) }
        let redelivered = replies.register { [self] _ in
            post(.wake(execution: id, replies.register { _ in first.give(()) }), to: id)
        }
        post(.redeliver(execution: id, redelivered), to: id)
        runtime.executor.run(on: .background, after: Self.suspectMilliseconds) { first.give(()) }
    }

    private func quarantinePoison(_ execution: Int64) {
        let entry = QuarantineRecord(
            execution: execution, date: clock(), reason: .endedTheProcess,
            details: "It was being advanced when the process ended, twice without a completed turn between.")
        do throws(StoreError) {
            guard let record = try store.execution(id: execution), record.status == .running else { return }
            try store.commit([.quarantine(entry), record.woken(at: nil)], epoch: epoch)
        } catch {
            // It is kept out of this life all the same.
            logger.error("A quarantine could not be stored", metadata: ["error": "\(error)"])
        }
        quarantine.add(entry)
        log(entry)
    }

    func log(_ entry: QuarantineRecord) {
        logger.error(
            "An execution is in quarantine: it is not advanced until it is released or stopped",
            metadata: [
                "execution": "\(storedARN(of: entry.execution) ?? String(entry.execution))",
                "reason": "\(entry.reason.rawValue)", "details": "\(entry.details)",
            ])
    }

    private func storedARN(of execution: Int64) -> String? { store.executionARN(of: execution) }
}

extension Store {
    /// The ARN of an execution; `nil` where its row, or its machine, cannot be read.
    fileprivate func executionARN(of execution: Int64) -> String? {
        guard let record = try? self.execution(id: execution), let machine = try? nameOfMachine(id: record.machine)
        else { return nil }
        return ExecutionARN.make(machine.arn, record.name, MachineType(rawValue: machine.type) ?? .standard)
    }
}

/// The quarantine of a store that no daemon holds.
package struct StoredQuarantine {
    private let store: any Store
    private let epoch: Epoch

    /// Takes the store.
    package init(store: any Store) throws(StoreError) {
        self.store = store
        epoch = try store.claim()
    }

    package func executions() throws(StoreError) -> [QuarantinedExecution] {
        try store.quarantined().map { QuarantinedExecution(record: $0, arn: store.executionARN(of: $0.execution)) }
    }

    /// Ends an execution as ABORTED.
    package func stop(_ execution: Int64, at now: Timestamp) throws(StoreError) {
        guard let record = try store.execution(id: execution), record.status == .running else {
            return try store.commit([.release(execution: execution)], epoch: epoch)
        }
        let tasks = try store.openTasks(of: execution)
        try store.commit(record.stopped(Failure(), at: now, closing: tasks), epoch: epoch)
    }

    /// Lets an execution continue at the daemon's next start.
    package func release(_ execution: Int64, at now: Timestamp) throws(StoreError) {
        var changes = [Change.release(execution: execution)]
        if let record = try store.execution(id: execution), record.status == .running {
            changes.append(record.woken(at: now))
        }
        try store.commit(changes, epoch: epoch)
    }
}
