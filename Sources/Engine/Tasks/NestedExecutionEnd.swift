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
        readUntilItSucceeds("A nested execution could not be read", of: arn) { [self] () throws(ServiceError) in
            let id = try storedExecution(arn: arn).record.id
            nestedWaits.add(task, for: id)
            // It may have ended before the task waited.
            if try storedExecution(arn: arn).record.stopDate != nil { nestedExecutionEnded(id) }
        } failed: { [self] error in
            fail(task, error)
        }
    }

    private func fail(_ task: TaskInvocation, _ error: ServiceError) {
        let failure = Failure(error: ErrorName.taskFailed, cause: error.message)
        post(
            .outcome(
                execution: task.execution, stimulus: .taskFailed(task: task.scheduledEvent, failure)),
            to: task.execution)
    }

    /// Does on a reader lane what reads the store. After a passing error it is done again a second later, until the
    /// engine drains; any other is given to `failed`.
    private func readUntilItSucceeds(
        _ fault: Logger.Message, of execution: String, _ body: @escaping @Sendable () throws(ServiceError) -> Void,
        failed: @escaping @Sendable (ServiceError) -> Void
    ) {
        readers.perform { [self] in
            guard !isDraining else { return }
            do throws(ServiceError) { try body() } catch {
                guard error.isTransient else { return failed(error) }
                logger.error(fault, metadata: ["execution": "\(execution)", "error": "\(error.message)"])
                runtime.executor.run(on: .background, after: Self.readPause) { [self] in
                    readUntilItSucceeds(fault, of: execution, body, failed: failed)
                }
            }
        }
    }

    /// In milliseconds.
    private static let readPause: Int64 = 1_000

    /// An execution has ended, and that is durable: the tasks that wait for it get its outcome.
    func nestedExecutionEnded(_ id: Int64) {
        guard nestedWaits.contains(id) else { return }
        let fault: Logger.Message = "The end of a nested execution could not be read"
        readUntilItSucceeds(fault, of: String(id)) { [self] () throws(ServiceError) in
            let ended = try storedDescription(id: id)
            let redrive = redriveStatus(of: ended, now: clock())
            for task in nestedWaits.take(id) {
                post(
                    .outcome(execution: task.execution, stimulus: ended.outcome(of: task, redrive)),
                    to: task.execution)
            }
        } failed: { [self] error in
            for task in nestedWaits.take(id) { fail(task, error) }
        }
    }

    private func storedDescription(id: Int64) throws(ServiceError) -> ExecutionDescription {
        do throws(StoreError) {
            if let record = try store.execution(id: id) {
                let entry = try catalog.entry(revision: record.revision)
                if configuration.isVisible(record, clock()) {
                    return try storedDescription(entry.executionARN(record.name), record, entry)
                }
            }
        } catch { throw .unreadable(error) }
        throw .executionDoesNotExist(String(id))
    }

    /// Stops the execution that a task has started and no longer waits for; then the task is forgotten. A store that
    /// cannot be read is asked again; a process that ends before does it at its next start.
    func stopJob(of task: TaskID) {
        nestedWaits.remove(task)
        let fault: Logger.Message = "A nested execution could not be stopped"
        readUntilItSucceeds(fault, of: String(task.execution)) { [self] () throws(ServiceError) in
            guard let nested = try storedNestedExecution(of: task) else {
                return post(.jobStopped(task), to: task.execution)
            }
            let record = try storedExecution(arn: nested.child).record
            guard record.stopDate == nil else { return post(.jobStopped(task), to: task.execution) }
            let cause = """
                The Task state in AWS Step Functions execution [\(nested.parent)] which was managing this \
                resource was aborted
                """
            let caller = replies.register { [self] reply in
                if let error = reply.error { return jobNotStopped(task, error) }
                post(.jobStopped(task), to: task.execution)
            }
            post(
                .stop(
                    StopCommand(
                        execution: record.id, arn: nested.child, failure: Failure(cause: cause), replyTo: caller)),
                to: record.id)
        } failed: { [self] error in
            jobNotStopped(task, error)
        }
    }

    private func jobNotStopped(_ task: TaskID, _ error: ServiceError) {
        if error.isTransient {
            return runtime.executor.run(on: .background, after: Self.readPause) { [self] in
                if !isDraining { stopJob(of: task) }
            }
        }
        // Not there: nothing has come of the start. Anything else is tried again at the next start.
        if error.code == .executionDoesNotExist || error.code == .invalidArn {
            post(.jobStopped(task), to: task.execution)
        }
    }

    /// The execution that the action of a `.sync` task has started, and whose task it is; `nil` for another task.
    private func storedNestedExecution(of task: TaskID) throws(ServiceError) -> (child: String, parent: String)? {
        do throws(StoreError) {
            guard let record = try store.execution(id: task.execution) else { return nil }
            let event = task.scheduledEvent
            let rows = try store.events(execution: task.execution, from: event, through: event, limit: 1)
            guard let found = try rows.first?.events().first(where: { $0.id == event }),
                case .taskScheduled(let scheduled) = found.kind, scheduled.hasJob
            else { return nil }
            let parent = try catalog.entry(revision: record.revision).executionARN(record.name)
            let attempt = TaskInvocation(
                execution: task.execution, executionARN: parent, scheduledEvent: event, scheduled: scheduled)
            return (NestedExecution(scheduled.input.value, attempt: attempt).arn, parent)
        } catch { throw .unreadable(error) }
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
