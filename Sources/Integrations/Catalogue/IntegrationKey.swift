// Which action of which service, and when the task is over (integrations.md §1, §5).

/// An action of a service, as a Task's `Resource` names it.
package struct IntegrationKey: Sendable, Hashable {
    /// `lambda`, `states`; with the prefix `aws-sdk:` for the generic form.
    package let service: String
    package let action: String

    package init(service: String, action: String) {
        self.service = service
        self.action = action
    }

    /// `service:action`, where a service may be `aws-sdk:service`.
    init(_ name: String) {
        let end = name.lastIndex(of: ":") ?? name.startIndex
        self.init(service: String(name[..<end]), action: String(name[end...].dropFirst()))
    }

    /// Whether the action is called through the AWS SDK, in contrast to an optimized integration.
    package var isSDK: Bool { service.hasPrefix("aws-sdk:") }
}

/// When a task is over that calls an action.
package enum IntegrationPattern: String, Sendable, Hashable {
    /// With the action's response.
    case requestResponse = ""
    /// With the job that the action started; the result has its input and output as strings.
    case sync = ".sync"
    /// The same with input and output as JSON.
    case sync2 = ".sync:2"
    /// When the task's token is sent back.
    case waitForTaskToken = ".waitForTaskToken"

    /// The pattern that an action's name in a Resource ends with.
    package init(of resource: some StringProtocol) {
        self = Self.suffixes.first { resource.hasSuffix($0.rawValue) } ?? .requestResponse
    }

    private static let suffixes: [IntegrationPattern] = [.sync, .sync2, .waitForTaskToken]

    /// Whether the action starts a job that the task waits for.
    package var hasJob: Bool { self == .sync || self == .sync2 }
}

extension Set<IntegrationPattern> {
    static let request: Self = [.requestResponse]
    static let job: Self = [.requestResponse, .sync]
    static let callback: Self = [.requestResponse, .waitForTaskToken]
}
