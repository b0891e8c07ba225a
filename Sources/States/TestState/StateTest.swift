// TestState: one state, tried out with what stands in for the world around it (api.md §3, §4).

package import Core
import Expressions
package import JSON

/// A test that has passed its checks.
package struct StateTest: Sendable {
    package var machine: StateMachine
    package var state: State
    package var input: Payload
    package var roleARN: String?
    package var mock: Mock?
    /// Stands for the context object; only with a mock.
    package var context: JSONValue?
    /// Variables that the state sees.
    let variables: VariableTable
    package var configuration: Configuration
    /// The JSON texts beside the input that values may come from: the mock's result first, then context object,
    /// variables and item reader data.
    package var texts: [String] = []

    /// `stateConfiguration`.
    package struct Configuration: Sendable {
        /// Retries that each Retrier has made already.
        package var retryCount: Int?
        /// Iterations of a Map that are to count as failed.
        package var iterationFailures: Int?
        /// The state within a Map or Parallel that has caused the error.
        package var errorCausedBy: String?
        /// What a Map's ItemReader has read.
        package var itemReaderData: JSONValue?

        package init(
            retryCount: Int? = nil, iterationFailures: Int? = nil, errorCausedBy: String? = nil,
            itemReaderData: JSONValue? = nil
        ) {
            self.retryCount = retryCount
            self.iterationFailures = iterationFailures
            self.errorCausedBy = errorCausedBy
            self.itemReaderData = itemReaderData
        }
    }

    /// `mock`: what the state's work comes to.
    package struct Mock: Sendable, Equatable {
        package var outcome: MockOutcome

        package init(_ outcome: MockOutcome) { self.outcome = outcome }
    }

    package init(
        machine: StateMachine, state: State, input: Payload, roleARN: String? = nil, mock: Mock? = nil,
        context: JSONValue? = nil, variables: JSONObject = [:], configuration: Configuration = Configuration()
    ) {
        self.machine = machine
        self.state = state
        self.input = input
        self.roleARN = roleARN
        self.mock = mock
        self.context = context
        self.variables = VariableTable(variables)
        self.configuration = configuration
    }
}

/// What a test has come to.
package struct StateTestResult: Sendable {
    package enum Status: String, Sendable {
        case succeeded = "SUCCEEDED"
        case failed = "FAILED"
        /// A Retrier has taken the error; nothing is tried again.
        case retriable = "RETRIABLE"
        case caughtError = "CAUGHT_ERROR"
    }

    package var status: Status
    package var output: String?
    package var failure: Failure?
    package var nextState: String?
    package var inspection: Inspection
}

/// `inspectionData`: how the data went through the state. Texts are JSON.
package struct Inspection: Sendable {
    package var input: String
    /// `afterInputPath` and its kin, under their names.
    package var values: [(name: String, text: String)]
    package var maxConcurrency: Int?
    package var toleratedFailureCount: Int?
    package var toleratedFailurePercentage: Double?
    /// All variables behind the state, where there are any.
    package var variables: String?
    /// The Retrier that takes the error, and in how many seconds; no seconds when its attempts are used up.
    package var retry: (index: Int, seconds: Int?)?
    package var catchIndex: Int?
}
