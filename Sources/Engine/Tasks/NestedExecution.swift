// `arn:aws:states:::states:startExecution`, also `.sync`, `.sync:2` and `.waitForTaskToken`: a task that the engine
// does itself (integrations.md §4, states:startExecution).

import Core
import Integrations
import JSON
import States
import Storage

extension NestedStart {
    /// The failure of a task whose start the API refuses.
    static func failure(_ error: ServiceError, requestID: String) -> Failure {
        let status = error.code == .internalFailure || error.code == .serviceUnavailable ? 500 : 400
        return failure(code: error.code.rawValue, message: error.message, status: status, requestID: requestID)
    }
}

extension Engine {
    /// Whether the task is the engine's own; `done` then receives its failure, where it is not a message to its
    /// execution.
    func runOwn(_ invocation: TaskInvocation, _ done: @escaping @Sendable (TaskOutcome) -> Void) -> Bool {
        if invocation.scheduled.family == .activity {
            queues.offer(invocation)
            return true
        }
        guard case .service = invocation.scheduled.family, case .engine = invocation.scheduled.target.entry?.code
        else { return false }
        if let refusal = refusedRole(invocation) {
            done(.failed(Failure(error: ErrorName.taskFailed, cause: refusal)))
            return true
        }
        let nested = NestedStart(invocation.scheduled.input.value)
        do throws(ServiceError) { try start(nested, for: invocation, done) } catch {
            metrics.rejected(nil, error)
            done(Self.outcome(error, invocation))
        }
        return true
    }

    /// Why the task may not act as the role of another account that its Credentials name, `nil` where it may.
    private func refusedRole(_ invocation: TaskInvocation) -> String? {
        guard let role = invocation.scheduled.credentialsRoleARN, let mayAssume = configuration.mayAssume,
            let execution = try? ResourceARN(invocation.executionARN, types: ["execution", "express"])
        else { return nil }
        let account = ARN.fields(execution.text)[4]
        let fields = ARN.fields(role)
        guard fields.count > 4, fields[4] != account else { return nil }
        let machine = try? lookUp("\(execution.prefix):stateMachine:\(execution.parts[0])")
        let own = machine?.newest.revision.roleARN ?? "arn:\(fields[1]):iam::\(account):root"
        if mayAssume(role, own) { return nil }
        return "The role \(own) is not authorized to assume the task state's role, \(role)."
    }

    /// Whether the machine is of another region than the execution, or of another account than the one that the task
    /// acts in: the execution's own, or that of the role in its Credentials.
    private static func isForeign(_ machineARN: String, to invocation: TaskInvocation) -> Bool {
        guard let machine = try? ResourceARN(machineARN, types: ["stateMachine"]) else { return false }
        let own = ARN.fields(invocation.executionARN)
        let actsAs = invocation.scheduled.credentialsRoleARN.map(ARN.fields) ?? own
        guard own.count > 4, actsAs.count > 4 else { return false }
        let fields = ARN.fields(machine.text)
        return fields[3] != own[3] || fields[4] != actsAs[4]
    }

    /// Posts the start to the shard of the task's execution.
    private func start(
        _ nested: NestedStart, for invocation: TaskInvocation, _ done: @escaping @Sendable (TaskOutcome) -> Void
    ) throws(ServiceError) {
        let arn = nested.stateMachineARN
        if Self.isForeign(arn, to: invocation) { throw .stateMachineDoesNotExist(arn) }
        if invocation.scheduled.hasJob, (try? lookUp(arn).newest.type) == .express { throw .expressIsNotWaitedFor }
        let maximum = configuration.limits.language.nestedDepth
        guard invocation.depth < maximum else {
            // AWS has no such bound: the text is Newel's alone.
            return done(
                .failed(
                    Failure(
                        error: "StepFunctions.ExecutionLimitExceeded",
                        cause: ServiceError.nestedTooDeep(maximum).message)))
        }
        // The task stays open, and the next start of the process dispatches it again.
        if isDraining { return }
        let lookup = try lookUpStartable(arn)
        if let name = nested.name { try ResourceName.check(name) }
        let input = try ExecutionInput.payload(nested.input, limits: configuration.limits)
        withTarget(lookup) { [self] target in
            do throws(ServiceError) {
                let start = childStart(nested, of: try target.get(), input, for: invocation)
                let wait = nestedStarts.reserve(executionARN: invocation.executionARN, now: clock())
                if wait == 0 { return post(.startChild(start), to: invocation.execution) }
                runtime.executor.run(on: .background, after: wait) { [weak self] in
                    self?.post(.startChild(start), to: invocation.execution)
                }
            } catch {
                guard error.isTransient else { return done(Self.outcome(error, invocation)) }
                runtime.executor.run(on: .background, after: Self.readPause) { [self] in
                    do throws(ServiceError) { try self.start(nested, for: invocation, done) } catch {
                        done(Self.outcome(error, invocation))
                    }
                }
            }
        }
    }

    /// How long a store that could not be read is left alone, in milliseconds.
    private static let readPause: Int64 = 1_000

    private func childStart(
        _ nested: NestedStart, of target: MachineTarget, _ input: Payload, for invocation: TaskInvocation
    ) -> ChildStart {
        let entry = target.entry
        let name: String
        if entry.type == .express {
            name = entry.recordName(nested.name ?? invocation.uuid, runtime.random)
        } else {
            name = nested.name ?? freshName(entry, for: invocation)
        }
        let executionARN = entry.executionARN(name)
        // An Express execution is found by its id alone, and stays in the shard of its parent.
        let slot =
            entry.type == .express ? Slot.of(execution: invocation.execution) : Slot.of(arn: executionARN)
        let command = StartCommand(
            entry: entry, version: target.version?.number, alias: target.alias, id: 0,
            arn: executionARN, name: name, nameIsFresh: entry.type == .express, input: input,
            seed: runtime.random.next(), depth: invocation.depth + 1, traceHeader: nil, replyTo: nil)
        return ChildStart(
            command: command, slot: slot, parent: invocation.id, adoptsExisting: nested.name == nil,
            hasJob: invocation.scheduled.hasJob, requestID: invocation.uuid)
    }

    /// A UUID that derives from the attempt. For a first delivery it is chosen so that the new execution is of its
    /// parent's shard, and one commit starts it and continues its parent; a later delivery takes the first such name,
    /// which an earlier version of Newel may have started already.
    private func freshName(_ entry: MachineEntry, for invocation: TaskInvocation) -> String {
        let own = Slot.of(execution: invocation.execution) % Int64(configuration.shards)
        return invocation.uuid(within: invocation.isRedelivery ? 1 : 8 * configuration.shards) { name in
            Slot.of(arn: entry.executionARN(name)) % Int64(configuration.shards) == own
        }
    }

    private static func outcome(_ error: ServiceError, _ invocation: TaskInvocation) -> TaskOutcome {
        .failed(NestedStart.failure(error, requestID: invocation.uuid))
    }
}

extension ServiceError {
    static func nestedTooDeep(_ most: Int) -> ServiceError {
        ServiceError(
            .executionLimitExceeded,
            "Executions that start one another may be \(most) deep (limits.nestedDepth).")
    }

    fileprivate static let expressIsNotWaitedFor = ServiceError(
        .stateMachineTypeNotSupported, "This operation is not supported by this type of state machine")
}
