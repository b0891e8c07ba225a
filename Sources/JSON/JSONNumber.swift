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
        return isIntegerText || isPlainFraction ? nil : DecimalNumber.with(text) { $0.int }
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
        return DecimalNumber.order(left.text, right.text) == 0
    }

    package static func < (left: JSONNumber, right: JSONNumber) -> Bool {
        if let a = Int(left.text), let b = Int(right.text) { return a < b }
        return DecimalNumber.order(left.text, right.text) < 0
    }
}

/// Where the digits of a number's text are: 0.d₁d₂d₃… × 10^exponent. Nothing is copied, so that a number of many digits
/// costs no more than a look at each.
private struct DecimalNumber {
    private let utf8: UnsafeBufferPointer<UInt8>
    private var isNegative = false
    /// The first digit that is not zero, and the end of the digits; the same for zero, however it is written.
    private var first = 0
    private var end = 0
    /// Held at about ±2^56: larger ones than that are not told apart.
    private var exponent = 0

    /// Runs `body` on the parts of a number. `text` is of JSON's grammar.
    static func with<Result>(_ text: String, _ body: (DecimalNumber) -> Result) -> Result {
        var text = text
        return text.withUTF8 { body(DecimalNumber($0)) }
    }

    /// Returns -1, 0 or 1.
    static func order(_ left: String, _ right: String) -> Int {
        with(left) { left in with(right) { right in left.order(to: right) } }
    }

    private init(_ utf8: UnsafeBufferPointer<UInt8>) {
        self.utf8 = utf8
        isNegative = utf8.first == UInt8(ascii: "-")
        let start = isNegative ? 1 : 0
        end = utf8[start...].firstIndex { $0 | 0x20 == UInt8(ascii: "e") } ?? utf8.count
        let mantissa = utf8[start..<end]
        let point = mantissa.firstIndex(of: UInt8(ascii: ".")) ?? end
        guard let first = mantissa.firstIndex(where: { $0 != UInt8(ascii: "0") && $0 != UInt8(ascii: ".") }) else {
            isNegative = false
            self.first = end
            return
        }
        self.first = first
        exponent = (first < point ? point - first : point + 1 - first) + Self.exponent(utf8[end...].dropFirst())
    }

    private static func exponent(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        var value = 0
        for byte in text where byte &- 0x30 < 10 {
            value = min(value * 10 + Int(byte) - 0x30, 1 << 56)
        }
        return text.first == UInt8(ascii: "-") ? -value : value
    }

    private var sign: Int { first == end ? 0 : isNegative ? -1 : 1 }

    /// Takes the digit at `place`, and zeros after the last one.
    private func digit(_ place: inout Int) -> UInt8 {
        if place < end, utf8[place] == UInt8(ascii: ".") { place += 1 }
        guard place < end else { return 0 }
        place += 1
        return utf8[place - 1] - 0x30
    }

    private func order(to other: DecimalNumber) -> Int {
        if sign != other.sign { return sign < other.sign ? -1 : 1 }
        if sign == 0 { return 0 }
        if exponent != other.exponent { return exponent < other.exponent ? -sign : sign }
        var (place, otherPlace) = (first, other.first)
        while place < end || otherPlace < other.end {
            let (a, b) = (digit(&place), other.digit(&otherPlace))
            if a != b { return a < b ? -sign : sign }
        }
        return 0
    }

    /// The value if it is whole and fits 64 bits.
    var int: Int? {
        if sign == 0 { return 0 }
        guard (1...19).contains(exponent) else { return nil }
        var place = first
        var value = 0
        for _ in 0..<exponent {
            let digit = Int(digit(&place))
            let (tenfold, over) = value.multipliedReportingOverflow(by: 10)
            let (next, overNext) = tenfold.addingReportingOverflow(isNegative ? -digit : digit)
            if over || overNext { return nil }
            value = next
        }
        while place < end { if digit(&place) != 0 { return nil } }
        return value
    }
}
