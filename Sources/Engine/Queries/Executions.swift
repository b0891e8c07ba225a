// DescribeExecution, ListExecutions, GetExecutionHistory: read from the store, the writer is never asked.

import JSON
import Core
package import States
package import Storage

/// An execution with what its first and last events say.
package struct ExecutionDescription: Sendable {
    package var arn: String
    package var record: ExecutionRecord
    package var entry: MachineEntry
    /// The client's own text; `nil` where an execution in quarantine, or one stopped from it, has a damaged history.
    package var input: String?
    package var outcome: Execution.Status
}

/// Events of one execution, with its row and its machine.
package typealias HistoryPage = (events: [JournalRecord], execution: ExecutionRecord, machine: MachineEntry)

extension Engine {
    /// The row of an execution and its machine. InvalidArn, ExecutionDoesNotExist.
    func execution(
        arn: String, _ completion: @escaping Completion<(record: ExecutionRecord, entry: MachineEntry)>
    ) {
        let parsed: ResourceARN
        do throws(ServiceError) { parsed = try ResourceARN(execution: arn) } catch {
            return completion(.failure(error))
        }
        let found: Completion<(record: ExecutionRecord, entry: MachineEntry)?> = { result in
            completion(
                result.flatMap { found in found.map { .success($0) } ?? .failure(.executionDoesNotExist(arn)) })
        }
        readers.read(found) { [self] () throws(StoreError) in try storedExecution(parsed) }
    }

    /// The same for work that is on a reader lane already.
    func storedExecution(arn: String) throws(ServiceError) -> (record: ExecutionRecord, entry: MachineEntry) {
        let parsed = try ResourceARN(execution: arn)
        let found: (record: ExecutionRecord, entry: MachineEntry)?
        do throws(StoreError) { found = try storedExecution(parsed) } catch { throw .unreadable(error) }
        guard let found else { throw .executionDoesNotExist(arn) }
        return found
    }

    private func storedExecution(
        _ arn: ResourceARN
    ) throws(StoreError) -> (record: ExecutionRecord, entry: MachineEntry)? {
        let machineARN = arn.machineOfExecution
        // A deleted machine's executions stay.
        let known = catalog.entry(arn: machineARN)?.record.id
        let id: Int64? = if let known { known } else { try store.machine(arn: machineARN)?.id }
        guard let machine = id, let record = try store.execution(machine: machine, name: arn.parts[1]),
            configuration.isVisible(record, clock())
        else { return nil }
        return (record, try catalog.entry(revision: record.revision))
    }

    /// Describes an execution. InvalidArn, ExecutionDoesNotExist.
    package func describeExecution(arn: String, completion: @escaping Completion<ExecutionDescription>) {
        execution(arn: arn) { [self] found in
            switch found {
            case .success(let (record, entry)):
                readers.read(completion) { [self] () throws(StoreError) in try storedDescription(arn, record, entry) }
            case .failure(let error): completion(.failure(error))
            }
        }
    }

    /// An execution with what its first and last events say, for work that is on a reader lane.
    func storedDescription(
        _ arn: String, _ record: ExecutionRecord, _ entry: MachineEntry
    ) throws(StoreError) -> ExecutionDescription {
        var outcome = Execution.Status.running
        var input: String?
        let first = try undamagedRow(of: record, holding: 1)
        for event in first?.events ?? [] {
            if case .executionStarted(let started) = event.kind { input = started.input.text }
            outcome = event.kind.outcome ?? outcome
        }
        if record.stopDate != nil, first?.last != record.lastEventID {
            let last = try undamagedRow(of: record, holding: record.lastEventID)
            for event in last?.events ?? [] { outcome = event.kind.outcome ?? outcome }
        }
        return ExecutionDescription(arn: arn, record: record, entry: entry, input: input, outcome: outcome)
    }

    /// The events of the row that holds an event, and the id of its last; `nil` where the row is damaged and the
    /// execution is in quarantine or was stopped from it. Throws `.corrupt` for any other: its answer would not be
    /// whole.
    private func undamagedRow(
        of record: ExecutionRecord, holding event: Int
    ) throws(StoreError) -> (events: [JournalRecord], last: Int)? {
        do throws(StoreError) {
            let rows = try store.events(execution: record.id, from: event, through: event, limit: 1)
            guard let row = rows.first else { return nil }
            return (try row.events(), row.lastID)
        } catch {
            if error.code == .corrupt, [.running, .aborted].contains(record.status) { return nil }
            throw error
        }
    }

    /// Executions of a machine, or those that were started by the version or alias that the ARN names, newest start
    /// first, after the position `after`. StateMachineDoesNotExist.
    package func listExecutions(
        machineARN: String, status: ExecutionStatus?, after: ExecutionQuery.Position?, limit: Int,
        completion: @escaping Completion<(machine: MachineEntry, executions: [ExecutionRecord])>
    ) {
        let target: MachineLookup
        do throws(ServiceError) { target = try lookUp(machineARN) } catch { return completion(.failure(error)) }
        let entry = target.newest
        guard entry.record.type == MachineType.standard.rawValue else {
            return completion(
                .failure(
                    ServiceError(
                        .stateMachineTypeNotSupported,
                        "This operation is not supported by this type of state machine")))
        }
        let query = ExecutionQuery(
            machine: entry.record.id, status: status, version: target.alias == nil ? target.version?.number : nil,
            alias: target.alias, closedSince: configuration.expiry(clock()), after: after, limit: limit)
        readers.read(completion) { [self] () throws(StoreError) in (entry, try store.executions(query)) }
    }

    /// Events of an execution from id `from` on, in the order of their ids, or backwards.
    /// ExecutionDoesNotExist.
    package func executionHistory(
        arn: String, from: Int?, reverse: Bool, limit: Int, completion: @escaping Completion<HistoryPage>
    ) {
        execution(arn: arn) { [self] found in
            switch found {
            case .success(let (record, entry)):
                let last = record.lastEventID
                let low = reverse ? max(1, (from ?? last) - limit + 1) : from ?? 1
                let high = reverse ? from ?? last : min(last, low + limit - 1)
                guard low <= high else { return completion(.success(([], record, entry))) }
                readers.read(completion) { [self] () throws(StoreError) in
                    (try page(of: record.id, low...high, reverse: reverse), record, entry)
                }
            case .failure(let error): completion(.failure(error))
            }
        }
    }

    /// Events of a range from its beginning, or from its end: all of them, or as many as a page holds.
    private func page(
        of execution: Int64, _ range: ClosedRange<Int>, reverse: Bool
    ) throws(StoreError) -> [JournalRecord] {
        let maximumBytes = configuration.limits.api.maximumHistoryPageBytes
        let rows = Limits.Store.maximumHistoryRows
        var events: [JournalRecord] = []
        var bytes = 0
        var left: ClosedRange<Int>? = range
        while let rest = left, bytes < maximumBytes {
            let step =
                reverse
                ? max(rest.lowerBound, rest.upperBound - rows + 1)...rest.upperBound
                : rest.lowerBound...min(rest.upperBound, rest.lowerBound + rows - 1)
            var found: [JournalRecord] = []
            for row in try store.events(
                execution: execution, from: step.lowerBound, through: step.upperBound, limit: rows)
            {
                found += try row.events().filter { step.contains($0.id) }
            }
            for event in reverse ? found.reversed() : found where bytes < maximumBytes {
                events.append(event)
                bytes += event.kind.payloadBytes
            }
            if reverse {
                left = step.lowerBound > rest.lowerBound ? rest.lowerBound...(step.lowerBound - 1) : nil
            } else {
                left = step.upperBound < rest.upperBound ? (step.upperBound + 1)...rest.upperBound : nil
            }
        }
        return events
    }

    /// The machine at the revision that an execution runs.
    package func stateMachine(forExecution arn: String, completion: @escaping Completion<MachineEntry>) {
        execution(arn: arn) { completion($0.map(\.entry)) }
    }
}

extension ResourceARN {
    /// Throws InvalidArn for what is not the ARN of a Standard execution.
    fileprivate init(execution arn: String) throws(ServiceError) {
        self = try ResourceARN(arn, types: ["execution"])
        guard parts.count == 2 else { throw .invalidARN("Invalid ARN: \(arn)") }
    }
}

extension ExecutionRecord {
    /// `arn:…:stateMachine:NAME:VERSION` of the version that it was started by.
    package func versionARN(of machine: MachineEntry) -> String? { version.map { "\(machine.record.arn):\($0)" } }

    /// `arn:…:stateMachine:NAME:ALIAS` of the alias that it was started through.
    package func aliasARN(of machine: MachineEntry) -> String? { alias.map { "\(machine.record.arn):\($0)" } }
}
