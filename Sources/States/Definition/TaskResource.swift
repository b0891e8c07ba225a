// What a Task calls: a Lambda function, an activity, or a service's API action (language.md §4, Task).

/// A Task's `Resource`.
package enum TaskResource: Sendable, Equatable {
    /// `arn:aws:lambda:…:function:name[:qualifier]`: events LambdaFunction….
    case lambdaFunction(arn: String)
    /// `arn:aws:states:…:activity:name`: events Activity….
    case activity(arn: String)
    /// `arn:aws:states:::<service>:<action>[pattern]`: events Task….
    case integration(ServiceIntegration)

    /// The resource as the definition has it.
    package var arn: String {
        switch self {
        case .lambdaFunction(let arn), .activity(let arn): arn
        case .integration(let integration): integration.arn
        }
    }

    /// The resource of that ARN, `nil` for a text that is no ARN of a form that the service knows.
    package init?(_ arn: String) {
        switch ResourceForm(arn) {
        case .lambdaFunction: self = .lambdaFunction(arn: arn)
        case .activity: self = .activity(arn: arn)
        case .integration(let service, let action, let pattern):
            self = .integration(ServiceIntegration(service: service, action: action, pattern: pattern))
        case .awsSDK(let service, let action, let pattern):
            self = .integration(ServiceIntegration(service: "aws-sdk:" + service, action: action, pattern: pattern))
        case nil: return nil
        }
    }

    /// Whether this version can call it. A definition with another resource is accepted and not run.
    package var isSupported: Bool {
        switch self {
        case .lambdaFunction, .activity: true
        case .integration(let integration): integration.isSupported
        }
    }

    /// Whether the context object has the task's token, with which others end the task.
    var hasToken: Bool {
        if case .integration(let integration) = self { return integration.pattern != .requestResponse }
        return false
    }

    /// Which events the resource writes.
    var family: TaskFamily {
        switch self {
        case .lambdaFunction: .lambdaFunction
        case .activity: .activity
        case .integration(let integration):
            .service(
                resourceType: integration.service, resource: integration.action + integration.pattern.rawValue)
        }
    }
}

/// An API action of a service, and when the task is over (integrations.md §1, §5).
package struct ServiceIntegration: Sendable, Equatable {
    /// `lambda`, `states`; with the prefix `aws-sdk:` for the generic form.
    package var service: String
    package var action: String
    package var pattern: Pattern

    package enum Pattern: String, Sendable {
        /// Over with the action's answer.
        case requestResponse = ""
        /// Over with the job that the action began; the result holds its input and output as strings.
        case sync = ".sync"
        /// The same with input and output as JSON.
        case sync2 = ".sync:2"
        /// Over when somebody sends the task's token back.
        case waitForTaskToken = ".waitForTaskToken"
    }

    package init(service: String, action: String, pattern: Pattern) {
        self.service = service
        self.action = action
        self.pattern = pattern
    }

    /// The resource in full.
    package var arn: String { "arn:aws:states:::\(service):\(action)\(pattern.rawValue)" }

    /// What this version can call.
    var isSupported: Bool {
        switch (service, action) {
        case ("lambda", "invoke"), ("aws-sdk:sfn", _): [.requestResponse, .waitForTaskToken].contains(pattern)
        case ("states", "startExecution"): true
        default: false
        }
    }
}
