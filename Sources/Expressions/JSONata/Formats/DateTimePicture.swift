// The pictures of `$fromMillis` and `$toMillis` (XPath F&O 3.1, 9.8.4): text and markers in square brackets.

import Core
import JSON

/// What a marker may show.
enum DateTimeComponent: Int, CaseIterable {
    case year, month, day, dayOfYear, weekday, weekOfYear, weekOfMonth, weekYear, weekMonth
    case hour, halfDayHour, halfDay, minute, second, fraction
    case offset, namedOffset, calendar, era

    /// In the order of the cases.
    private static let letters = Array("YMDdFWwXxHhPmsfZzCE".unicodeScalars)

    init?(letter: Unicode.Scalar) {
        guard let place = Self.letters.firstIndex(of: letter) else { return nil }
        self.init(rawValue: place)
    }

    /// What stands for it in a picture.
    var letter: Unicode.Scalar { Self.letters[rawValue] }

    var defaultPresentation: String {
        switch self {
        case .weekday, .halfDay, .calendar, .era: "n"
        case .minute, .second: "01"
        case .offset, .namedOffset: "01:01"
        default: "1"
        }
    }

    var isOffset: Bool { self == .offset || self == .namedOffset }

    /// The names of its values from 1 (from 0 for the halves of the day), where it has names that can be read.
    var names: [String]? {
        switch self {
        case .month, .weekMonth: CalendarNames.months
        case .weekday: CalendarNames.weekdays
        case .halfDay: ["am", "pm"]
        default: nil
        }
    }
}

/// A variable part of a picture: `[D1o]`, `[MNn,3-3]`.
struct DateTimeMarker {
    enum Presentation {
        case name(IntegerPicture.LetterCase)
        case integer(IntegerPicture)
    }

    var component: DateTimeComponent
    var presentation: Presentation
    /// The second modifier `t`: zero is the letter Z.
    var isTraditional: Bool
    var leastWidth: Int?
    var mostWidth: Int?
    /// How many of the last digits of a year are shown.
    var yearDigits: Int?
    /// How many digits are read, where the next marker follows without text between them.
    var parseWidth: Int?
    /// The names of the component's values, as short as the picture shows them.
    private(set) var names: [String] = []

    var integer: IntegerPicture? { if case .integer(let picture) = presentation { picture } else { nil } }

    /// Of what stands between the brackets.
    init(_ content: ArraySlice<Unicode.Scalar>) throws(JSONataError) {
        let marker = content.filter { !$0.properties.isWhitespace }
        let name = marker.first.map(String.init) ?? ""
        guard let first = marker.first, let known = DateTimeComponent(letter: first) else {
            throw JSONataFormats.fault(
                "D3132", "Unknown component specifier \(JSONValue.string(name).text) in date/time picture string",
                .string(name))
        }
        component = known
        var modifiers = marker[1...]
        if let comma = modifiers.lastIndex(of: ",") {
            (leastWidth, mostWidth) = Self.widths(modifiers[(comma + 1)...])
            modifiers = modifiers[..<comma]
        }
        var second: Unicode.Scalar?
        if modifiers.count > 1, let last = modifiers.last, ["a", "t", "c", "o"].contains(last) {
            second = modifiers.removeLast()
        }
        isTraditional = second == "t"
        if modifiers.isEmpty { modifiers = Array(known.defaultPresentation.unicodeScalars)[...] }
        switch modifiers.first {
        case "n": presentation = .name(.lower)
        case "N": presentation = .name(modifiers.dropFirst().first == "n" ? .title : .upper)
        default:
            var picture = try IntegerPicture(Array(modifiers))
            if second == "o" { picture.isOrdinal = true }
            if case .decimal(let pattern) = picture.primary, !known.isOffset {
                picture.primary = .decimal(try Self.widened(pattern, leastWidth))
            }
            presentation = .integer(picture)
        }
        try limitYear()
        names = (known.names ?? []).map { String($0.prefix(mostWidth ?? .max)) }
    }

    /// `min-max` or `min`; a star stands for no bound.
    private static func widths(_ text: ArraySlice<Unicode.Scalar>) -> (Int?, Int?) {
        func width(_ text: ArraySlice<Unicode.Scalar>?) -> Int? {
            guard let text else { return nil }
            let digits = text.prefix { $0.isASCII && (0x30...0x39).contains($0.value) }
            guard !digits.isEmpty else { return nil }
            return digits.count > 9 ? .max : Int(String(scalars: digits))
        }
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        return (width(parts.first), parts.count > 1 ? width(parts[1]) : nil)
    }

    private static func widened(_ pattern: DecimalPattern, _ width: Int?) throws(JSONataError) -> DecimalPattern {
        guard let width, width > pattern.mandatory else { return pattern }
        guard width <= Limits.Evaluation.JSONata.maximumPictureCharacters else { throw JSONataFormats.tooLong }
        var pattern = pattern
        pattern.mandatory = width
        return pattern
    }

    /// A year loses its high digits by a greatest width, or by a pattern of at least two digits (F&O 3.1, 9.8.4.4).
    private mutating func limitYear() throws(JSONataError) {
        guard component == .year else { return }
        let pattern = integer?.decimal
        if let mostWidth {
            yearDigits = mostWidth
            if var picture = integer, var pattern {
                guard mostWidth <= Limits.Evaluation.JSONata.maximumPictureCharacters else {
                    throw JSONataFormats.tooLong
                }
                pattern.mandatory = mostWidth
                picture.primary = .decimal(pattern)
                presentation = .integer(picture)
            }
        } else if let pattern, pattern.mandatory + pattern.optional >= 2 {
            yearDigits = pattern.mandatory + pattern.optional
        }
    }
}

/// A picture taken apart.
struct DateTimePicture {
    enum Part {
        case literal(Literal)
        case marker(DateTimeMarker)
    }

    /// Text as it stands: its characters to be read, its bytes to be written.
    struct Literal {
        let scalars: [Unicode.Scalar]
        let bytes: [UInt8]

        init(_ scalars: [Unicode.Scalar]) {
            self.scalars = scalars
            bytes = Array(String(scalars: scalars).utf8)
        }
    }

    private(set) var parts: [Part] = []

    /// Doubled brackets are brackets, a closing one alone is too.
    init(_ picture: String) throws(JSONataError) {
        let scalars = Array(picture.unicodeScalars)
        var literal: [Unicode.Scalar] = []
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            let isDoubled = index < scalars.count && scalars[index] == scalar
            if scalar == "[", !isDoubled {
                guard let end = scalars[index...].firstIndex(of: "]") else {
                    throw JSONataFormats.fault("D3135", "No matching closing bracket ']' in date/time picture string")
                }
                add(&literal)
                add(try DateTimeMarker(scalars[index..<end]))
                index = end + 1
            } else {
                literal.append(scalar)
                if isDoubled, scalar == "[" || scalar == "]" { index += 1 }
            }
        }
        add(&literal)
    }

    private mutating func add(_ literal: inout [Unicode.Scalar]) {
        guard !literal.isEmpty else { return }
        parts.append(.literal(Literal(literal)))
        literal = []
    }

    private mutating func add(_ marker: DateTimeMarker) {
        if case .marker(var before)? = parts.last, let pattern = before.integer?.decimal, marker.integer != nil,
            !before.component.isOffset, !marker.component.isOffset
        {
            before.parseWidth = pattern.mandatory
            parts[parts.count - 1] = .marker(before)
        }
        parts.append(.marker(marker))
    }
}
