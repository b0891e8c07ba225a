// Integers as letters (a, b, … z, aa) and as roman numerals.

import Core

enum LetterNumbers {
    private static let upperA: UInt32 = 0x41
    private static let lowerA: UInt32 = 0x61

    /// Bijective base 26, long division on the digits; nothing for zero.
    static func writeLetters(_ digits: [UInt8], upper: Bool, into text: inout [UInt8]) {
        let start = text.count
        let firstLetter = UInt8(upper ? upperA : lowerA) - 1
        var rest = digits[...]
        while rest.count > 18 {
            let (quotient, remainder) = dividedBy26(rest)
            text.append(firstLetter + UInt8(remainder))
            rest = quotient
        }
        // What is left fits an integer.
        var value = rest.reduce(0) { $0 * 10 + Int($1) }
        while value > 0 {
            text.append(firstLetter + UInt8((value - 1) % 26 + 1))
            value = (value - 1) / 26
        }
        text[start...].reverse()
    }

    /// The remainder is one from 1 to 26.
    private static func dividedBy26(_ digits: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, Int) {
        var quotient: [UInt8] = []
        var remainder = 0
        for digit in digits {
            remainder = remainder * 10 + Int(digit)
            quotient.append(UInt8(remainder / 26))
            remainder %= 26
        }
        if remainder == 0 {
            remainder = 26
            decrement(&quotient)
        }
        return (quotient[...].drop { $0 == 0 }, remainder)
    }

    private static func decrement(_ digits: inout [UInt8]) {
        var index = digits.count - 1
        while index >= 0, digits[index] == 0 {
            digits[index] = 9
            index -= 1
        }
        if index >= 0 { digits[index] -= 1 }
    }

    static func value(ofLetters text: ArraySlice<Unicode.Scalar>, anyCase: Bool) -> Double? {
        var value = 0.0
        for scalar in text {
            guard let letter = upper(scalar, anyCase: anyCase) else { return nil }
            value = value * 26 + Double(letter - upperA + 1)
            guard value.isFinite else { return nil }
        }
        return value
    }

    /// The code of the capital letter.
    private static func upper(_ scalar: Unicode.Scalar, anyCase: Bool) -> UInt32? {
        switch scalar {
        case "A"..."Z": scalar.value
        case "a"..."z": anyCase ? scalar.value - lowerA + upperA : nil
        default: nil
        }
    }

    private static let numerals: [(value: Int, text: String)] = [
        (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"),
        (5, "v"), (4, "iv"), (1, "i"),
    ]

    static func writeRoman(_ digits: [UInt8], upper: Bool, into text: inout [UInt8]) {
        let thousands = digits.dropLast(3).prefix(9).reduce(0) { $0 * 10 + Int($1) }
        guard thousands <= Limits.Evaluation.JSONata.maximumRomanThousands, digits.count <= 12 else {
            text += digits.map { $0 + UInt8(ascii: "0") }
            return
        }
        let start = text.count
        var rest = digits.suffix(3).reduce(0) { $0 * 10 + Int($1) }
        text += repeatElement(UInt8(ascii: "m"), count: thousands)
        for numeral in numerals {
            while rest >= numeral.value {
                text += numeral.text.utf8
                rest -= numeral.value
            }
        }
        if upper { NumberWords.setCase(.upper, of: &text, from: start) }
    }

    private static func romanDigit(_ letter: UInt32) -> Double? {
        switch Unicode.Scalar(letter) {
        case "I": 1
        case "V": 5
        case "X": 10
        case "L": 50
        case "C": 100
        case "D": 500
        case "M": 1000
        default: nil
        }
    }

    /// A numeral before a greater one counts against it.
    static func value(ofRoman text: ArraySlice<Unicode.Scalar>, anyCase: Bool) -> Double? {
        var value = 0.0
        var greatest = 0.0
        for scalar in text.reversed() {
            guard let letter = upper(scalar, anyCase: anyCase), let digit = romanDigit(letter) else { return nil }
            value += digit < greatest ? -digit : digit
            greatest = max(greatest, digit)
        }
        return value
    }
}
