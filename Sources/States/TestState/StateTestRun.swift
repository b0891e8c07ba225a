// Runs a test: the interpreter of every execution, with a probe, from the state's entry to its exit.

package import Core
import Expressions
import Integrations
import JSON

/// One run of a test: `start`, and where that gives a task, `finish` with what the task has come to.
package struct StateTestRun {
    private let test: StateTest
    private let identity: Execution.Identity
    private let probe: StateProbe
    private let limits: Limits
    private var execution: Execution
    private var now: Timestamp
    private var events: [JournalRecord] = []
    private let patience: Patience
    /// A call has needed more than `patience`: the result counts for nothing, and the test is to be run again.
    package private(set) var needsPatience = false

    /// - Parameter identity: of an execution that is nowhere else.
    package init(
        _ test: StateTest, identity: Execution.Identity, now: Timestamp, seed: UInt64, limits: Limits,
        patience: Patience = .full
    ) {
        self.patience = patience
        self.test = test
        self.identity = identity
        self.limits = limits
        self.now = now
        probe = StateProbe(test)
        execution = Execution(identity)
        let started = ExecutionStarted(input: test.input, roleARN: test.roleARN ?? "", deadline: nil, seed: seed)
        execution.apply(JournalRecord(id: 1, previous: 0, timestamp: now, frame: 0, kind: .executionStarted(started)))
        execution.frames[0]?.phase = .entering(test.state.name)
        execution.frames[0]?.variables = test.variables
    }

    /// Enters the state. Gives the task that is to be run outside, `nil` when the test is over.
    package mutating func start(_ surroundings: Surroundings) -> TaskInvocation? {
        var surroundings = surroundings
        // An activity is not asked for; a mock stands in for it.
        if case .task(let task) = test.state.body, case .activity(let arn) = task.target, test.mock != nil {
            surroundings.activities.insert(CodeUnits(arn))
        }
        let done = advance(.proceed, surroundings)
        // A Wait is not waited for.
        if case .waiting(let until, _)? = execution.frames[0]?.phase {
            now = until
            _ = advance(.wake, surroundings)
        }
        for effect in done.effects {
            guard case .runTask(let invocation) = effect else { continue }
            switch test.mock?.outcome {
            case nil: return invocation
            case .result(let value)?: finish(.taskSucceeded(task: invocation.scheduledEvent, output: Payload(value)))
            case .failure(let failure)?: finish(.taskFailed(task: invocation.scheduledEvent, failure))
            }
        }
        return nil
    }

    /// The task has come to this.
    package mutating func finish(_ outcome: Stimulus) {
        if case .taskSucceeded(_, let output) = outcome { probe.record(.result, output.value) }
        _ = advance(outcome, Surroundings())
    }

    private mutating func advance(_ stimulus: Stimulus, _ surroundings: Surroundings) -> Advance {
        var interpreter = Interpreter(
            execution: execution, machine: test.machine, now: now, surroundings: surroundings, limits: limits,
            patience: patience)
        interpreter.probe = probe
        if stimulus == .proceed, let count = test.configuration.retryCount {
            probe.presetRetries = Dictionary(uniqueKeysWithValues: test.state.retry.indices.map { ($0, count) })
        }
        interpreter.take(stimulus)
        interpreter.run()
        execution = interpreter.execution
        if interpreter.hasStopped { needsPatience = true }
        events += interpreter.advance.events
        return interpreter.advance
    }

    // MARK: - The result

    package var result: StateTestResult {
        var result = StateTestResult(status: .succeeded, inspection: inspection)
        for event in events {
            switch event.kind {
            case .stateExited(let exited):
                result.output = output(exited.output)
                if case .next(let name) = exited.transition { result.nextState = name }
            case .taskFailed(let failed): result.failure = failed.failure
            case .taskTimedOut(let timedOut): result.failure = timedOut.failure
            case .executionFailed(let failed): result.failure = failed.failure
            case .evaluationFailed(let failed): result.failure = failed.failure
            default: break
            }
        }
        if let failure = probe.failure { result.failure = failure }
        if probe.catchIndex != nil {
            result.status = .caughtError
        } else if probe.retry?.seconds != nil {
            result.status = .retriable
        } else if case .failed = execution.status {
            result.status = .failed
        }
        return result
    }

    /// Map and Parallel show a value that no field has changed as it was written (recorded); every other state shows it
    /// anew.
    private var keepsTexts: Bool { [.map, .parallel].contains(test.state.type) }

    private var mockTexts: WrittenTexts { WrittenTexts(test.texts + [test.input.text]) }
    private var inputTexts: WrittenTexts { WrittenTexts([test.input.text] + test.texts.reversed()) }

    private func output(_ payload: Payload) -> String {
        guard keepsTexts, test.state.jsonata?.output == nil else { return payload.text }
        return mockTexts.text(of: payload.value)
    }

    /// The values that the probe has seen, in the order in which they are shown.
    private func shown(_ order: [StateProbe.Field]) -> [(name: String, text: String)] {
        guard keepsTexts else {
            return order.compactMap { field in probe.values[field].map { (field.rawValue, $0.text) } }
        }
        let (mock, input) = (mockTexts, inputTexts)
        return order.compactMap { field in
            guard let value = probe.values[field] else { return nil }
            let isOfResult = [.result, .afterResultSelector, .afterResultPath].contains(field)
            return (field.rawValue, (isOfResult ? mock : input).text(of: value))
        }
    }

    private var inspection: Inspection {
        let order: [StateProbe.Field] = [
            .afterArguments, .afterInputPath, .afterParameters, .result, .afterResultSelector, .afterResultPath,
            .afterItemsPath, .afterItemSelector,
        ]
        let variables = probe.hasExited ? probe.variables : test.variables
        return Inspection(
            input: test.input.text, values: shown(order),
            maxConcurrency: probe.maxConcurrency, toleratedFailureCount: probe.toleratedFailureCount,
            toleratedFailurePercentage: probe.toleratedFailurePercentage,
            variables: variables.isEmpty
                ? nil : JSONValue.object(variables.object).text,
            retry: probe.catchIndex == nil ? probe.retry : nil, catchIndex: probe.catchIndex)
    }
}
