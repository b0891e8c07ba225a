// Integers in English words, cardinal and ordinal.

enum NumberWords {
    private static let small = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]
    private static let smallOrdinals = [
        "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
        "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
        "nineteenth",
    ]
    private static let tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    /// Of three digits each; what is greater is a number of trillions.
    private static let magnitudes = ["thousand", "million", "billion", "trillion"]

    /// What each word stands for.
    private static let values: [String: Double] = {
        var values: [String: Double] = ["hundred": 100, "hundredth": 100]
        for (index, word) in small.enumerated() { values[word] = Double(index) }
        for (index, word) in smallOrdinals.enumerated() { values[word] = Double(index) }
        for (index, word) in tens.enumerated() {
            values[word] = Double(index * 10 + 20)
            values[ordinal(ofTens: word)] = Double(index * 10 + 20)
        }
        var power = 1000.0
        for word in magnitudes {
            values[word] = power
            values[word + "th"] = power
            power *= 1000
        }
        return values
    }()

    private static func ordinal(ofTens word: String) -> String { word.dropLast() + "ieth" }

    /// The words of an integer of these digits, which start with no zero.
    static func text(of digits: ArraySlice<UInt8>, isOrdinal: Bool) -> String {
        guard digits.count > 2 else {
            return belowHundred(digits.reduce(0) { $0 * 10 + Int($1) }, isOrdinal: isOrdinal)
        }
        let magnitude = min(magnitudes.count, (digits.count - 1) / 3)
        let places = max(2, magnitude * 3)
        let unit = magnitude == 0 ? "hundred" : magnitudes[magnitude - 1]
        let head = text(of: digits.dropLast(places), isOrdinal: false) + " " + unit
        let rest = digits.suffix(places).drop { $0 == 0 }
        guard !rest.isEmpty else { return isOrdinal ? head + "th" : head }
        return head + (rest.count <= 2 ? " and " : ", ") + text(of: rest, isOrdinal: isOrdinal)
    }

    private static func belowHundred(_ value: Int, isOrdinal: Bool) -> String {
        if value < 20 { return isOrdinal ? smallOrdinals[value] : small[value] }
        let word = tens[value / 10 - 2]
        guard value % 10 > 0 else { return isOrdinal ? ordinal(ofTens: word) : word }
        return word + "-" + (isOrdinal ? smallOrdinals : small)[value % 10]
    }

    /// `st`, `nd`, `rd` or `th`.
    static func ordinalSuffix(of digits: [UInt8]) -> String {
        if digits.dropLast().last == 1 { return "th" }
        return switch digits.last {
        case 1: "st"
        case 2: "nd"
        case 3: "rd"
        default: "th"
        }
    }

    /// In title case the `and` stays small.
    static func cased(_ text: String, _ letterCase: IntegerPicture.LetterCase) -> String {
        switch letterCase {
        case .lower: return text
        case .upper: return text.uppercased()
        case .title:
            var result: [UInt8] = []
            for word in runs(of: text.utf8) {
                let isName = word.first.map { $0 >= 0x61 } == true && !word.elementsEqual("and".utf8)
                result += isName ? [word[word.startIndex] - 0x20] + word.dropFirst() : Array(word)
            }
            return String(decoding: result, as: UTF8.self)
        }
    }

    /// Runs of letters and of what stands between them.
    private static func runs(of text: String.UTF8View) -> [Substring.UTF8View] {
        var runs: [Substring.UTF8View] = []
        var rest = text[...]
        while let first = rest.first {
            let run = rest.prefix { ($0 >= 0x61) == (first >= 0x61) }
            runs.append(run)
            rest = rest.dropFirst(run.count)
        }
        return runs
    }

    /// The value of one word of a number, in any case; `nil` for other words.
    static func value(ofWord word: ArraySlice<Unicode.Scalar>) -> Double? {
        word.count <= 12 ? values[String(scalars: word).lowercased()] : nil
    }

    static func isAnd(_ word: ArraySlice<Unicode.Scalar>) -> Bool {
        word.count == 3 && String(scalars: word).lowercased() == "and"
    }

    static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "-" || scalar == "," || scalar.properties.isWhitespace
    }

    /// Reads a number in words; `nil` where it has another word or none.
    static func value(of text: [Unicode.Scalar]) -> Double? {
        // Sums of one magnitude each, falling: a greater unit multiplies all that is smaller than itself, so that in
        // "one thousand, two hundred trillion" the thousand counts trillions too.
        var sums: [Double] = []
        for word in text.split(whereSeparator: isSeparator) where !isAnd(word) {
            guard let value = value(ofWord: word) else { return nil }
            if value < 100 {
                if let last = sums.last, last < 1000 { sums[sums.count - 1] = last + value } else { sums.append(value) }
            } else {
                var counted = sums.popLast() ?? 1
                while let last = sums.last, last < value { counted += sums.removeLast() }
                sums.append(counted * value)
            }
        }
        guard !sums.isEmpty else { return nil }
        let sum = sums.reduce(0, +)
        return sum.isFinite ? sum : nil
    }
}
