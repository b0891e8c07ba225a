// A number that keeps the text it was written with.

/// A JSON number. `0.0` stays `0.0`, thirty digits stay thirty digits and `1e400` is no error; arithmetic goes through
/// `int` and `double`. Comparison is exact, whatever the number of digits: `1`, `1.0` and `10e-1` are equal.
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

    /// The shortest text that reads back as the same double; whole numbers below 2^53 without a fraction. JSON has no
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
        // Digits alone were too large; only a text with a fraction or an exponent may still be a small whole number.
        return isIntegerText || isPlainFraction ? nil : DecimalNumber(text).int
    }

    /// Whether the text has no exponent and ends in a digit behind the point that is not zero.
    private var isPlainFraction: Bool {
        guard let last = text.utf8.last, last != UInt8(ascii: "0") else { return false }
        var hasPoint = false
        for byte in text.utf8 {
            if byte | 0x20 == UInt8(ascii: "e") { return false }
            if byte == UInt8(ascii: ".") { hasPoint = true }
        }
        return hasPoint
    }

    /// The nearest double; infinite for a number beyond its range, as IEEE 754 rounds.
    package var double: Double { Double(text) ?? .nan }

    /// Whether the text is digits alone, with no fraction and no exponent.
    package var isIntegerText: Bool {
        text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || $0 &- 0x30 < 10 }
    }
}

extension JSONNumber: Comparable {
    package static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        if left.text == right.text { return true }
        if let a = Int(left.text), let b = Int(right.text) { return a == b }
        return DecimalNumber(left.text) == DecimalNumber(right.text)
    }

    package static func < (left: JSONNumber, right: JSONNumber) -> Bool {
        if let a = Int(left.text), let b = Int(right.text) { return a < b }
        return DecimalNumber(left.text) < DecimalNumber(right.text)
    }
}

/// A number's text taken apart: 0.d₁d₂d₃… × 10^exponent, without zeros at either end of the digits.
private struct DecimalNumber: Comparable {
    private var isNegative = false
    /// Empty for zero, however it is written.
    private var digits: [UInt8] = []
    /// Held at about ±2^56: larger ones than that are not told apart.
    private var exponent = 0

    init(_ text: String) {
        var point: Int?
        var leadingZeros = 0
        var written = 0
        var rest = text.utf8[...]
        isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        while let byte = rest.first, byte | 0x20 != UInt8(ascii: "e") {
            rest.removeFirst()
            if byte == UInt8(ascii: ".") {
                point = written
                continue
            }
            written += 1
            if digits.isEmpty, byte == UInt8(ascii: "0") { leadingZeros += 1 } else { digits.append(byte - 0x30) }
        }
        while digits.last == 0 { digits.removeLast() }
        if digits.isEmpty {
            isNegative = false
            return
        }
        exponent = (point ?? written) - leadingZeros + DecimalNumber.exponent(rest.dropFirst())
    }

    private static func exponent(_ text: Substring.UTF8View) -> Int {
        var value = 0
        for byte in text where byte &- 0x30 < 10 {
            value = min(value * 10 + Int(byte) - 0x30, 1 << 56)
        }
        return text.first == UInt8(ascii: "-") ? -value : value
    }

    var int: Int? {
        if digits.isEmpty { return 0 }
        guard digits.count <= exponent, exponent <= 19 else { return nil }
        var value = 0
        for position in 0..<exponent {
            let digit = position < digits.count ? Int(digits[position]) : 0
            let (tenfold, over) = value.multipliedReportingOverflow(by: 10)
            let (next, overNext) = tenfold.addingReportingOverflow(isNegative ? -digit : digit)
            if over || overNext { return nil }
            value = next
        }
        return value
    }

    static func < (left: DecimalNumber, right: DecimalNumber) -> Bool {
        if left.sign != right.sign { return left.sign < right.sign }
        let isBelow =
            left.exponent != right.exponent
            ? left.exponent < right.exponent : left.digits.lexicographicallyPrecedes(right.digits)
        return left != right && isBelow != left.isNegative
    }

    private var sign: Int { digits.isEmpty ? 0 : isNegative ? -1 : 1 }
}
