// What a Task calls: a Lambda function, an activity, or a service's API action (language.md §4, Task; integrations.md
// §1, §5).

import Core

/// A Task's `Resource`.
package enum TaskTarget: Sendable, Equatable {
    /// `arn:aws:lambda:…:function:name[:qualifier]`: events LambdaFunction….
    case function(arn: String)
    /// `arn:aws:states:…:activity:name`: events Activity….
    case activity(arn: String)
    /// `arn:aws:states:::<service>:<action>[pattern]`: events Task….
    case integration(IntegrationKey, IntegrationPattern)

    /// The resource in full.
    package var resource: String {
        switch self {
        case .function(let arn), .activity(let arn): arn
        case .integration(let key, let pattern): "arn:aws:states:::\(key.service):\(key.action)\(pattern.rawValue)"
        }
    }

    /// `nil` for a text that is no ARN of a form that the service knows, whether or not there is such an action.
    package init?(resource text: String) {
        let parts = text.fields(by: ":", most: 6)
        guard parts.count == 6, parts[0] == "arn", !parts[1].isEmpty else { return nil }
        switch parts[2] {
        case "lambda":
            guard Self.isFunction(parts[5], region: parts[3], account: parts[4]) else { return nil }
            self = .function(arn: text)
        case "states": self.init(states: parts[5], of: text)
        default: return nil
        }
    }

    /// `function:name[:qualifier]` with region and account. The name is for Lambda to check.
    private static func isFunction(_ resource: Substring, region: Substring, account: Substring) -> Bool {
        guard !region.isEmpty, !account.isEmpty, let words = words(of: resource) else { return false }
        return words[0] == "function" && (2...3).contains(words.count)
    }

    private init?(states resource: Substring, of arn: String) {
        let pattern = IntegrationPattern(of: resource)
        guard let words = Self.words(of: resource.dropLast(pattern.rawValue.count)) else { return nil }
        switch (words[0], words.count) {
        case ("activity", 2): self = .activity(arn: arn)
        case ("aws-sdk", 3):
            self = .integration(IntegrationKey(service: "aws-sdk:\(words[1])", action: String(words[2])), pattern)
        case (_, 2):
            self = .integration(IntegrationKey(service: String(words[0]), action: String(words[1])), pattern)
        default: return nil
        }
    }

    /// `nil` where one is empty.
    private static func words(of resource: Substring) -> [Substring]? {
        let words = resource.fields(by: ":")
        return words.contains("") ? nil : words
    }

    package var pattern: IntegrationPattern {
        switch self {
        case .function, .activity: .requestResponse
        case .integration(_, let pattern): pattern
        }
    }

    /// The row of a function, and of an integration that has such an action and such a pattern.
    package var entry: IntegrationEntry? {
        switch self {
        case .function: return Lambda.function
        case .activity: return nil
        case .integration(let key, let pattern):
            guard let entry = Catalogue.entry(of: key), entry.patterns.contains(pattern) else { return nil }
            return entry
        }
    }

    /// Whether there is such an action with such a pattern. Functions and activities are found when a task starts.
    package var exists: Bool { isActivity || entry != nil }

    /// Whether this version can call it. A definition with another resource is accepted and not run.
    package var isSupported: Bool {
        switch entry?.code {
        case .engine, .requests: true
        case Optional.none, .some(.none): isActivity
        }
    }

    private var isActivity: Bool { if case .activity = self { true } else { false } }
}
