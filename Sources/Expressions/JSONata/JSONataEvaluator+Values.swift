// What the evaluator reads of values, counted: a value may have many parts, and may share them.

import JSON

extension JSONataEvaluator {
    /// The elements of an array, `nil` for anything else. Those of a document are copied.
    func elements(of value: Value) throws(JSONataError) -> [Value]? {
        switch value {
        case .documentArray(let elements): try charge(elements: elements.count)
        case .tuples(let stream): try charge(elements: stream.tuples.count)
        default: break
        }
        return value.elements
    }

    /// Elements of an array, one for a single value, none for undefined.
    func list(_ value: Value) throws(JSONataError) -> [Value] {
        try elements(of: value) ?? (value.isUndefined ? [] : [value])
    }

    /// The members of an object in order, `nil` for anything else.
    func members(of value: Value) throws(JSONataError) -> [(key: String, value: Value)]? {
        switch value {
        case .documentObject(let object): try charge(elements: 2 * object.count)
        case .object(let object): try charge(elements: 2 * object.count)
        default: break
        }
        return value.members
    }

    /// Counts a new array of `count` elements, which AWS does not count.
    func charge(elements count: Int) throws(JSONataError) {
        try charge(bytes: EvaluationBudget.elementBytes * count, steps: count >> 4)
    }

    /// A number as a double; one of many digits costs steps.
    func double(_ value: Value) throws(JSONataError) -> Double? {
        try charge(digitsOf: value)
        return value.double
    }

    /// Elements that are added up or compared, each counted.
    func numbers(_ value: Value) throws(JSONataError) -> [Value] {
        let items = try list(value)
        try charge(0, steps: items.count)
        for item in items { try charge(digitsOf: item) }
        return items
    }

    /// Whether the first string comes before the second.
    func precedes(_ left: String, _ right: String) throws(JSONataError) -> Bool {
        try charge(0, steps: min(left.utf8.count, right.utf8.count) >> 6)
        return left.precedesInUTF16(right)
    }

    /// Counts what it takes to read a number of many digits.
    @inline(__always)
    func charge(digitsOf value: Value) throws(JSONataError) {
        if case .literal(let number) = value, number.text.utf8.count > 64 {
            try charge(0, steps: number.text.utf8.count >> 4)
        }
    }

    /// `$boolean`; `nil` for undefined.
    func truth(_ value: Value) throws(JSONataError) -> Bool? {
        switch value {
        case .array(let array):
            for item in array.items where try isTrue(item) { return true }
            return false
        case .documentArray(let elements):
            for element in elements where try isTrue(Value(element)) { return true }
            return false
        case .tuples(let stream):
            for tuple in stream.tuples where try isTrue(tuple.value) { return true }
            return false
        default:
            try charge(digitsOf: value)
            return value.scalarTruth
        }
    }

    func isTrue(_ value: Value) throws(JSONataError) -> Bool {
        if value.isArray { try charge(0, steps: 1) }
        return try truth(value) ?? false
    }

    // MARK: - Equality

    /// Deep equality; arrays and objects that are one and the same are equal, as in the reference.
    func areEqual(_ left: Value, _ right: Value) throws(JSONataError) -> Bool {
        switch (left, right) {
        case (.undefined, .undefined), (.null, .null): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.string(let a), .string(let b)):
            guard a.utf8.count == b.utf8.count else { return false }
            try charge(0, steps: a.utf8.count >> 6)
            return a.hasSameUnits(as: b)
        case (.int(let a), .int(let b)): return a == b
        case (.function(let a), .function(let b)): return a === b
        case (.regex(let a), .regex(let b)): return a === b
        case (.array(let a), .array(let b)) where a === b: return true
        case (.object(let a), .object(let b)) where a === b: return true
        default: break
        }
        if left.isNumber, right.isNumber { return try double(left) == double(right) }
        if let count = left.count {
            guard count == right.count else { return false }
            try charge(0, steps: 1 + count / 2)
            for place in 0..<count where try !areEqual(left.element(place), right.element(place)) { return false }
            return true
        }
        return try areEqualObjects(left, right)
    }

    private func areEqualObjects(_ left: Value, _ right: Value) throws(JSONataError) -> Bool {
        guard left.isObject, right.isObject, left.memberCount == right.memberCount else { return false }
        try charge(0, steps: 1)
        for (key, value) in try members(of: left) ?? [] {
            try charge(0, steps: 1 + key.utf8.count >> 6)
            if try !areEqual(value, right.member(key)) { return false }
        }
        return true
    }

    /// Returns a hash that is the same for values that are equal.
    func hash(of value: Value) throws(JSONataError) -> Int {
        var hasher = Hasher()
        try hash(value, into: &hasher)
        return hasher.finalize()
    }

    private func hash(_ value: Value, into hasher: inout Hasher) throws(JSONataError) {
        try charge(0, steps: 1)
        switch value {
        case .undefined: hasher.combine(1)
        case .null: hasher.combine(2)
        case .bool(let flag): hasher.combine(flag)
        case .int, .number, .literal: hasher.combine((try double(value) ?? 0) + 0)
        case .string(let text):
            try charge(0, steps: text.utf8.count >> 6)
            hasher.combine(CodeUnits(text))
        case .array, .documentArray, .tuples:
            let count = value.count ?? 0
            hasher.combine(count)
            for place in 0..<count { try hash(value.element(place), into: &hasher) }
        case .object, .documentObject:
            // The order of members does not count, so their hashes are added up.
            var sum = 0
            for (key, value) in try members(of: value) ?? [] {
                try charge(0, steps: key.utf8.count >> 6)
                var member = Hasher()
                member.combine(CodeUnits(key))
                try hash(value, into: &member)
                sum &+= member.finalize()
            }
            hasher.combine(sum)
        case .function(let function): hasher.combine(ObjectIdentifier(function))
        case .regex(let regex): hasher.combine(ObjectIdentifier(regex))
        }
    }
}

extension JSONataValue {
    /// How many elements an array has, `nil` for anything else.
    var count: Int? {
        switch self {
        case .array(let array): array.items.count
        case .documentArray(let elements): elements.count
        case .tuples(let stream): stream.tuples.count
        default: nil
        }
    }

    /// How many elements `list` would have.
    var listCount: Int { count ?? (isUndefined ? 0 : 1) }

    /// An element of an array that has as many.
    func element(_ place: Int) -> JSONataValue {
        switch self {
        case .array(let array): array.items[place]
        case .documentArray(let elements): JSONataValue(elements[place])
        case .tuples(let stream): stream.tuples[place].value
        default: self
        }
    }

    /// How many members an object has, 0 for anything else.
    var memberCount: Int {
        switch self {
        case .documentObject(let object): object.count
        case .object(let object): object.count
        default: 0
        }
    }
}

extension String {
    /// Whether the string comes first by UTF-16 code units, as in JavaScript.
    func precedesInUTF16(_ other: String) -> Bool {
        var (left, right) = (self, other)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                let count = min(left.count, right.count)
                guard let place = (0..<count).first(where: { left[$0] != right[$0] }) else {
                    return left.count < right.count
                }
                // Characters of four bytes are surrogates in UTF-16, before U+E000 to U+FFFF.
                let (a, b) = (left[place], right[place])
                if a >= 0xEE, b >= 0xEE, (a < 0xF0) != (b < 0xF0) { return a > b }
                return a < b
            }
        }
    }
}

// MARK: - Pictures

extension JSONataEvaluator {
    /// Counts what it takes to read a picture.
    func chargePicture(_ picture: String) throws(JSONataError) {
        let count = picture.utf8.count
        try charge(bytes: 32 * count, steps: count >> 3)
    }

    /// Counts a text that a picture has made, which is bounded by `Limits.Evaluation.JSONata.maximumPictureCharacters`.
    func counted(_ text: String) throws(JSONataError) -> String {
        try charge(bytes: 2 * text.utf8.count, steps: text.utf8.count >> 5)
        return text
    }
}
