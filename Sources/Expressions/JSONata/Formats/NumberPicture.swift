// The pictures of `$formatNumber`: the decimal format, the checks of a sub-picture, and what it says (F&O 3.1, 4.7).

import JSON

/// The characters that mean something in a picture, and the texts that stand for them in the result.
struct DecimalFormat {
    /// A property that one may set to any text; a picture can hold it as a character only where it is a single one.
    struct Symbol {
        var text: [Unicode.Scalar]
        var single: Unicode.Scalar? { text.count == 1 ? text[0] : nil }

        init(_ text: String) { self.text = Array(text.unicodeScalars) }
    }

    var decimalSeparator = Symbol(".")
    var groupingSeparator = Symbol(",")
    var exponentSeparator = Symbol("e")
    var minusSign = Symbol("-")
    var infinity = Symbol("Infinity")
    var notANumber = Symbol("NaN")
    var percent = Symbol("%")
    var perMille = Symbol("\u{2030}")
    var zeroDigit: Unicode.Scalar = "0"
    var optionalDigit = Symbol("#")
    var patternSeparator = Symbol(";")

    static let usual = DecimalFormat(options: [])

    init(options: [(String, String)]) {
        for (name, text) in options {
            let symbol = Symbol(text)
            switch name {
            case "decimal-separator": decimalSeparator = symbol
            case "grouping-separator": groupingSeparator = symbol
            case "exponent-separator": exponentSeparator = symbol
            case "minus-sign": minusSign = symbol
            case "infinity": infinity = symbol
            case "NaN": notANumber = symbol
            case "percent": percent = symbol
            case "per-mille": perMille = symbol
            case "zero-digit": zeroDigit = symbol.text.first ?? "0"
            case "digit": optionalDigit = symbol
            case "pattern-separator": patternSeparator = symbol
            default: break
            }
        }
    }

    func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= zeroDigit.value && scalar.value - zeroDigit.value < 10
    }

    func isActive(_ scalar: Unicode.Scalar) -> Bool {
        isDigit(scalar) || scalar == decimalSeparator.single || scalar == groupingSeparator.single
            || scalar == exponentSeparator.single || scalar == optionalDigit.single
            || scalar == patternSeparator.single
    }
}

/// What a sub-picture says.
struct NumberPicture {
    enum Scale {
        case none
        case percent
        case perMille
    }

    var prefix: ArraySlice<Unicode.Scalar>
    var suffix: ArraySlice<Unicode.Scalar>
    var scale = Scale.none
    var leastWhole: Int
    var leastFraction: Int
    var mostFraction: Int
    /// How many digits the mantissa has before the point.
    var scaling: Int
    /// `nil` without an exponent.
    var leastExponent: Int?
    /// How many digits stand to the right of each separator, and the distance where they repeat, else 0.
    var groups: Set<Int>
    var repeats: Int
    /// How many digits of the fraction stand to the left of each separator.
    var fractionGroups: Set<Int>

    /// One sub-picture for all numbers, or one for those from zero and one for those below it.
    static func pictures(of picture: String, _ format: DecimalFormat) throws(JSONataError) -> [NumberPicture] {
        let scalars = Array(picture.unicodeScalars)
        let parts = scalars.split(
            maxSplits: 2, omittingEmptySubsequences: false, whereSeparator: { $0 == format.patternSeparator.single })
        guard parts.count <= 2 else { throw fault("D3080") }
        var pictures: [NumberPicture] = []
        for part in parts { pictures.append(try NumberPicture(SubPicture(part, format), format)) }
        return pictures
    }

    private init(_ parts: SubPicture, _ format: DecimalFormat) throws(JSONataError) {
        if let code = parts.faultCode(format) { throw Self.fault(code) }
        prefix = parts.prefix
        suffix = parts.suffix
        if parts.percents > 0 { scale = .percent }
        if parts.perMilles > 0 { scale = .perMille }
        func digits(_ part: ArraySlice<Unicode.Scalar>) -> Int { part.count { format.isDigit($0) } }
        leastWhole = digits(parts.whole)
        scaling = leastWhole
        leastFraction = digits(parts.fraction)
        mostFraction = parts.fraction.count { format.isDigit($0) || $0 == format.optionalDigit.single }
        leastExponent = parts.exponent.map(digits)
        let positions = Self.positions(of: parts.whole.reversed(), format)
        groups = Set(positions)
        repeats = Grouping.distance(of: positions)
        fractionGroups = Set(Self.positions(of: parts.fraction, format))
        if leastWhole == 0 && mostFraction == 0 {
            if leastExponent == nil { leastWhole = 1 } else { (leastFraction, mostFraction) = (1, 1) }
        }
        if leastExponent != nil && leastWhole == 0 && parts.whole.contains(where: { $0 == format.optionalDigit.single })
        {
            leastWhole = 1
        }
        if leastWhole == 0 && leastFraction == 0 { leastFraction = 1 }
    }

    private static func positions(of part: some Sequence<Unicode.Scalar>, _ format: DecimalFormat) -> [Int] {
        var positions: [Int] = []
        var digits = 0
        for scalar in part {
            if scalar == format.groupingSeparator.single { positions.append(digits) } else { digits += 1 }
        }
        return positions
    }

    private static func fault(_ code: String) -> JSONataError {
        let least = "The sub-picture must not contain"
        let text =
            switch code {
            case "D3080": "The picture string must only contain a maximum of two sub-pictures"
            case "D3081": "\(least) more than one instance of the 'decimal-separator' character"
            case "D3082": "\(least) more than one instance of the 'percent' character"
            case "D3083": "\(least) more than one instance of the 'per-mille' character"
            case "D3084": "\(least) both a 'percent' and a 'per-mille' character"
            case "D3085":
                "The mantissa part of a sub-picture must contain at least one character that is either an "
                    + "'optional digit character' or a member of the 'decimal digit family'"
            case "D3086":
                "\(least) a passive character that is preceded by an active character and that is followed by "
                    + "another active character"
            case "D3087":
                "\(least) a 'grouping-separator' character that appears adjacent to a 'decimal-separator' character"
            case "D3088": "\(least) a 'grouping-separator' at the end of the integer part"
            case "D3089": "\(least) two adjacent instances of the 'grouping-separator' character"
            case "D3090":
                "The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is "
                    + "followed by an instance of the 'optional digit character'"
            case "D3091":
                "The fractional part of the sub-picture must not contain an instance of the 'optional digit "
                    + "character' that is followed by a member of the 'decimal digit family'"
            case "D3092":
                "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a character "
                    + "treated as an 'exponent-separator'"
            default:
                "The exponent part of the sub-picture must comprise only of one or more characters that are members "
                    + "of the 'decimal digit family'"
            }
        return JSONataFormats.fault(code, text)
    }
}

/// Where grouping separators repeat.
enum Grouping {
    /// The distance d where separators stand exactly at d, 2d, … digits from the right, else 0.
    static func distance(of positions: [Int]) -> Int {
        func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
        let distance = positions.reduce(0, divisor)
        guard distance > 0 else { return 0 }
        let all = Set(positions)
        return (1...positions.count).allSatisfy { all.contains($0 * distance) } ? distance : 0
    }
}
