// What the evaluations of one call of `advance` may use, and what happens to a state that needs more.

import Core
import Expressions
import JSON

/// How much the evaluations of one state may use in one call of `advance`.
package enum Patience: Sendable {
    /// `limits.evaluation.quickSteps` for the whole call and `limits.evaluation.quickBytes`: for the thread of a shard.
    case quick
    /// `limits.evaluation.extendedSteps` for each state, on an evaluation thread.
    case extended
    /// `limits.evaluation.steps` for each state, on an evaluation thread. A state that needs more fails.
    case full
}

extension Interpreter {
    /// Runs the evaluations of one state, or of one iteration of a Map, on a budget of their own.
    ///
    /// Rethrows what `body` throws. A failure that `wantsPatience` is marked as cut off if states before this one had
    /// used part of the call's steps: the next call begins with all of them.
    mutating func budgeted<Value>(
        isFresh: Bool = false, _ body: (inout Interpreter) throws(StateFailure) -> Value
    ) throws(StateFailure) -> Value {
        let outer = budget
        let before = isFresh ? 0 : spentSteps
        let given = allowance(spent: before)
        budget = given
        defer {
            spentSteps += given.steps - budget.steps
            budget = outer
        }
        do throws(StateFailure) { return try body(&self) } catch {
            var error = error
            if error.wantsPatience, patience == .quick, before > 0, budget.steps == 0 { error.isCutOff = true }
            throw error
        }
    }

    private func allowance(spent: Int) -> EvaluationBudget {
        switch patience {
        case .quick:
            EvaluationBudget(
                steps: max(0, limits.evaluation.quickSteps - spent), bytes: limits.evaluation.quickBytes)
        case .extended:
            EvaluationBudget(steps: limits.evaluation.extendedSteps, bytes: limits.evaluation.bytes)
        case .full: EvaluationBudget(steps: limits.evaluation.steps, bytes: limits.evaluation.bytes)
        }
    }

    /// Returns what a state that needs more than its budget throws: a request for a larger one, or `failure` if there
    /// is none.
    func exceeded(_ failure: @autoclosure () -> StateFailure) -> StateFailure {
        patience == .full ? failure() : .patience
    }

    /// Takes the steps of work on `bytes` bytes of text. Throws `States.Runtime` beyond the budget.
    mutating func charge(textBytes bytes: Int) throws(StateFailure) {
        do throws(EvaluationBudgetExceeded) { try budget.charge(textBytes: bytes) } catch {
            throw exceeded(.beyondBudget)
        }
    }

    /// Takes `bytes` bytes, before they are allocated. Throws `States.DataLimitExceeded` beyond the budget.
    mutating func charge(bytes: Int, of name: String) throws(StateFailure) {
        do throws(EvaluationBudgetExceeded) { try budget.charge(bytes: bytes) } catch {
            throw exceeded(.outputTooLarge(name))
        }
    }

    // MARK: - Evaluations

    mutating func value(of path: JSONPath, in scope: PathScope) throws(JSONPathError) -> JSONValue {
        try path.evaluate(scope, budget: &budget)
    }

    mutating func exists(_ path: JSONPath, in scope: PathScope) throws(JSONPathError) -> Bool {
        try path.exists(in: scope, budget: &budget)
    }

    mutating func value(of path: ReferencePath, in scope: PathScope) throws(JSONPathError) -> JSONValue {
        try path.evaluate(scope, budget: &budget)
    }

    mutating func value(of intrinsic: Intrinsic, in scope: PathScope) throws(IntrinsicError) -> JSONValue {
        try intrinsic.evaluate(scope, chance: &chance, budget: &budget)
    }
}

extension StateFailure {
    /// The evaluations of one state need more steps than they may take.
    static var beyondBudget: StateFailure {
        .runtime("The evaluations of the state take more steps than one state may take.")
    }
}
