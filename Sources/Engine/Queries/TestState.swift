// TestState: one state, run beside all executions (api.md §3).

package import Core
import Integrations
package import States
import Synchronization

extension Engine {
    /// Runs a test as an execution of the account and region of `scope`. A Task without a mock makes its call. Nothing
    /// of it is stored.
    package func testState(_ test: StateTest, scope: Scope) async throws(ServiceError) -> StateTestResult {
        try checkRunning()
        let name = runtime.random.uuid()
        let machineName = runtime.random.uuid()
        let identity = Execution.Identity(
            // Below all that the store counts.
            id: .min + Int64(runtime.random.next() >> 2), arn: "\(scope.prefix):express:\(machineName):\(name)",
            name: name,
            machineARN: scope.stateMachineARN(machineName), machineName: machineName, isSynchronous: true)
        let now = clock()
        let seed = runtime.random.next()
        let limits = configuration.limits
        let surroundings = Surroundings(tokens: configuration.tokens, activities: catalog.activities.arns)
        // The states before the task, then the task's outcome: each part is done anew with the full budget where the
        // small one does not suffice. A run is not shared between threads.
        @Sendable func run(_ outcome: Stimulus?, _ patience: Patience) -> TestedState? {
            var run = StateTestRun(
                test, identity: identity, now: now, seed: seed, limits: limits, patience: patience)
            let task = run.start(surroundings)
            if let outcome { run.finish(outcome) }
            return run.needsPatience ? nil : TestedState(task: outcome == nil ? task : nil, result: run.result)
        }
        @Sendable func evaluate(_ outcome: Stimulus?) async throws(ServiceError) -> TestedState {
            let tested = try await evaluations.run(
                quick: { run(outcome, .quick) }, full: { run(outcome, .full) })
            guard let tested else { throw .internalFailure("The state could not be tested to its end.") }
            return tested
        }
        let first = try await evaluate(nil)
        guard let task = first.task else { return first.result }
        guard task.scheduled.isCalledInTests else {
            throw ServiceError(
                .validationException,
                "The resource '\(task.scheduled.resource)' can be tested with a mock only")
        }
        return try await evaluate(Dispatcher.stimulus(task.scheduledEvent, await outcome(of: task))).result
    }

    private struct TestedState: Sendable {
        /// To be run before the test is over.
        var task: TaskInvocation?
        var result: StateTestResult
    }

    /// What a task comes to, within the time of a test and of its own.
    private func outcome(of task: TaskInvocation) async -> TaskOutcome {
        let maximum = Limits.API.maximumTestSeconds
        let seconds = min(task.scheduled.timeoutSeconds ?? maximum, maximum)
        let runner = runner
        return await withCheckedContinuation { continuation in
            let first = FirstValue { continuation.resume(returning: $0) }
            runtime.executor.run(on: .background, after: 1_000 * Int64(seconds)) {
                if first.give(.failed(Failure(error: ErrorName.timeout))) { runner?.cancel(task.id) }
            }
            let give: @Sendable (TaskOutcome) -> Void = { first.give($0) }
            if runOwn(task, give) { return }
            let request = TaskRequest(
                id: task.id, executionARN: task.executionARN, target: task.scheduled.target,
                input: task.scheduled.input, timeoutSeconds: seconds)
            runner?.run(request, completion: give)
        }
    }
}

extension TaskScheduled {
    /// Whether a test makes the call: what this version cannot call, and what ends with a token, a worker or a job, is
    /// tested with a mock.
    fileprivate var isCalledInTests: Bool {
        family != .activity && pattern == .requestResponse && target.isSupported
    }
}
