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

extension JSONataEvaluator {
    /// `$string` without a second argument.
    func string(_ value: Value) throws(JSONataError) -> String {
        switch value {
        case .undefined, .function, .regex: return ""
        case .string(let text): return text
        default:
            if let number = value.double, !number.isFinite {
                throw JSONataError(
                    code: "D3001", message: "Attempting to invoke string function on Infinity or NaN",
                    value: value.json)
            }
            return try printed(value, indent: nil)
        }
    }

    /// JSON text; numbers have at most 15 significant digits.
    func printed(_ value: Value, indent: Int?) throws(JSONataError) -> String {
        try nested()
        defer { unnested() }
        switch value {
        case .undefined, .function, .regex: return "\"\""
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .int(let int): return printed(int)
        case .number, .literal:
            if let int = value.int { return printed(int) }
            let number = value.double ?? 0
            guard number.isFinite else {
                throw JSONataError(
                    code: "D1001", message: "Number out of range: \(value.brief)", value: value.json)
            }
            return JSONataFormats.numberText(number.with15Digits)
        case .string(let text): return JSONValue.string(text).text
        case .array, .documentArray, .tuples: return try printed(elements: value.elements ?? [], indent)
        case .object, .documentObject: return try printed(members: value.members ?? [], indent)
        }
    }

    private func printed(_ int: Int) -> String {
        dialect == .stepFunctions || int.magnitude <= 9_007_199_254_740_992
            ? String(int) : JSONataFormats.numberText(Double(int))
    }

    private func printed(elements: [Value], _ indent: Int?) throws(JSONataError) -> String {
        if elements.isEmpty { return "[]" }
        var parts: [String] = []
        for element in elements { parts.append(try printed(element, indent: indent.map { $0 + 1 })) }
        try charge(parts.reduce(0) { $0 + $1.utf8.count })
        return joined(parts, "[", "]", indent)
    }

    private func printed(members: [(key: String, value: Value)], _ indent: Int?) throws(JSONataError) -> String {
        var parts: [String] = []
        for (key, value) in members where !value.isUndefined {
            let text = try printed(value, indent: indent.map { $0 + 1 })
            parts.append(JSONValue.string(key).text + (indent == nil ? ":" : ": ") + text)
        }
        if parts.isEmpty { return "{}" }
        try charge(parts.reduce(0) { $0 + $1.utf8.count })
        return joined(parts, "{", "}", indent)
    }

    private func joined(_ parts: [String], _ open: String, _ close: String, _ indent: Int?) -> String {
        guard let indent else { return open + parts.joined(separator: ",") + close }
        let inner = String(repeating: "  ", count: indent + 1)
        let outer = String(repeating: "  ", count: indent)
        return open + "\n" + inner + parts.joined(separator: ",\n" + inner) + "\n" + outer + close
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
