// The `Condition` element: when a statement counts.

/// One operator on one key.
struct Condition: Sendable, Equatable {
    enum Quantifier: Sendable {
        case none
        /// Holds also when the request does not have the key: an Allow that rests on it alone lets such requests
        /// through.
        case forAllValues
        case forAnyValue
    }

    /// `nil` for a name IAM does not know: it is refused when a policy is written and never holds when one is read.
    var function: ConditionOperator?
    var quantifier: Quantifier
    var ifExists: Bool
    var key: String
    var values: [PolicyText]

    /// From the operator as it is written, for example `ForAnyValue:StringLikeIfExists`.
    init(operator text: String, key: String, values: [PolicyText]) {
        var name = text[...]
        quantifier = .none
        if name.hasPrefix("ForAllValues:") {
            quantifier = .forAllValues
            name = name.dropFirst("ForAllValues:".count)
        } else if name.hasPrefix("ForAnyValue:") {
            quantifier = .forAnyValue
            name = name.dropFirst("ForAnyValue:".count)
        }
        ifExists = name.hasSuffix("IfExists") && name != "NullIfExists"
        if ifExists { name = name.dropLast("IfExists".count) }
        function = ConditionOperator.named[String(name)]
        self.key = key
        self.values = values
    }

    func holds(in context: RequestContext) -> Bool {
        guard let function else { return false }
        let given = context[key]
        if function.test == .null {
            let wanted = given == nil ? "true" : "false"
            return values.contains { $0.literal(in: context)?.lowercased() == wanted }
        }
        guard let given else { return holdsWithoutKey(function) }
        func matches(_ value: String) -> Bool {
            values.contains { function.test.matches(value, $0, in: context) }
        }
        switch quantifier {
        case .none: return given.contains(where: matches) != function.isNegated
        case .forAllValues: return given.allSatisfy { matches($0) != function.isNegated }
        case .forAnyValue: return given.contains { matches($0) != function.isNegated }
        }
    }

    private func holdsWithoutKey(_ function: ConditionOperator) -> Bool {
        if ifExists { return true }
        return switch quantifier {
        case .none: function.isNegated
        case .forAllValues: true
        case .forAnyValue: false
        }
    }
}
