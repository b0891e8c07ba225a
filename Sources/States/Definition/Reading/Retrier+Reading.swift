// From the JSON of `Retry` and `Catch` to the model (language.md §5, §6).

extension Retrier {
    init(_ fields: DefinitionObject) throws(Diagnostic) {
        self.init(
            errorEquals: try fields.strings("ErrorEquals"), intervalSeconds: try fields.int("IntervalSeconds") ?? 1,
            maxAttempts: try fields.int("MaxAttempts") ?? 3, backoffRate: try fields.double("BackoffRate") ?? 2,
            maxDelaySeconds: try fields.int("MaxDelaySeconds"),
            jitter: try fields.string("JitterStrategy").flatMap { JitterStrategy(rawValue: $0) } ?? .none)
    }
}

extension Catcher {
    init(_ fields: DefinitionObject, _ language: QueryLanguage, prefix: String) throws(Diagnostic) {
        guard let next = try fields.string("Next") else { throw .required(["Next"], at: fields.place) }
        self.init(
            errorEquals: try fields.strings("ErrorEquals"), next: next, resultPath: try fields.resultPath(),
            assign: try Assignment(fields, language, prefix: prefix),
            output: language == .jsonata ? try fields.jsonata("Output", prefix: prefix) : nil)
    }
}
