// Integers as letters (a, b, … z, aa) and as roman numerals.

enum LetterNumbers {
    private static let upperA: UInt32 = 0x41
    private static let lowerA: UInt32 = 0x61
    /// A roman number has an M for each thousand; beyond this many of them it is written in decimal (F&O 3.1, 4.6.1:
    /// where a number is outside of the range of a numbering).
    private static let mostThousands = 10_000

    /// Bijective base 26, long division on the digits; nothing for zero.
    static func letters(of digits: [UInt8], upper: Bool) -> String {
        var rest = digits[...]
        var reversed: [UInt8] = []
        while !rest.isEmpty {
            var quotient: [UInt8] = []
            var remainder = 0
            for digit in rest {
                remainder = remainder * 10 + Int(digit)
                quotient.append(UInt8(remainder / 26))
                remainder %= 26
            }
            if remainder == 0 {
                remainder = 26
                decrement(&quotient)
            }
            reversed.append(UInt8((upper ? upperA : lowerA) + UInt32(remainder) - 1))
            rest = quotient[...].drop { $0 == 0 }
        }
        return String(decoding: reversed.reversed(), as: UTF8.self)
    }

    private static func decrement(_ digits: inout [UInt8]) {
        var index = digits.count - 1
        while index >= 0, digits[index] == 0 {
            digits[index] = 9
            index -= 1
        }
        if index >= 0 { digits[index] -= 1 }
    }

    static func value(ofLetters text: [Unicode.Scalar], anyCase: Bool) -> Double? {
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

    static func roman(of digits: [UInt8], upper: Bool) -> String {
        let thousands = digits.dropLast(3).prefix(9).reduce(0) { $0 * 10 + Int($1) }
        guard thousands <= mostThousands, digits.count <= 12 else { return String(scalars: digits.map(decimal)) }
        var rest = digits.suffix(3).reduce(0) { $0 * 10 + Int($1) }
        var text = String(repeating: "m", count: thousands)
        for numeral in numerals {
            while rest >= numeral.value {
                text += numeral.text
                rest -= numeral.value
            }
        }
        return upper ? text.uppercased() : text
    }

    private static func decimal(_ digit: UInt8) -> Unicode.Scalar { Unicode.Scalar(digit + 0x30) }

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
    static func value(ofRoman text: [Unicode.Scalar], anyCase: Bool) -> Double? {
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
