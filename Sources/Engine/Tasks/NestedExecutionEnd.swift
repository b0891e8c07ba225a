// `.sync`: the task ends with the execution that it started, and stops it when it is no longer waited for.

import Core
import JSON
import Logging
import States
import Storage
import Synchronization

/// Which tasks wait for the end of which executions. In memory alone: the tasks are open in the store, and a start lets
/// them wait again.
final class NestedExecutionWaits: Sendable {
    private let waits = Mutex<[Int64: [TaskInvocation]]>([:])

    func add(_ task: TaskInvocation, for execution: Int64) {
        waits.withLock { waits in
            if waits[execution]?.contains(where: { $0.id == task.id }) != true {
                waits[execution, default: []].append(task)
            }
        }
    }

    /// Takes out the tasks that wait for an execution.
    func take(_ execution: Int64) -> [TaskInvocation] { waits.withLock { $0.removeValue(forKey: execution) ?? [] } }

    func contains(_ execution: Int64) -> Bool { waits.withLock { $0[execution] != nil } }

    func remove(_ task: TaskID) {
        waits.withLock { waits in
            for (execution, tasks) in waits where tasks.contains(where: { $0.id == task }) {
                let left = tasks.filter { $0.id != task }
                waits[execution] = left.isEmpty ? nil : left
            }
        }
    }
}

extension Engine {
    /// Lets a task wait for the end of an execution, which may have come already. A store that cannot be read is asked
    /// again; an execution that is not there any more fails the task.
    func watch(_ arn: String, for task: TaskInvocation) {
        Task {
            while !isDraining {
                do throws(ServiceError) {
                    let id = try await execution(arn: arn).record.id
                    nestedWaits.add(task, for: id)
                    // It may have ended between the look and the wait.
                    if try await execution(arn: arn).record.stopDate != nil { nestedExecutionEnded(id) }
                    return
                } catch {
                    guard error.isTransient else { return fail(task, error) }
                    await pause("A nested execution could not be read", arn, error)
                }
            }
        }
    }

    private func fail(_ task: TaskInvocation, _ error: ServiceError) {
        let failure = Failure(error: ErrorName.taskFailed, cause: error.message)
        post(
            .outcome(
                execution: task.execution, stimulus: .taskFailed(task: task.scheduledEvent, failure)),
            to: task.execution)
    }

    private func pause(_ what: Logger.Message, _ execution: String, _ error: ServiceError) async {
        logger.error(what, metadata: ["execution": "\(execution)", "error": "\(error.message)"])
        try? await Task.sleep(for: .seconds(1))
    }

    /// An execution has ended, and that is safe: the tasks that wait for it hear of it.
    func nestedExecutionEnded(_ id: Int64) {
        guard nestedWaits.contains(id) else { return }
        Task {
            while !isDraining, nestedWaits.contains(id) {
                do throws(ServiceError) {
                    let ended = try await describeExecution(id: id)
                    let redrive = redriveStatus(of: ended, now: clock())
                    for task in nestedWaits.take(id) {
                        post(
                            .outcome(execution: task.execution, stimulus: ended.outcome(of: task, redrive)),
                            to: task.execution)
                    }
                } catch {
                    guard error.isTransient else {
                        for task in nestedWaits.take(id) { fail(task, error) }
                        return
                    }
                    await pause("The end of a nested execution could not be read", String(id), error)
                }
            }
        }
    }

    private func describeExecution(id: Int64) async throws(ServiceError) -> ExecutionDescription {
        let arn = try await readers.read { () throws(StoreError) -> String? in
            guard let record = try self.store.execution(id: id) else { return nil }
            return try self.catalog.entry(revision: record.revision).executionARN(record.name)
        }
        guard let arn else { throw .executionDoesNotExist(String(id)) }
        return try await describeExecution(arn: arn)
    }

    /// Stops the execution that a task has started and no longer waits for; then the task is forgotten. A store that
    /// cannot be read is asked again; a process that ends before does it at its next start.
    func stopJob(of task: TaskID) {
        nestedWaits.remove(task)
        Task {
            while !isDraining {
                do throws(ServiceError) {
                    if let nested = try await nestedExecution(of: task) {
                        let cause = """
                            The Task state in AWS Step Functions execution [\(nested.parent)] which was managing this \
                            resource was aborted
                            """
                        _ = try await stopExecution(arn: nested.child, error: nil, cause: cause)
                    }
                } catch {
                    if error.isTransient {
                        await pause("A nested execution could not be stopped", String(task.execution), error)
                        continue
                    }
                    // Not there: nothing has come of the start. Anything else is tried again at the next start.
                    guard error.code == .executionDoesNotExist || error.code == .invalidArn else { return }
                }
                return post(.jobStopped(task), to: task.execution)
            }
        }
    }

    /// The execution that the action of a `.sync` task has started, and whose task it is; `nil` for another task.
    private func nestedExecution(of task: TaskID) async throws(ServiceError) -> (child: String, parent: String)? {
        try await readers.read { () throws(StoreError) in
            guard let record = try self.store.execution(id: task.execution) else { return nil }
            let event = task.scheduledEvent
            let rows = try self.store.events(execution: task.execution, from: event, through: event, limit: 1)
            guard let found = try rows.first?.events().first(where: { $0.id == event }),
                case .taskScheduled(let scheduled) = found.kind, scheduled.hasJob
            else { return nil }
            let parent = try self.catalog.entry(revision: record.revision).executionARN(record.name)
            let attempt = TaskInvocation(
                execution: task.execution, executionARN: parent, scheduledEvent: event, scheduled: scheduled)
            return (NestedExecution(scheduled.input.value, attempt: attempt).arn, parent)
        }
    }
}

extension ExecutionDescription {
    /// What the end of this execution is to a task that waits for it.
    fileprivate func outcome(of task: TaskInvocation, _ redrive: RedriveStatus) -> Stimulus {
        let parsesPayloads = task.scheduled.resource.hasSuffix(".sync:2")
        let result = JSONValue.object(result(redrive, parsesPayloads: parsesPayloads))
        if case .succeeded = outcome { return .taskSucceeded(task: task.scheduledEvent, output: Payload(result)) }
        return .taskFailed(
            task: task.scheduledEvent, Failure(error: ErrorName.taskFailed, cause: result.text))
    }

    /// DescribeExecution's answer as the integration gives it, in AWS's order of keys; times in milliseconds since
    /// 1970.
    private func result(_ redrive: RedriveStatus, parsesPayloads: Bool) -> JSONObject {
        func payload(_ text: String) -> JSONValue {
            parsesPayloads ? (try? JSONValue.parse(text)) ?? .string(text) : .string(text)
        }
        var result = JSONObject()
        switch outcome {
        case .failed(let failure), .aborted(let failure), .timedOut(let failure):
            if let cause = failure.cause { result["Cause"] = .string(cause) }
            if let error = failure.error { result["Error"] = .string(error) }
        case .created, .running, .succeeded: break
        }
        result["ExecutionArn"] = .string(arn)
        if let input { result["Input"] = payload(input) }
        result["InputDetails"] = ["Included": .bool(input != nil)]
        result["Name"] = .string(record.name)
        if case .succeeded(let output) = outcome {
            result["Output"] = payload(output.text)
            result["OutputDetails"] = ["Included": true]
        }
        result["RedriveCount"] = .int(record.redriveCount)
        if let date = record.redriveDate { result["RedriveDate"] = .int(Int(date.milliseconds)) }
        switch redrive {
        case .redrivable: result["RedriveStatus"] = "REDRIVABLE"
        case .notRedrivable(let reason):
            result["RedriveStatus"] = "NOT_REDRIVABLE"
            result["RedriveStatusReason"] = .string(reason)
        }
        result["StartDate"] = .int(Int(record.startDate.milliseconds))
        result["StateMachineArn"] = .string(entry.record.arn)
        result["Status"] = .string(record.status.rawValue)
        result["StopDate"] = record.stopDate.map { .int(Int($0.milliseconds)) } ?? .null
        return result
    }
}
