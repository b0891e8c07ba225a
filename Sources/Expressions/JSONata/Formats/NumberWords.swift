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
    private static let values: [Word: Double] = {
        var values: [Word: Double] = [:]
        func add(_ word: String, _ value: Double) { if let word = Word(word.unicodeScalars) { values[word] = value } }
        add("hundred", 100)
        add("hundredth", 100)
        for (index, word) in small.enumerated() { add(word, Double(index)) }
        for (index, word) in smallOrdinals.enumerated() { add(word, Double(index)) }
        for (index, word) in tens.enumerated() {
            add(word, Double(index * 10 + 20))
            add(ordinal(ofTens: word), Double(index * 10 + 20))
        }
        var power = 1000.0
        for word in magnitudes {
            add(word, power)
            add(word + "th", power)
            power *= 1000
        }
        return values
    }()

    /// A word of small letters, packed: it takes no memory of its own, and is compared at once.
    private struct Word: Hashable {
        // A one stands before the characters, so that a NUL counts.
        private var low: UInt64 = 1
        private var high: UInt64 = 0

        /// `nil` for a word that is too long for any number's, or has other characters than those of ASCII.
        init?(_ scalars: some Sequence<Unicode.Scalar>) {
            var count = 0
            for scalar in scalars {
                guard scalar.isASCII, count < 12 else { return nil }
                high = high << 8 | low >> 56
                low = low << 8 | UInt64(scalar.asciiLowered)
                count += 1
            }
        }
    }

    private static func ordinal(ofTens word: String) -> String { word.dropLast() + "ieth" }

    /// Writes the words of an integer of these digits, which start with no zero.
    static func write(_ digits: ArraySlice<UInt8>, isOrdinal: Bool, into text: inout [UInt8]) {
        guard digits.count > 2 else {
            writeBelowHundred(digits.reduce(0) { $0 * 10 + Int($1) }, isOrdinal: isOrdinal, into: &text)
            return
        }
        let magnitude = min(magnitudes.count, (digits.count - 1) / 3)
        let places = max(2, magnitude * 3)
        write(digits.dropLast(places), isOrdinal: false, into: &text)
        text.append(" ")
        text += (magnitude == 0 ? "hundred" : magnitudes[magnitude - 1]).utf8
        let rest = digits.suffix(places).drop { $0 == 0 }
        if rest.isEmpty {
            if isOrdinal { text += "th".utf8 }
        } else {
            text += (rest.count <= 2 ? " and " : ", ").utf8
            write(rest, isOrdinal: isOrdinal, into: &text)
        }
    }

    private static func writeBelowHundred(_ value: Int, isOrdinal: Bool, into text: inout [UInt8]) {
        let small = isOrdinal ? smallOrdinals : small
        guard value >= 20 else {
            text += small[value].utf8
            return
        }
        let word = tens[value / 10 - 2]
        if value % 10 > 0 {
            text += word.utf8
            text.append("-")
            text += small[value % 10].utf8
        } else {
            text += (isOrdinal ? ordinal(ofTens: word) : word).utf8
        }
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

    /// Sets the case of small letters. In title case the `and` stays small.
    static func setCase(_ letterCase: IntegerPicture.LetterCase, of text: inout [UInt8], from start: Int) {
        switch letterCase {
        case .lower: break
        case .upper: for place in start..<text.count where isLetter(text[place]) { text[place] -= 0x20 }
        case .title:
            var place = start
            while place < text.count {
                guard isLetter(text[place]) else {
                    place += 1
                    continue
                }
                let end = text[place...].firstIndex { !isLetter($0) } ?? text.count
                if !text[place..<end].elementsEqual("and".utf8) { text[place] -= 0x20 }
                place = end
            }
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 }

    /// The value of one word of a number, in any case; `nil` for other words.
    static func value(ofWord word: ArraySlice<Unicode.Scalar>) -> Double? { Word(word).flatMap { values[$0] } }

    static func isAnd(_ word: ArraySlice<Unicode.Scalar>) -> Bool {
        word.count == 3 && zip(word, "and".unicodeScalars).allSatisfy { $0.asciiLowered == $1.value }
    }

    static func isSeparator(_ scalar: Unicode.Scalar) -> Bool { scalar == "-" || scalar == "," || scalar.isSpace }

    /// Reads a number in words; `nil` where it has another word or none.
    static func value(of text: ArraySlice<Unicode.Scalar>) -> Double? {
        // Sums of one magnitude each, falling: a greater unit multiplies all that is smaller than itself, so that in
        // "one thousand, two hundred trillion" the thousand counts trillions too.
        var sums: [Double] = []
        var rest = text.drop(while: isSeparator)
        while !rest.isEmpty {
            let word = rest.prefix { !isSeparator($0) }
            rest = rest[word.endIndex...].drop(while: isSeparator)
            if isAnd(word) { continue }
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
