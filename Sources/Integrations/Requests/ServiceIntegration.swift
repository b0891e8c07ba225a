// How a task becomes a request to a service, and the response the task's outcome. Pure: requests and responses are
// data, which Tasks sends and receives.

package import Core
package import JSON

/// The code of an integration.
package protocol ServiceIntegration: Sendable {
    /// The request of one attempt. Throws why its parameters name none.
    func request(_ call: IntegrationCall) throws(Failure) -> OutboundRequest
    /// What the response is to a task that is over with it.
    func outcome(of response: OutboundResponse, _ call: IntegrationCall) -> TaskOutcome
}

/// One attempt at a task.
package struct IntegrationCall: Sendable {
    package let target: TaskTarget
    /// The task's effective input or parameters.
    package let input: Payload
    /// The same each time that the attempt is sent.
    package let requestID: String
    /// The names of the service's errors.
    let errors: ErrorNaming

    package init(target: TaskTarget, input: Payload, requestID: String, errors: ErrorNaming) {
        self.target = target
        self.input = input
        self.requestID = requestID
        self.errors = errors
    }

    /// That the parameters cannot start the task; `reason` in brackets, in the words of the service.
    func rejected(_ reason: String) -> Failure {
        Failure(
            error: ErrorName.runtime,
            cause: "The Parameters '\(input.text)' could not be used to start the Task: \(reason)")
    }
}

/// What becomes of an attempt.
package enum TaskOutcome: Sendable, Equatable {
    case succeeded(Payload)
    case failed(Failure)
    /// The action has responded, and the task waits for its job or for its token.
    case submitted(Payload)

    /// The outcome of an action's response in a task of that pattern.
    package func of(_ pattern: IntegrationPattern) -> TaskOutcome {
        if case .succeeded(let payload) = self, pattern != .requestResponse { .submitted(payload) } else { self }
    }
}
