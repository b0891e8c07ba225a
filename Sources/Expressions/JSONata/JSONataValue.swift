// The values of an evaluation: JSON, shared with the document, and what JSONata has beside it.

import JSON

/// A value. What comes from the document stays as it is until it is looked into.
enum JSONataValue {
    case undefined
    case null
    case bool(Bool)
    /// A whole number that is exact.
    case int(Int)
    case number(Double)
    /// A number of the document or of the expression's text, which keeps how it was written.
    case literal(JSONNumber)
    case string(String)
    /// An array or an object of the document.
    case documentArray([JSONValue])
    case documentObject(JSONObject)
    /// Made by the evaluation.
    case array(JSONataArray)
    case object(JSONataObject)
    case function(JSONataFunction)
    case regex(JSONataRegex)
    /// What a path with focus, index or parent bindings carries from step to step.
    case tuples(JSONataTuples)

    init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .number(let number): self = .literal(number)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .documentArray(elements)
        case .object(let members): self = .documentObject(members)
        }
    }

    /// A number as it stands in an expression.
    init(literal text: String, _ dialect: JSONata.Dialect) {
        if let int = Int(text), JSONataValue.isExact(int, dialect) {
            self = .int(int)
        } else {
            self = .number(Double(text) ?? 0)
        }
    }

    /// JavaScript has 53 bits, AWS's evaluator 64.
    static func isExact(_ int: Int, _ dialect: JSONata.Dialect) -> Bool {
        dialect == .stepFunctions || int.magnitude <= 9_007_199_254_740_992
    }

    static func array(_ items: [JSONataValue]) -> JSONataValue { .array(JSONataArray(items)) }
    static func sequence(_ items: [JSONataValue] = []) -> JSONataArray { JSONataArray(items, isSequence: true) }
}

/// An array, or a sequence: one that may collapse to its only element.
final class JSONataArray {
    @exclusivity(unchecked) private(set) var items: [JSONataValue]
    @exclusivity(unchecked) var isSequence: Bool
    @exclusivity(unchecked) var keepsSingleton = false
    /// Made by `[…]` as a step: stays one element of the path's result.
    @exclusivity(unchecked) var isConstructed = false
    /// Stands around the whole input where that is an array.
    @exclusivity(unchecked) var isOuterWrapper = false
    @exclusivity(unchecked) private var knownShape: JSONataShape?

    init(_ items: [JSONataValue], isSequence: Bool = false) {
        self.items = items
        self.isSequence = isSequence
    }

    func push(_ value: JSONataValue) {
        knownShape = nil
        items.append(value)
    }

    func push(_ values: some Sequence<JSONataValue>) {
        knownShape = nil
        items += values
    }

    var shape: JSONataShape {
        if let knownShape { return knownShape }
        let shape = JSONataShape.around(items)
        knownShape = shape
        return shape
    }
}

/// An object that the evaluation has made; its members keep the order in which they were set.
final class JSONataObject {
    @exclusivity(unchecked) private(set) var keys: [String] = []
    @exclusivity(unchecked) private(set) var values: [JSONataValue] = []
    @exclusivity(unchecked) private var index: [CodeUnits: Int] = [:]
    @exclusivity(unchecked) private var knownShape: JSONataShape?

    init(capacity: Int = 0) {
        guard capacity > 0 else { return }
        keys.reserveCapacity(capacity)
        values.reserveCapacity(capacity)
    }

    init(_ members: [(String, JSONataValue)]) { for (key, value) in members { self[key] = value } }

    var count: Int { keys.count }

    private func place(of key: String) -> Int? {
        if keys.count > 8 { return index[CodeUnits(key)] }
        return keys.firstIndex { $0.hasSameUnits(as: key) }
    }

    subscript(key: String) -> JSONataValue {
        get { place(of: key).map { values[$0] } ?? .undefined }
        set {
            knownShape = nil
            if let place = place(of: key) {
                values[place] = newValue
                return
            }
            keys.append(key)
            values.append(newValue)
            if keys.count == 9 {
                for (place, key) in keys.enumerated() { index[CodeUnits(key)] = place }
            } else if keys.count > 9 {
                index[CodeUnits(key)] = keys.count - 1
            }
        }
    }

    var shape: JSONataShape {
        if let knownShape { return knownShape }
        let shape = JSONataShape.around(values)
        knownShape = shape
        return shape
    }

    func remove(_ key: String) {
        guard let place = place(of: key) else { return }
        keys.remove(at: place)
        values.remove(at: place)
        index = [:]
        if keys.count > 8 { for (place, key) in keys.enumerated() { index[CodeUnits(key)] = place } }
    }
}

/// A stream of tuples: each the value at hand and the variables that the path has bound so far.
final class JSONataTuples {
    struct Tuple {
        var value: JSONataValue
        var bindings: [(symbol: Int, value: JSONataValue)]

        mutating func bind(_ symbol: Int, _ value: JSONataValue) {
            if let place = bindings.firstIndex(where: { $0.symbol == symbol }) {
                bindings[place].value = value
            } else {
                bindings.append((symbol, value))
            }
        }
    }

    @exclusivity(unchecked) var tuples: [Tuple]

    init(_ tuples: [Tuple] = []) { self.tuples = tuples }
}

// MARK: - Looking into values

extension JSONataValue {
    var isUndefined: Bool { if case .undefined = self { true } else { false } }

    var isArray: Bool {
        switch self {
        case .array, .documentArray, .tuples: true
        default: false
        }
    }

    var isFunction: Bool {
        switch self {
        case .function, .regex: true
        default: false
        }
    }

    var isObject: Bool {
        switch self {
        case .object, .documentObject: true
        default: false
        }
    }

    /// The elements of an array, `nil` for anything else.
    var elements: [JSONataValue]? {
        switch self {
        case .array(let array): array.items
        case .documentArray(let elements): elements.map { JSONataValue($0) }
        case .tuples(let stream): stream.tuples.map(\.value)
        default: nil
        }
    }

    var double: Double? {
        switch self {
        case .int(let int): Double(int)
        case .number(let number): number
        case .literal(let number): number.double
        default: nil
        }
    }

    /// The number as a whole one, `nil` for fractions and for what is no number.
    var int: Int? {
        switch self {
        case .int(let int): int
        case .number(let number): Int(exactly: number)
        case .literal(let number): number.int
        default: nil
        }
    }

    var isNumber: Bool {
        switch self {
        case .int, .number, .literal: true
        default: false
        }
    }

    var text: String? { if case .string(let text) = self { text } else { nil } }

    /// The members of an object in order, `nil` for anything else.
    var members: [(key: String, value: JSONataValue)]? {
        switch self {
        case .documentObject(let object): object.map { ($0.key, JSONataValue($0.value)) }
        case .object(let object): Array(zip(object.keys, object.values)).map { ($0.0, $0.1) }
        default: nil
        }
    }

    func member(_ key: String) -> JSONataValue {
        switch self {
        case .documentObject(let object): object[key].map { JSONataValue($0) } ?? .undefined
        case .object(let object): object[key]
        default: .undefined
        }
    }

    /// A literal number with its sign turned.
    var negated: JSONataValue? {
        switch self {
        case .int(.min): .number(0x1p63)
        case .int(let int): .int(-int)
        case .number(let number): .number(-number)
        default: nil
        }
    }

    /// JSONata's own name of the type.
    var typeName: String? {
        switch self {
        case .undefined: nil
        case .null: "null"
        case .bool: "boolean"
        case .int, .number, .literal: "number"
        case .string: "string"
        case .array, .documentArray, .tuples: "array"
        case .object, .documentObject: "object"
        case .function, .regex: "function"
        }
    }
}

// MARK: - Truth

extension JSONataValue {
    /// `$boolean` of everything but arrays; `nil` for undefined.
    var scalarTruth: Bool? {
        switch self {
        case .undefined: return nil
        case .null, .function, .regex: return false
        case .bool(let flag): return flag
        case .int(let int): return int != 0
        case .number, .literal: return double != 0
        case .string(let text): return !text.isEmpty
        case .documentObject(let object): return !object.isEmpty
        case .object(let object): return object.count > 0
        case .array, .documentArray, .tuples: return nil
        }
    }
}
