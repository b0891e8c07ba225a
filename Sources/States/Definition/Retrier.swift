// Retry and Catch (language.md §5, §6).

package struct Retrier: Sendable, Equatable {
    package var errorEquals: [String]
    /// Seconds before the first retry.
    package var intervalSeconds: Int
    package var maxAttempts: Int
    package var backoffRate: Double
    package var maxDelaySeconds: Int?
    package var jitter: JitterStrategy

    package enum JitterStrategy: String, Sendable {
        case none = "NONE"
        case full = "FULL"
    }

    package init(
        errorEquals: [String], intervalSeconds: Int = 1, maxAttempts: Int = 3, backoffRate: Double = 2,
        maxDelaySeconds: Int? = nil, jitter: JitterStrategy = .none
    ) {
        self.errorEquals = errorEquals
        self.intervalSeconds = intervalSeconds
        self.maxAttempts = maxAttempts
        self.backoffRate = backoffRate
        self.maxDelaySeconds = maxDelaySeconds
        self.jitter = jitter
    }
}

package struct Catcher: Sendable {
    package var errorEquals: [String]
    package var next: String
    package var resultPath: ResultPath
    /// Taken in place of the state's own `Assign`.
    package var assign: Assignment
    /// A JSONata state's; the Error Output where there is none.
    package var output: JSONataTemplate?

    package init(
        errorEquals: [String], next: String, resultPath: ResultPath = .replace, assign: Assignment = Assignment(),
        output: JSONataTemplate? = nil
    ) {
        self.output = output
        self.errorEquals = errorEquals
        self.next = next
        self.resultPath = resultPath
        self.assign = assign
    }
}
