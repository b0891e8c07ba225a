// Numbers as JavaScript writes them: in decimal (ECMA-262, Number::toString) and to another base.

import JSON

extension JSONataFormats {
    /// JavaScript's text of a number: the shortest digits, an exponent from 1e21 and below 1e-6, no sign for zero.
    static func numberText(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
        // In this range Swift writes numbers as JavaScript does, whole ones with a point.
        if (1e-4..<0x1p53).contains(value.magnitude) {
            return Int(exactly: value).map { String($0) } ?? value.description
        }
        let decimal = DecimalDigits(value)
        let sign = value < 0 ? "-" : ""
        guard !decimal.digits.isEmpty else { return "0" }
        func text(_ digits: some Sequence<UInt8>) -> String {
            String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
        }
        if (-5...21).contains(decimal.point) {
            let fraction = decimal.fraction
            let whole = decimal.point > 0 ? text(decimal.whole) : "0"
            return sign + whole + (fraction.isEmpty ? "" : "." + text(fraction))
        }
        let exponent = decimal.point - 1
        let fraction = decimal.digits.count > 1 ? "." + text(decimal.digits.dropFirst()) : ""
        return "\(sign)\(text(decimal.digits.prefix(1)))\(fraction)e\(exponent < 0 ? "-" : "+")\(exponent.magnitude)"
    }

    /// `$formatBase`: value and radix are rounded half to even first.
    static func formatBase(_ value: Double, radix: Double) throws(JSONataError) -> String {
        let whole = value.rounded(.toNearestOrEven)
        let base = radix.rounded(.toNearestOrEven)
        guard base >= 2, base <= 36 else {
            let given: JSONValue? = base.isFinite ? .number(JSONNumber(base)) : nil
            throw fault(
                "D3100",
                "The radix of the formatBase function must be between 2 and 36.  It was given \(numberText(base))",
                given)
        }
        guard whole.isFinite, whole != 0, base != 10 else { return numberText(whole) }
        return (whole < 0 ? "-" : "") + digits(of: whole.magnitude, radix: base)
    }

    /// Beyond 2^53 a double says nothing of its last digits: like V8, zeros stand there.
    private static func digits(of magnitude: Double, radix: Double) -> String {
        var reversed: [UInt8] = []
        var rest = magnitude
        while rest >= 0x1p53 {
            rest /= radix
            reversed.append(UInt8(ascii: "0"))
        }
        while rest >= 1 {
            let digit = rest.truncatingRemainder(dividingBy: radix)
            let value = UInt8(digit)
            reversed.append(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10)
            rest = (rest - digit) / radix
        }
        return String(decoding: reversed.reversed(), as: UTF8.self)
    }
}
