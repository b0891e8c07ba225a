// java.lang.String's methods. Lengths and places count UTF-16 units, as Java does.

extension TemplateEvaluator {
    /// `nil` where a String has no such method for those arguments.
    mutating func call(
        _ method: TemplateMethod, on text: String, _ arguments: [TemplateValue], at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        try charge(text.utf8.count >> 6, at: place)
        switch arguments.count {
        case 0: return noArgument(method, text)
        case 1: return try oneArgument(method, text, arguments[0], at: place)
        case 2: return try twoArguments(method, text, arguments[0], arguments[1], at: place)
        default: return method == .format ? try format(arguments, at: place) : nil
        }
    }

    private func noArgument(_ method: TemplateMethod, _ text: String) -> TemplateValue? {
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
        case .substring: return .string(try substring(text, number, units.count, at: place))
        case .charAt: return .string(try substring(text, number, number + 1, at: place))
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
            try charge(text: other, at: place)
            let joined = text + other
            try charge(text: joined, at: place)
            return .string(joined)
        case .matches: return .bool(try expression(other, at: place).matchesAll(text, at: place))
        case .split: return .list(try split(text, other, limit: 0, at: place))
        default: return nil
        }
    }

    private mutating func twoArguments(
        _ method: TemplateMethod, _ text: String, _ first: TemplateValue, _ second: TemplateValue, at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        switch (method, first, second) {
        case (.substring, .integer(let low), .integer(let high)), (.subSequence, .integer(let low), .integer(let high)):
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
            return .string(try expression(pattern, at: place).replace(text, new, all: true, self, at: place))
        case (.replaceFirst, .string(let pattern), .string(let new)):
            return .string(try expression(pattern, at: place).replace(text, new, all: false, self, at: place))
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

    private func replace(
        _ text: String, _ old: String, _ new: String, at place: Int
    ) throws(TemplateFault) -> String {
        let source = Array(text.utf8)
        let pattern = Array(old.utf8)
        var result: [UInt8] = []
        var at = 0
        while at <= source.count {
            // An empty pattern stands between all characters, and so not inside one.
            let isBoundary = at == source.count || source[at] & 0xC0 != 0x80
            if pattern.isEmpty ? isBoundary : source[at...].starts(with: pattern) {
                result.append(contentsOf: new.utf8)
                guard result.count <= limits.outputBytes else { throw tooLarge(at: place) }
                at += pattern.count
                if !pattern.isEmpty { continue }
            }
            if at < source.count { result.append(source[at]) }
            at += 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    private mutating func split(
        _ text: String, _ pattern: String, limit: Int, at place: Int
    ) throws(TemplateFault) -> TemplateList {
        let pieces = try expression(pattern, at: place).split(text, limit: limit, at: place)
        try charge(pieces.count, at: place)
        return TemplateList(pieces.map(TemplateValue.string), .array)
    }

    /// The regular expression, compiled once a render.
    mutating func expression(_ pattern: String, at place: Int) throws(TemplateFault) -> JavaRegex {
        if let known = expressions[pattern] { return known }
        try charge(16 + pattern.utf8.count, at: place)
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
        var at = max(from, 0)
        if wanted.isEmpty { return min(at, units.count) }
        while at + wanted.count <= units.count {
            if units[at] == wanted[0], units[at...].starts(with: wanted) { return at }
            at += 1
        }
        return -1
    }

    static func lastIndex(of pattern: String, in text: String, from: Int) -> Int {
        let units = Array(text.utf16)
        let wanted = Array(pattern.utf16)
        var at = min(from, units.count - wanted.count)
        while at >= 0 {
            if units[at...].starts(with: wanted) { return at }
            at -= 1
        }
        return -1
    }
}
