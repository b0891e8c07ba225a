// The library of functions, by name.

import JSON

enum JSONataLibrary {
    typealias Value = JSONataValue
    typealias Body = @Sendable (JSONataEvaluator, [Value], Value) throws(JSONataError) -> Value

    final class Function: Sendable {
        let name: String
        let signature: JSONataSignature
        /// How many arguments `$map` and its kin hand over.
        let arity: Int
        let body: Body

        init(_ name: String, _ signature: JSONataSignature, arity: Int, _ body: @escaping Body) {
            self.name = name
            self.signature = signature
            self.arity = arity
            self.body = body
        }
    }

    /// The function of that name, `nil` where the dialect has none.
    static func function(_ name: String, _ dialect: JSONata.Dialect) -> JSONataFunction? {
        if dialect == .stepFunctions {
            if let own = stepFunctions[name] { return own }
            if name == "eval" { return nil }
        }
        return reference[name]
    }

    static func names(_ dialect: JSONata.Dialect) -> Set<String> {
        let all = Set(reference.keys)
        return dialect == .reference ? all : all.subtracting(["eval"]).union(stepFunctions.keys)
    }

    // Filled once and only read since; the functions hold no state.
    nonisolated(unsafe) private static let reference = table(
        strings + numbers + aggregation + booleans + arrays + objects + higherOrder + dates + control)
    // As above.
    nonisolated(unsafe) private static let stepFunctions = table(amazon)

    private static func table(_ functions: [Function]) -> [String: JSONataFunction] {
        Dictionary(uniqueKeysWithValues: functions.map { ($0.name, JSONataFunction($0)) })
    }

    static func entry(
        _ name: String, _ signature: String, arity: Int? = nil, _ body: @escaping Body
    ) -> Function {
        let parsed = JSONataSignature(library: signature)
        return Function(name, parsed, arity: arity ?? parsed.parameters.count, body)
    }
}

extension Double {
    /// As `Number(x.toPrecision(15))`.
    var with15Digits: Double {
        if self == rounded(), magnitude < 1e15 { return self }
        let text = description
        let digits = text.utf8.count { (0x30...0x39).contains($0) }
        guard digits > 15, isFinite else { return self }
        var decimal = DecimalDigits(self)
        decimal.round(places: 15 - decimal.point)
        let shown = decimal.digits.map { Character(Unicode.Scalar($0 + 0x30)) }
        let value = Double("0.\(String(shown))e\(decimal.point)") ?? magnitude
        return self < 0 ? -value : value
    }
}

extension JSONataValue {
    /// Elements of an array, one for a single value, none for undefined.
    var list: [JSONataValue] { elements ?? (isUndefined ? [] : [self]) }

    static func number(_ value: Double, exact: Bool) -> JSONataValue {
        if exact, let int = Int(exactly: value), int.magnitude <= 9_007_199_254_740_992,
            !(int == 0 && value.sign == .minus)
        {
            return .int(int)
        }
        return .number(value)
    }
}
