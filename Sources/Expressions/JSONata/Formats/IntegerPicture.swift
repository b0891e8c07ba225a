// The pictures of integers: decimal digits of any script, letters, roman numerals, words (XPath F&O 3.1, 4.6).

import JSON

/// What an integer's picture says.
struct IntegerPicture {
    enum LetterCase {
        case lower
        case upper
        case title
    }

    enum Primary {
        case decimal(DecimalPattern)
        case letters(LetterCase)
        case roman(LetterCase)
        case words(LetterCase)
        /// A numbering that is not known here, by the text that asks for it.
        case sequence(String)
    }

    var primary: Primary
    var isOrdinal = false

    init(_ picture: [Unicode.Scalar]) throws(JSONataError) {
        var token = picture[...]
        if let mark = picture.lastIndex(of: ";") {
            token = picture[..<mark]
            isOrdinal = picture[(mark + 1)...].first == "o"
        }
        switch String(scalars: token.prefix(3)) {
        case "A": primary = .letters(.upper)
        case "a": primary = .letters(.lower)
        case "I": primary = .roman(.upper)
        case "i": primary = .roman(.lower)
        case "W": primary = .words(.upper)
        case "w": primary = .words(.lower)
        case "Ww": primary = .words(.title)
        default:
            if let pattern = try DecimalPattern(token) {
                primary = .decimal(pattern)
            } else {
                primary = .sequence(String(scalars: token))
            }
        }
    }

    /// The pattern, where the picture is one of decimal digits.
    var decimal: DecimalPattern? { if case .decimal(let pattern) = primary { pattern } else { nil } }

    /// Writes the integer of these digits, which start with no zero.
    func write(_ digits: [UInt8], into text: inout [UInt8]) throws(JSONataError) {
        switch primary {
        case .decimal(let pattern):
            pattern.write(digits, into: &text)
            if isOrdinal { text.append(contentsOf: NumberWords.ordinalSuffix(of: digits).utf8) }
        case .letters(let letterCase): LetterNumbers.writeLetters(digits, upper: letterCase == .upper, into: &text)
        case .roman(let letterCase): LetterNumbers.writeRoman(digits, upper: letterCase == .upper, into: &text)
        case .words(let letterCase):
            let start = text.count
            NumberWords.write(digits[...], isOrdinal: isOrdinal, into: &text)
            NumberWords.setCase(letterCase, of: &text, from: start)
        case .sequence(let token): throw Self.unsupported(token)
        }
    }

    /// Reads an integer; `nil` where the text is none.
    func value(of text: ArraySlice<Unicode.Scalar>) throws(JSONataError) -> Double? {
        switch primary {
        case .decimal(let pattern): return pattern.value(of: text)
        case .letters(let letterCase): return LetterNumbers.value(ofLetters: text, anyCase: letterCase == .lower)
        case .roman(let letterCase): return LetterNumbers.value(ofRoman: text, anyCase: letterCase == .lower)
        case .words: return NumberWords.value(of: text)
        case .sequence(let token): throw Self.unsupported(token)
        }
    }

    static func unsupported(_ token: String) -> JSONataError {
        JSONataFormats.fault(
            "D3130",
            "Formatting or parsing an integer as a sequence starting with \(JSONValue.string(token).text) is not supported by this "
                + "implementation", .string(token))
    }
}

/// A pattern of decimal digits with grouping separators: `#,##0`.
struct DecimalPattern {
    /// How many digits there are at least.
    var mandatory = 0
    var optional = 0
    /// The code of the digit zero of its script.
    var zero: UInt32 = 0x30
    /// From right to left: how many digits stand to the right of the separator.
    var separators: [(position: Int, scalar: Unicode.Scalar)] = []
    /// Each of the separators.
    private var marks: Set<Unicode.Scalar> = []
    /// The distance where one separator repeats, else 0.
    var repeats = 0

    /// `nil` where the picture has no digit.
    init?(_ picture: ArraySlice<Unicode.Scalar>) throws(JSONataError) {
        for scalar in picture.reversed() {
            if let digit = Self.digit(scalar) {
                guard mandatory == 0 || zero == scalar.value - digit else {
                    throw JSONataFormats.fault(
                        "D3131", "In a decimal digit pattern, all digits must be from the same decimal group")
                }
                zero = scalar.value - digit
                mandatory += 1
            } else if scalar == "#" {
                optional += 1
            } else {
                separators.append((mandatory + optional, scalar))
            }
        }
        guard mandatory > 0 else { return nil }
        marks = Set(separators.map(\.scalar))
        if separators.allSatisfy({ $0.scalar == separators[0].scalar }) {
            repeats = Grouping.distance(of: separators.map(\.position))
        }
    }

    /// The value of a digit of any script.
    private static func digit(_ scalar: Unicode.Scalar) -> UInt32? {
        if scalar.isASCII { return (0x30...0x39).contains(scalar.value) ? scalar.value - 0x30 : nil }
        guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else { return nil }
        return UInt32(value)
    }

    func scalar(_ digit: UInt8) -> Unicode.Scalar { Unicode.Scalar(zero + UInt32(digit)) ?? "\u{FFFD}" }

    /// The value of a digit of the pattern's script.
    func digit(of scalar: Unicode.Scalar) -> UInt8? {
        scalar.value >= zero && scalar.value - zero < 10 ? UInt8(scalar.value - zero) : nil
    }

    /// Writes digits, with zeros before them and separators among them as the pattern has it.
    func write(_ digits: [UInt8], into text: inout [UInt8]) {
        let width = max(mandatory, digits.count)
        var next = separators[...]
        while let separator = next.last, separator.position >= width { next.removeLast() }
        for place in stride(from: width - 1, through: 0, by: -1) {
            text.append(scalar(place < digits.count ? digits[digits.count - 1 - place] : 0))
            if repeats > 0 {
                if place > 0, place % repeats == 0 { text.append(separators[0].scalar) }
            } else {
                while let separator = next.last, separator.position == place {
                    text.append(separator.scalar)
                    next.removeLast()
                }
            }
        }
    }

    /// Whether it is one of the separators.
    func isMark(_ scalar: Unicode.Scalar) -> Bool { !marks.isEmpty && marks.contains(scalar) }

    /// Reads as much as is a number, as JavaScript's parseInt does; `nil` where it starts with no digit.
    func value(of text: ArraySlice<Unicode.Scalar>) -> Double? {
        var rest = text.drop { $0.isSpace }
        var isNegative = false
        if let sign = rest.first, sign == "-" || sign == "+", !isMark(sign) {
            isNegative = sign == "-"
            rest.removeFirst()
        }
        var digits: [UInt8] = []
        digits.reserveCapacity(rest.count)
        for scalar in rest where !isMark(scalar) {
            guard let digit = digit(of: scalar) else { break }
            digits.append(digit)
        }
        guard let value = Self.value(ofDigits: digits) else { return nil }
        return isNegative ? -value : value
    }

    /// `nil` for no digits and for more than a double holds.
    static func value(ofDigits digits: [UInt8]) -> Double? {
        guard !digits.isEmpty, digits.count <= 18 else {
            let text = String(decoding: digits.map { $0 + 0x30 }, as: UTF8.self)
            return Double(text).flatMap { $0.isFinite ? $0 : nil }
        }
        return Double(digits.reduce(0) { $0 * 10 + Int64($1) })
    }
}
