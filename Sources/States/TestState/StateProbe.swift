// What the interpreter tells of a state's inside while the state is tested (api.md §3, TestState).

package import Core
import Expressions
package import JSON

/// Collects what `inspectionData` shows, and holds what stands in for the world: a context object, the result of a Map
/// or Parallel. An interpreter without one does nothing differently, and costs nothing.
final class StateProbe {
    /// A member of `inspectionData` with a value of JSON.
    enum Field: String {
        case afterArguments
        case afterInputPath
        case afterParameters
        case result
        case afterResultSelector
        case afterResultPath
        case afterItemsPath
        case afterItemSelector
    }

    /// Which values a state shows (recorded; api.md §3).
    private let shown: Set<Field>
    /// Stands for the context object where it is given.
    let context: JSONValue?
    /// What a Map or Parallel comes to, instead of running its iterations or branches.
    var outcome: MockOutcome?
    /// What a Map's ItemReader has read.
    let itemReaderData: JSONValue?
    /// Iterations that are to count as failed.
    let iterationFailures: Int?

    private(set) var values: [Field: JSONValue] = [:]
    var maxConcurrency: Int?
    var toleratedFailureCount: Int?
    var toleratedFailurePercentage: Double?
    var retry: (index: Int, seconds: Int?)?
    var catchIndex: Int?
    /// The state has been left: nothing behind it is run.
    var hasExited = false
    var variables: VariableTable = [:]
    /// Retries that are to count as made, by Retrier.
    var presetRetries: [Int: Int] = [:]
    /// What has gone wrong, before anybody looked at it.
    var failure: Failure?

    init(_ test: StateTest) {
        shown = Self.shown(by: test.state)
        context = test.context
        itemReaderData = test.configuration.itemReaderData
        iterationFailures = test.configuration.iterationFailures
        if [.map, .parallel].contains(test.state.type) { outcome = test.mock?.outcome }
    }

    func record(_ field: Field, _ value: JSONValue) {
        if shown.contains(field) { values[field] = value }
    }

    private static func shown(by state: State) -> Set<Field> {
        switch (state.body, state.jsonata == nil) {
        case (.task, true): [.afterInputPath, .afterParameters, .result, .afterResultSelector, .afterResultPath]
        case (.task, false): [.afterArguments, .result]
        // A Result of its own takes the place of the input.
        case (.pass(.some), true): [.result, .afterResultSelector, .afterResultPath]
        case (.pass(nil), true): [.afterInputPath, .afterParameters, .afterResultSelector, .afterResultPath]
        case (.map, true):
            [.afterInputPath, .afterItemsPath, .afterItemSelector, .afterResultSelector, .afterResultPath]
        case (.map, false): [.afterItemSelector]
        case (.parallel, true): [.afterResultSelector, .afterResultPath]
        case (.choice, true), (.succeed, true), (.wait, true), (.fail, true): [.afterInputPath]
        default: []
        }
    }
}

/// What a mock comes to.
package enum MockOutcome: Sendable, Equatable {
    case result(JSONValue)
    case failure(Failure)
}

extension Interpreter {
    /// A Map or Parallel that is tested comes to what its mock says.
    mutating func finish(_ id: FrameID, _ state: State, mocked outcome: MockOutcome) throws(StateFailure) {
        guard let frame = execution.frames[id], let probe else { return }
        switch outcome {
        case .failure(let failure): throw StateFailure(failure)
        case .result(let result):
            if probe.exceedsTolerance(iterations: result.arrayValue?.count ?? 0) {
                throw StateFailure(
                    Failure(
                        error: ErrorName.exceedToleratedFailureThreshold,
                        cause: "The specified tolerated failure threshold was exceeded"))
            }
            try finish(frame, state, result: result)
        }
    }
}

extension StateProbe {
    /// Whether more iterations are to count as failed than the state tolerates, where it says how many it does.
    fileprivate func exceedsTolerance(iterations: Int) -> Bool {
        guard let iterationFailures else { return false }
        if let count = toleratedFailureCount, iterationFailures > count { return true }
        guard let percentage = toleratedFailurePercentage, iterations > 0 else { return false }
        return Double(iterationFailures) * 100 / Double(iterations) > percentage
    }
}
