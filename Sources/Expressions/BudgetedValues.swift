// Walks over JSON values that an evaluation pays for.

package import JSON

extension EvaluationBudget {
    /// Bytes that one element of an array or one small string takes in memory, about.
    static let elementBytes = 32
    /// Bytes that one member of an object takes in memory beside its name's text, about.
    static let memberBytes = 96
    /// Bytes in memory that one byte of JSON text may become when it is parsed, at most, about.
    static let parsedBytes = 20

    /// Takes the bytes of an array of `count` elements, and a step for each eight.
    mutating func charge(elements count: Int) throws(EvaluationBudgetExceeded) {
        try charge(steps: 1 + count >> 3)
        try charge(bytes: Self.elementBytes * count)
    }

    /// Parses JSON within the limits of the parser and of the budget. Throws `JSONError` or
    /// `EvaluationBudgetExceeded` as a failure.
    mutating func parse(_ text: String) throws(EvaluationBudgetExceeded) -> Result<JSONValue, JSONError> {
        let count = text.utf8.count
        try charge(steps: 1 + count >> 5)
        try charge(bytes: Self.parsedBytes * count)
        return Result { () throws(JSONError) in try JSONValue.parse(text) }
    }

    /// Returns the compact text of a value, `nil` if it has more than `limit` bytes.
    mutating func text(of value: JSONValue, within limit: Int) throws(EvaluationBudgetExceeded) -> String? {
        // What is written may take two times its length while the buffer grows.
        let affordable = min(bytes / 2, min(steps, 1 << 40) << 5)
        var writer = JSONWriter(bytes: min(limit, affordable))
        writer.write(value)
        try charge(steps: 1 + min(writer.count, affordable) >> 5)
        if writer.excess != nil {
            if limit <= affordable { return nil }
            throw bytes / 2 <= affordable ? .bytes : .steps
        }
        try charge(bytes: 2 * writer.count)
        return writer.text
    }

    /// Returns whether both values are equal (`JSONValue`'s `==`). Takes a step for each pair of nodes, and those of
    /// the texts that are compared.
    package mutating func areEqual(
        _ left: JSONValue, _ right: JSONValue
    ) throws(EvaluationBudgetExceeded) -> Bool {
        switch (left, right) {
        case (.string(let a), .string(let b)):
            guard a.utf8.count == b.utf8.count else {
                try charge()
                return false
            }
            try charge(textBytes: a.utf8.count)
            return a.hasSameUnits(as: b)
        case (.number(let a), .number(let b)):
            try charge(textBytes: a.text.utf8.count + b.text.utf8.count)
            return a == b
        case (.array(let a), .array(let b)):
            try charge()
            guard a.count == b.count else { return false }
            for index in a.indices where try !areEqual(a[index], b[index]) { return false }
            return true
        case (.object(let a), .object(let b)):
            try charge()
            guard a.count == b.count else { return false }
            for (key, value) in a {
                try charge(textBytes: key.utf8.count)
                guard let other = b[key], try areEqual(value, other) else { return false }
            }
            return true
        default:
            try charge()
            return left == right
        }
    }

    /// Returns a hash that is the same for values that are equal. Takes a step for each node, and those of the texts.
    mutating func hash(of value: JSONValue) throws(EvaluationBudgetExceeded) -> Int {
        var hasher = Hasher()
        try hash(value, into: &hasher)
        return hasher.finalize()
    }

    private mutating func hash(_ value: JSONValue, into hasher: inout Hasher) throws(EvaluationBudgetExceeded) {
        switch value {
        case .null: hasher.combine(0)
        case .bool(let flag): hasher.combine(flag)
        case .number(let number):
            try charge(textBytes: 2 * number.text.utf8.count)
            // Zero has one hash, whatever its sign.
            hasher.combine(number.double + 0)
        case .string(let text):
            try charge(textBytes: text.utf8.count)
            hasher.combine(CodeUnits(text))
        case .array(let elements):
            hasher.combine(elements.count)
            for element in elements { try hash(element, into: &hasher) }
        case .object(let members):
            // The order of members does not count, so their hashes are added up.
            var sum = 0
            for (name, value) in members {
                try charge(textBytes: name.utf8.count)
                var member = Hasher()
                member.combine(CodeUnits(name))
                try hash(value, into: &member)
                sum &+= member.finalize()
            }
            hasher.combine(sum)
        }
        try charge()
    }
}
