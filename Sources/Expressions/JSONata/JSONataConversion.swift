// Values back to JSON and to text. Values share their parts, JSON and text do not: a value of forty small objects may
// stand for 2^40 of them. So both are counted while they are made.

import JSON

extension JSONataEvaluator {
    // MARK: - JSON

    /// Returns the value as JSON; functions become empty strings, undefined is `nil`. Takes the bytes before they are
    /// allocated.
    func json(_ value: Value) throws(JSONataError) -> JSONValue? {
        switch value {
        case .array(let array): return .array(try json(elements: array.items))
        case .tuples(let stream): return .array(try json(elements: stream.tuples.map(\.value)))
        case .object(let object):
            try charge(bytes: EvaluationBudget.memberBytes * (object.count + 1), steps: 1 + object.count / 2)
            var result = JSONObject()
            result.reserveCapacity(object.count)
            for place in object.keys.indices {
                if let json = try json(object.values[place]) { result[object.keys[place]] = json }
            }
            return .object(result)
        case .literal, .int, .number, .undefined, .null, .bool, .string, .documentArray, .documentObject, .function,
            .regex:
            return value.flatJSON
        }
    }

    private func json(elements: [Value]) throws(JSONataError) -> [JSONValue] {
        try charge(bytes: EvaluationBudget.elementBytes * (elements.count + 1), steps: 1 + elements.count / 4)
        var result: [JSONValue] = []
        result.reserveCapacity(elements.count)
        for element in elements { result.append(try json(element) ?? .null) }
        return result
    }

    // MARK: - Text

    /// `$string` without a second argument.
    func string(_ value: Value) throws(JSONataError) -> String {
        switch value {
        case .undefined, .function, .regex: return ""
        case .string(let text): return text
        default:
            if value.isNumber, let number = try double(value), !number.isFinite {
                throw JSONataError(
                    code: "D3001", message: "Attempting to invoke string function on Infinity or NaN",
                    value: value.shownJSON)
            }
            return try printed(value, indent: nil)
        }
    }

    /// JSON text; numbers have at most 15 significant digits.
    func printed(_ value: Value, indent: Int?) throws(JSONataError) -> String {
        var printer = JSONataPrinter(isCounted: value.isArray || value.isObject)
        try print(value, indent, into: &printer)
        return String(decoding: printer.text, as: UTF8.self)
    }

    private func print(_ value: Value, _ indent: Int?, into printer: inout JSONataPrinter) throws(JSONataError) {
        try nested()
        defer { unnested() }
        switch value {
        case .undefined, .function, .regex: try append("\"\"", to: &printer)
        case .null: try append("null", to: &printer)
        case .bool(let flag): try append(flag ? "true" : "false", to: &printer)
        case .int(let int): try append(printed(int), to: &printer)
        case .number, .literal: try append(printed(number: value), to: &printer)
        case .string(let text):
            // A character may take six bytes of text.
            try charge(bytes: 6 * text.utf8.count, steps: text.utf8.count >> 5)
            try append(JSONValue.string(text).text, to: &printer)
        case .array, .documentArray, .tuples: try print(elements: try elements(of: value) ?? [], indent, into: &printer)
        case .object, .documentObject: try print(members: try members(of: value) ?? [], indent, into: &printer)
        }
    }

    private func printed(number value: Value) throws(JSONataError) -> String {
        let number = try double(value) ?? 0
        if let int = exactInt(value) { return printed(int) }
        guard number.isFinite else {
            throw JSONataError(
                code: "D1001", message: "Number out of range: \(value.brief)", value: value.shownJSON)
        }
        // AWS rounds fractions alone: whole numbers below 1e21 have all their digits (language.md §12).
        let isWhole = dialect == .stepFunctions && number == number.rounded() && number.magnitude < 1e21
        return JSONataFormats.numberText(isWhole ? number : number.with15Digits)
    }

    /// The value as a whole number that is known to all its digits. On AWS a computed double is not.
    private func exactInt(_ value: Value) -> Int? {
        if dialect == .stepFunctions, case .number(let number) = value, number.magnitude >= 0x1p53 { return nil }
        return value.int
    }

    private func printed(_ int: Int) -> String {
        dialect == .stepFunctions || int.magnitude <= 9_007_199_254_740_992
            ? String(int) : JSONataFormats.numberText(Double(int))
    }

    private func print(
        elements: [Value], _ indent: Int?, into printer: inout JSONataPrinter
    ) throws(JSONataError) {
        if elements.isEmpty { return try append("[]", to: &printer) }
        try append("[", to: &printer)
        for place in elements.indices {
            try separate(place, indent, into: &printer)
            try print(elements[place], indent.map { $0 + 1 }, into: &printer)
        }
        try close("]", indent, into: &printer)
    }

    private func print(
        members: [(key: String, value: Value)], _ indent: Int?, into printer: inout JSONataPrinter
    ) throws(JSONataError) {
        var count = 0
        for (key, value) in members where !value.isUndefined {
            if count == 0 { try append("{", to: &printer) }
            try separate(count, indent, into: &printer)
            try charge(bytes: 6 * key.utf8.count, steps: key.utf8.count >> 5)
            try append(JSONValue.string(key).text + (indent == nil ? ":" : ": "), to: &printer)
            try print(value, indent.map { $0 + 1 }, into: &printer)
            count += 1
        }
        if count == 0 { return try append("{}", to: &printer) }
        try close("}", indent, into: &printer)
    }

    private func separate(_ place: Int, _ indent: Int?, into printer: inout JSONataPrinter) throws(JSONataError) {
        if place > 0 { try append(",", to: &printer) }
        if let indent { try append("\n" + String(repeating: "  ", count: indent + 1), to: &printer) }
    }

    private func close(
        _ bracket: String, _ indent: Int?, into printer: inout JSONataPrinter
    ) throws(JSONataError) {
        if let indent { try append("\n" + String(repeating: "  ", count: indent), to: &printer) }
        try append(bracket, to: &printer)
    }

    /// Numbers and words alone are not counted as memory, as before they are part of a text.
    private func append(_ text: String, to printer: inout JSONataPrinter) throws(JSONataError) {
        let count = text.utf8.count
        // The buffer grows to two times its length, and is copied into the string.
        try charge(memory: printer.isCounted ? count : 0, bytes: 3 * count, steps: count >> 6)
        printer.text += text.utf8
    }
}

/// Text that grows while a value is printed.
private struct JSONataPrinter {
    let isCounted: Bool
    var text: [UInt8] = []
}

extension JSONataValue {
    /// JSON of everything but what the evaluation has made of parts.
    fileprivate var flatJSON: JSONValue? {
        switch self {
        case .undefined, .array, .object, .tuples: nil
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .int(let int): .int(int)
        case .number(let number): JSONataValue.json(number)
        case .literal(let number): .number(number)
        case .string(let text): .string(text)
        case .documentArray(let elements): .array(elements)
        case .documentObject(let object): .object(object)
        case .function, .regex: .string("")
        }
    }

    /// JSON has no infinities: AWS gives their names as strings (language.md §12).
    private static func json(_ number: Double) -> JSONValue {
        if number.isNaN { return .string("NaN") }
        if number.isInfinite { return .string(number < 0 ? "-Infinity" : "Infinity") }
        // In this range Swift writes numbers as JavaScript does.
        if number == 0 || (1e-4..<0x1p53).contains(number.magnitude) { return .number(JSONNumber(number)) }
        return JSONNumber(text: JSONataFormats.numberText(number)).map { .number($0) } ?? .null
    }

    /// As errors carry it; `nil` for undefined and for values of more than 1,000 parts.
    var shownJSON: JSONValue? {
        var parts = 1_000
        return shownJSON(&parts)
    }

    private func shownJSON(_ parts: inout Int) -> JSONValue? {
        parts -= 1
        if parts < 0 { return nil }
        switch self {
        case .array(let array): return Self.shown(array.items, &parts)
        case .tuples(let stream):
            if stream.tuples.count > parts { return nil }
            return Self.shown(stream.tuples.map(\.value), &parts)
        case .object(let object):
            var result = JSONObject()
            for place in object.keys.indices {
                if let json = object.values[place].shownJSON(&parts) { result[object.keys[place]] = json }
                if parts < 0 { return nil }
            }
            return .object(result)
        default: return flatJSON
        }
    }

    private static func shown(_ items: [JSONataValue], _ parts: inout Int) -> JSONValue? {
        if items.count > parts { return nil }
        var result: [JSONValue] = []
        for item in items {
            result.append(item.shownJSON(&parts) ?? .null)
            if parts < 0 { return nil }
        }
        return .array(result)
    }

    /// As error texts show it: the first 200 bytes or so of its text.
    var brief: String {
        guard !isUndefined else { return "undefined" }
        guard let text = shownJSON?.text(upTo: 1_000) else { return isArray ? "[…]" : "{…}" }
        return text.utf8.count > 200 ? String(text.prefix(200)) + "…" : text
    }
}
