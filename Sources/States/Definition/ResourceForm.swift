// The forms of a Task's `Resource` (language.md §4, Task; integrations.md §1, §5), taken apart.

import Core

/// A `Resource` taken apart, whether or not this version can call it.
enum ResourceForm: Equatable {
    case lambdaFunction
    case activity
    /// `arn:aws:states:::<service>:<action>[pattern]`, `http:invoke` too.
    case integration(service: String, action: String, Pattern)
    /// `arn:aws:states:::aws-sdk:<service>:<action>[pattern]`.
    case awsSDK(service: String, action: String, Pattern)

    typealias Pattern = ServiceIntegration.Pattern

    /// `nil` for a text that is no ARN of a form that the service knows.
    init?(_ text: String) {
        let parts = text.fields(by: ":", most: 6)
        guard parts.count == 6, parts[0] == "arn", !parts[1].isEmpty else { return nil }
        switch parts[2] {
        case "lambda": self.init(lambda: parts[5], region: parts[3], account: parts[4])
        case "states": self.init(states: parts[5])
        default: return nil
        }
    }

    /// `function:name[:qualifier]` with region and account; of the name no more is asked than that there is one, since
    /// the service leaves names to Lambda.
    private init?(lambda resource: Substring, region: Substring, account: Substring) {
        let names = resource.fields(by: ":")
        guard !region.isEmpty, !account.isEmpty, names.first == "function", (2...3).contains(names.count),
            names.dropFirst().allSatisfy({ !$0.isEmpty })
        else { return nil }
        self = .lambdaFunction
    }

    private init?(states resource: Substring) {
        let (names, pattern) = Self.pattern(of: resource)
        let words = names.fields(by: ":").map { String($0) }
        guard words.allSatisfy({ !$0.isEmpty }) else { return nil }
        switch (words.first, words.count) {
        case ("activity", 2): self = .activity
        case ("aws-sdk", 3): self = .awsSDK(service: words[1], action: words[2], pattern)
        case (_, 2): self = .integration(service: words[0], action: words[1], pattern)
        default: return nil
        }
    }

    private static func pattern(of resource: Substring) -> (Substring, Pattern) {
        for pattern in [Pattern.sync2, .sync, .waitForTaskToken] where resource.hasSuffix(pattern.rawValue) {
            return (resource.dropLast(pattern.rawValue.count), pattern)
        }
        return (resource, .requestResponse)
    }

    var pattern: Pattern {
        switch self {
        case .lambdaFunction, .activity: .requestResponse
        case .integration(_, _, let pattern), .awsSDK(_, _, let pattern): pattern
        }
    }
}
