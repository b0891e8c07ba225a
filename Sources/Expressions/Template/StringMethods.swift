// java.lang.String's methods. Lengths and places count UTF-16 units, as Java does.

import Core

extension TemplateEvaluator {
    /// `nil` where a String has no such method for those arguments.
    mutating func call(
        _ method: TemplateMethod, on text: String, _ arguments: [TemplateValue], at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        var read = text.utf8.count
        for case .string(let argument) in arguments { read += argument.utf8.count }
        try charge(read >> 5, at: place)
        switch arguments.count {
        case 0: return try noArgument(method, text, at: place)
        case 1: return try oneArgument(method, text, arguments[0], at: place)
        case 2: return try twoArguments(method, text, arguments[0], arguments[1], at: place)
        default: return method == .format ? try format(arguments, at: place) : nil
        }
    }

    private mutating func noArgument(
        _ method: TemplateMethod, _ text: String, at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        let count = text.utf8.count
        switch method {
        case .getBytes, .toCharArray: try charge(values: count, at: place)
        case .toLowerCase, .toUpperCase:
            // Some letters become three.
            try charge(count >> 3, at: place)
            try charge(bytes: 3 * count, at: place)
        case .isBlank, .trim, .strip: try charge(count >> 3, at: place)
        default: break
        }
        switch method {
        case .length: return .integer(text.utf16.count)
        case .isEmpty: return .bool(text.isEmpty)
        case .isBlank: return .bool(text.unicodeScalars.allSatisfy(\.properties.isWhitespace))
        case .toLowerCase: return .string(text.lowercased())
        case .toUpperCase: return .string(text.uppercased())
        case .trim: return .string(JavaString.trim(text) { $0.value <= 0x20 })
        case .strip: return .string(JavaString.trim(text) { $0.properties.isWhitespace })
        case .hashCode: return .integer(Int(JavaString.hash(text)))
        case .getBytes: return .list(TemplateList(text.utf8.map { .integer(Int(Int8(bitPattern: $0))) }, .array))
        case .toCharArray:
            return .list(TemplateList(text.utf16.map { .string(String(decoding: [$0], as: UTF16.self)) }, .array))
        case .intern: return .string(text)
        default: return nil
        }
    }

    private mutating func oneArgument(
        _ method: TemplateMethod, _ text: String, _ argument: TemplateValue, at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        switch method {
        case .valueOf: return .string(try self.text(of: argument))
        case .format: return try format([argument], at: place)
        default: break
        }
        switch argument {
        case .integer(let number): return try oneNumber(method, text, number, at: place)
        case .string(let other): return try oneString(method, text, other, at: place)
        case .null: throw thrown("\(method.rawValue)(null)", at: place)
        default: return nil
        }
    }

    private mutating func oneNumber(
        _ method: TemplateMethod, _ text: String, _ number: Int, at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        let units = text.utf16
        switch method {
        case .substring:
            try charge(textBytes: text.utf8.count, at: place)
            return .string(try substring(text, number, units.count, at: place))
        case .charAt:
            guard (0..<units.count).contains(number) else { throw outOfRange(number, text, at: place) }
            return .string(try substring(text, number, number + 1, at: place))
        case .codePointAt:
            guard (0..<units.count).contains(number) else { throw outOfRange(number, text, at: place) }
            let index = units.index(units.startIndex, offsetBy: number)
            return .integer(
                Int(
                    index.samePosition(in: text.unicodeScalars).map { text.unicodeScalars[$0].value }
                        ?? UInt32(units[index])))
        case .repeat:
            guard number >= 0 else { throw thrown("repeat(\(number))", at: place) }
            guard text.utf8.count.multipliedReportingOverflow(by: number).partialValue <= limits.outputBytes,
                number <= limits.outputBytes
            else { throw tooLarge(at: place) }
            try charge(textBytes: text.utf8.count * number, at: place)
            return .string(String(repeating: text, count: number))
        case .indexOf, .lastIndexOf:
            guard let scalar = UInt32(exactly: number).flatMap(Unicode.Scalar.init) else { return .integer(-1) }
            return try oneString(method, text, String(scalar), at: place)
        default: return nil
        }
    }

    private mutating func oneString(
        _ method: TemplateMethod, _ text: String, _ other: String, at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        switch method {
        case .indexOf: return .integer(JavaString.index(of: other, in: text, from: 0))
        case .lastIndexOf: return .integer(JavaString.lastIndex(of: other, in: text, from: .max))
        case .contains: return .bool(JavaString.index(of: other, in: text, from: 0) >= 0)
        case .startsWith: return .bool(text.utf8.starts(with: other.utf8))
        case .endsWith: return .bool(text.utf8.reversed().starts(with: other.utf8.reversed()))
        case .equalsIgnoreCase: return .bool(text.lowercased().utf8.elementsEqual(other.lowercased().utf8))
        case .compareTo: return .integer(JavaString.compare(text, other))
        case .compareToIgnoreCase: return .integer(JavaString.compare(text.lowercased(), other.lowercased()))
        case .concat:
            try charge(textBytes: text.utf8.count + other.utf8.count, at: place)
            return .string(text + other)
        case .matches:
            return .bool(
                try expression(other, at: place).matchesAll(text, at: place) { (steps) throws(TemplateFault) in
                    try charge(steps, at: place)
                })
        case .split: return .list(try split(text, other, limit: 0, at: place))
        default: return nil
        }
    }

    private mutating func twoArguments(
        _ method: TemplateMethod, _ text: String, _ first: TemplateValue, _ second: TemplateValue, at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        switch (method, first, second) {
        case (.substring, .integer(let low), .integer(let high)), (.subSequence, .integer(let low), .integer(let high)):
            try charge(textBytes: text.utf8.count, at: place)
            return .string(try substring(text, low, high, at: place))
        case (.indexOf, .string(let other), .integer(let from)):
            return .integer(JavaString.index(of: other, in: text, from: from))
        case (.lastIndexOf, .string(let other), .integer(let from)):
            return .integer(JavaString.lastIndex(of: other, in: text, from: from))
        case (.startsWith, .string(let other), .integer(let from)):
            let units = Array(text.utf16)
            return .bool(from >= 0 && from <= units.count && units[from...].starts(with: other.utf16))
        case (.replace, .string(let old), .string(let new)):
            return .string(try replace(text, old, new, at: place))
        case (.replaceAll, .string(let pattern), .string(let new)):
            return .string(try replace(text, pattern, new, all: true, at: place))
        case (.replaceFirst, .string(let pattern), .string(let new)):
            return .string(try replace(text, pattern, new, all: false, at: place))
        case (.split, .string(let pattern), .integer(let limit)):
            return .list(try split(text, pattern, limit: limit, at: place))
        case (.format, _, _): return try format([first, second], at: place)
        default: return nil
        }
    }

    // MARK: - Pieces

    private func outOfRange(_ index: Int, _ text: String, at place: Int) -> TemplateFault {
        thrown("Index \(index) out of range of a text of length \(text.utf16.count)", at: place)
    }

    private func substring(_ text: String, _ low: Int, _ high: Int, at place: Int) throws(TemplateFault) -> String {
        let units = text.utf16
        guard low >= 0, low <= high, high <= units.count else {
            throw outOfRange(low < 0 || low > units.count ? low : high, text, at: place)
        }
        let start = units.index(units.startIndex, offsetBy: low)
        let end = units.index(start, offsetBy: high - low)
        return String(decoding: Array(units[start..<end]), as: UTF16.self)
    }

    private mutating func replace(
        _ text: String, _ old: String, _ new: String, at place: Int
    ) throws(TemplateFault) -> String {
        let source = Array(text.utf8)
        let finder = TextFinder(Array(old.utf8))
        try charge((source.count + old.utf8.count) >> 6, at: place)
        var result: [UInt8] = []
        var from = 0
        // An empty text is between all characters, and so not inside one.
        var next = old.isEmpty ? 0 : finder.next(in: source, from: 0)
        while let at = next {
            try charge(1 + new.utf8.count >> 6, at: place)
            result += source[from..<at]
            result += new.utf8
            guard result.count <= limits.outputBytes else { throw tooLarge(at: place) }
            from = at + old.utf8.count
            next = old.isEmpty ? Units.next(at, in: source) : finder.next(in: source, from: from)
        }
        result += source[from...]
        try charge(textBytes: result.count, at: place)
        return String(decoding: result, as: UTF8.self)
    }

    /// `replaceAll` and `replaceFirst`.
    private mutating func replace(
        _ text: String, _ pattern: String, _ new: String, all: Bool, at place: Int
    ) throws(TemplateFault) -> String {
        let expression = try expression(pattern, at: place)
        let result = try expression.replace(text, new, all: all, limit: limits.outputBytes, at: place) {
            (steps) throws(TemplateFault) in try charge(steps, at: place)
        }
        try charge(textBytes: result.utf8.count, at: place)
        return result
    }

    private mutating func split(
        _ text: String, _ pattern: String, limit: Int, at place: Int
    ) throws(TemplateFault) -> TemplateList {
        let expression = try expression(pattern, at: place)
        let pieces = try expression.split(text, limit: limit, at: place) { (steps) throws(TemplateFault) in
            try charge(steps, at: place)
        }
        try charge(values: 2 * pieces.count, at: place)
        return TemplateList(pieces.map(TemplateValue.string), .array)
    }

    /// The regular expression, compiled once a render.
    mutating func expression(_ pattern: String, at place: Int) throws(TemplateFault) -> JavaRegex {
        if let known = expressions[pattern] { return known }
        guard pattern.utf8.count <= Limits.Gateway.Template.maximumPatternBytes else {
            throw TemplateFault(
                code: .regularExpression,
                message: "A regular expression of more than \(Limits.Gateway.Template.maximumPatternBytes) bytes",
                at: place)
        }
        try charge(16 + pattern.utf8.count, at: place)
        try charge(bytes: 64 * pattern.utf8.count, at: place)
        let compiled = try JavaRegex(pattern, at: place)
        expressions[pattern] = compiled
        return compiled
    }
}

/// What Java does with texts, over UTF-16 units.
enum JavaString {
    static func hash(_ text: String) -> Int32 { text.utf16.reduce(0) { $0 &* 31 &+ Int32($1) } }

    static func compare(_ left: String, _ right: String) -> Int {
        for (a, b) in zip(left.utf16, right.utf16) where a != b { return Int(a) - Int(b) }
        return left.utf16.count - right.utf16.count
    }

    static func trim(_ text: String, _ isDropped: (Unicode.Scalar) -> Bool) -> String {
        let head = text.unicodeScalars.drop(while: isDropped)
        guard let last = head.lastIndex(where: { !isDropped($0) }) else { return "" }
        return String(head[...last])
    }

    static func index(of pattern: String, in text: String, from: Int) -> Int {
        let units = Array(text.utf16)
        let wanted = Array(pattern.utf16)
        // Java takes a place behind the text for its end.
        let start = min(max(from, 0), units.count)
        if wanted.isEmpty { return start }
        return UnitFinder(wanted).next(in: units[start...]) ?? -1
    }

    static func lastIndex(of pattern: String, in text: String, from: Int) -> Int {
        let units = Array(text.utf16)
        let wanted = Array(pattern.utf16)
        guard from >= 0, wanted.count <= units.count else { return -1 }
        let last = min(from, units.count - wanted.count)
        if wanted.isEmpty { return last }
        // The text read backwards, in which the last place is the first.
        let reversed = Array(units[..<(last + wanted.count)].reversed())
        let found = UnitFinder(wanted.reversed()).next(in: reversed[...])
        return found.map { last - $0 } ?? -1
    }
}
