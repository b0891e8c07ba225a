// What is known of an action that a Task can name.

/// A row of the catalogue.
package struct IntegrationEntry: Sendable {
    /// With the action `*` for every action of a service that has no row of its own.
    package let key: IntegrationKey
    /// What its Resource may end with.
    package let patterns: Set<IntegrationPattern>
    /// `nil` for an action of the AWS SDK, whose parameters are those of the API.
    package let parameters: ParameterSchema?
    /// Whether this version can call it. A definition with another action is accepted and not run.
    package let isSupported: Bool
    /// The shapes of the action's response and of the result of its job.
    private let response: ResultSchema?
    private let job: ResultSchema?

    init(
        _ name: String, _ patterns: Set<IntegrationPattern>, parameters: ParameterSchema? = [],
        response: ResultSchema? = nil, job: ResultSchema? = nil, isSupported: Bool = false
    ) {
        key = IntegrationKey(name)
        self.patterns = patterns
        self.parameters = parameters
        self.response = response
        self.job = job
        self.isSupported = isSupported
    }

    /// An action of the AWS SDK.
    static func sdk(_ name: String, response: ResultSchema? = nil, isSupported: Bool = false) -> IntegrationEntry {
        IntegrationEntry(
            "aws-sdk:" + name, .callback, parameters: nil, response: response, isSupported: isSupported)
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
