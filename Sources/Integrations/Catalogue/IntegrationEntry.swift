// What is known of an action that a Task can name.

/// A row of the catalogue.
package final class IntegrationEntry: Sendable {
    /// With the action `*` for every action of a service that has no row of its own.
    package let key: IntegrationKey
    /// What its Resource may end with.
    package let patterns: Set<IntegrationPattern>
    /// `nil` for an action of the AWS SDK, whose parameters are those of the API.
    package let parameters: ParameterSchema?
    package let code: IntegrationCode
    /// The shapes of the action's response and of the result of its job.
    private let response: ResultSchema?
    private let job: ResultSchema?

    init(
        _ name: String, _ patterns: Set<IntegrationPattern>, parameters: ParameterSchema? = [],
        response: ResultSchema? = nil, job: ResultSchema? = nil, code: IntegrationCode = .none
    ) {
        key = IntegrationKey(name)
        self.patterns = patterns
        self.parameters = parameters
        self.response = response
        self.job = job
        self.code = code
    }

    /// An action of the AWS SDK.
    static func sdk(
        _ name: String, response: ResultSchema? = nil, code: IntegrationCode = .none
    ) -> IntegrationEntry {
        IntegrationEntry("aws-sdk:" + name, .callback, parameters: nil, response: response, code: code)
    }

    /// The shape of the task's result, with which a mock is compared; `nil` where any is taken. What a token brings
    /// back has no shape.
    package func result(_ pattern: IntegrationPattern) -> ResultSchema? {
        switch pattern {
        case .requestResponse: response
        case .sync, .sync2: job
        case .waitForTaskToken: nil
        }
    }
}

/// What runs the tasks of an action.
package enum IntegrationCode: Sendable {
    /// Nothing: a definition with the action is accepted and not run.
    case none
    /// The engine itself.
    case engine
    /// Requests to a service, with the names of its errors.
    case requests(any ServiceIntegration, ErrorNaming)
}
