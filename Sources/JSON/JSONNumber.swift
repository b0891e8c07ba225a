// A number that keeps the text it was written with.

/// A JSON number. `0.0` stays `0.0`, thirty digits stay thirty digits and `1e400` is no error; arithmetic goes through
/// `int` and `double`.
package struct JSONNumber: Sendable {
    /// The text, always of RFC 8259's grammar.
    package let text: String

    /// For the parser alone, which has checked the grammar.
    init(unchecked text: String) { self.text = text }

    /// The number with this text, `nil` if it is not of JSON's grammar (`01`, `+1`, `.5`, `NaN` are not).
    package init?(text: String) {
        guard case .number(let number)? = try? JSONValue.parse(text), number.text.utf8.count == text.utf8.count else {
            return nil
        }
        self = number
    }

    package init(_ value: Int) { text = String(value) }

    /// The shortest text that reads back as the same double; whole numbers below 2^63 without a fraction. JSON has no
    /// infinities and no NaN: the caller decides what those become before it comes here.
    package init(_ value: Double) {
        precondition(value.isFinite, "JSON cannot hold \(value)")
        if value == value.rounded(), abs(value) < 9_007_199_254_740_992 {
            text = String(Int(value))
        } else {
            text = value.description
        }
    }

    /// The value as an integer when it is whole (also when written `1.0` or `1e2`) and fits 64 bits.
    package var int: Int? {
        if let value = Int(text) { return value }
        // Only a text with a fraction or an exponent may still be a small whole number; digits alone were too large.
        guard text.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }) else {
            return nil
        }
        return Int(exactly: double)
    }

    /// The nearest double; infinite for a number beyond its range, as IEEE 754 rounds.
    package var double: Double { Double(text) ?? .nan }

    /// Whether the text is digits alone, with no fraction and no exponent.
    package var isIntegerText: Bool {
        text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

extension JSONNumber: Comparable {
    package static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        if left.text == right.text { return true }
        if let a = Int(left.text), let b = Int(right.text) { return a == b }
        return left.double == right.double
    }

    package static func < (left: JSONNumber, right: JSONNumber) -> Bool {
        if let a = Int(left.text), let b = Int(right.text) { return a < b }
        return left.double < right.double
    }
}
