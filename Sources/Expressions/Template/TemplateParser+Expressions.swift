// Expressions: what stands in the parentheses of directives, and the literals.

import Core

extension TemplateParser {
    mutating func expression() throws(TemplateFault) -> TemplateExpression {
        try nest()
        defer { depth -= 1 }
        return try or()
    }

    // Chains are kept short so that evaluating them cannot run out of stack.
    private mutating func chain(
        _ next: (inout TemplateParser) throws(TemplateFault) -> TemplateExpression,
        _ operation: (inout TemplateParser) -> ((TemplateExpression, TemplateExpression) -> TemplateExpression)?
    ) throws(TemplateFault) -> TemplateExpression {
        var left = try next(&self)
        var links = 0
        while let join = operation(&self) {
            links += 1
            guard links <= 4 * limits.depth else {
                throw TemplateFault(code: .tooDeep, message: "Too many operators in one expression", at: base + at)
            }
            left = join(left, try next(&self))
        }
        return left
    }

    private mutating func or() throws(TemplateFault) -> TemplateExpression {
        try chain { parser throws(TemplateFault) in
            try parser.and()
        } _: { parser in
            parser.take("||", word: "or") ? { .or($0, $1) } : nil
        }
    }

    private mutating func and() throws(TemplateFault) -> TemplateExpression {
        try chain { parser throws(TemplateFault) in
            try parser.equality()
        } _: { parser in
            parser.take("&&", word: "and") ? { .and($0, $1) } : nil
        }
    }

    private mutating func equality() throws(TemplateFault) -> TemplateExpression {
        try chain { parser throws(TemplateFault) in
            try parser.relation()
        } _: { parser in
            if parser.take("==", word: "eq") { return { .compare(.equal, $0, $1) } }
            if parser.take("!=", word: "ne") { return { .compare(.notEqual, $0, $1) } }
            return nil
        }
    }

    private mutating func relation() throws(TemplateFault) -> TemplateExpression {
        try chain { parser throws(TemplateFault) in
            try parser.sum()
        } _: { parser in
            if parser.take("<=", word: "le") { return { .compare(.lessOrEqual, $0, $1) } }
            if parser.take(">=", word: "ge") { return { .compare(.greaterOrEqual, $0, $1) } }
            if parser.take("<", word: "lt") { return { .compare(.less, $0, $1) } }
            if parser.take(">", word: "gt") { return { .compare(.greater, $0, $1) } }
            return nil
        }
    }

    private mutating func sum() throws(TemplateFault) -> TemplateExpression {
        try chain { parser throws(TemplateFault) in
            try parser.product()
        } _: { parser in
            if parser.take("+") { return { .arithmetic(.add, $0, $1) } }
            // A minus before a digit belongs to the number: `5-7` is two numbers and no expression.
            let next = parser.peek(1)
            if parser.peek() == UInt8(ascii: "-"), !Self.isDigit(next), next != UInt8(ascii: ".") {
                parser.at += 1
                return { .arithmetic(.subtract, $0, $1) }
            }
            return nil
        }
    }

    private mutating func product() throws(TemplateFault) -> TemplateExpression {
        try chain { parser throws(TemplateFault) in
            try parser.unary()
        } _: { parser in
            if parser.take("*") { return { .arithmetic(.multiply, $0, $1) } }
            if parser.take("/") { return { .arithmetic(.divide, $0, $1) } }
            if parser.take("%") { return { .arithmetic(.remainder, $0, $1) } }
            return nil
        }
    }

    private mutating func unary() throws(TemplateFault) -> TemplateExpression {
        skipSpace()
        if peek() == UInt8(ascii: "!"), peek(1) != UInt8(ascii: "=") {
            at += 1
        } else if !take(word: "not") {
            return try primary()
        }
        try nest()
        defer { depth -= 1 }
        return .not(try unary())
    }

    private mutating func primary() throws(TemplateFault) -> TemplateExpression {
        skipSpace()
        let value: TemplateExpression
        if peek() == UInt8(ascii: "(") {
            at += 1
            value = try expression()
            skipSpace()
            guard peek() == UInt8(ascii: ")") else { throw unexpected("')'") }
            at += 1
        } else {
            value = try parameter(words: false)
        }
        skipSpace()
        return value
    }

    /// Reads the operator if it is next, by its sign or its word.
    private mutating func take(_ sign: StaticString, word: StaticString? = nil) -> Bool {
        skipSpace()
        if starts(sign) {
            at += sign.utf8CodeUnitCount
            return true
        }
        return word.map { take(word: $0) } ?? false
    }

    private mutating func take(word: StaticString) -> Bool {
        guard starts(word), !isWord(peek(word.utf8CodeUnitCount)) else { return false }
        at += word.utf8CodeUnitCount
        return true
    }

    func isWord(_ byte: UInt8?) -> Bool { Self.startsName(byte) || Self.isDigit(byte) }
}

// MARK: - Literals

extension TemplateParser {
    /// A literal or a reference, with the space around it: all that lists, maps and calls may hold.
    mutating func parameter(words: Bool) throws(TemplateFault) -> TemplateExpression {
        skipSpace()
        defer { skipSpace() }
        switch peek() {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return try stringLiteral()
        case UInt8(ascii: "["): return try listLiteral()
        case UInt8(ascii: "{"): return try mapLiteral()
        case UInt8(ascii: "$"):
            guard let reference = try referenceHere() else { throw unexpected("a value") }
            return .reference(reference)
        case UInt8(ascii: "#"): throw unexpected("a value")
        default: break
        }
        if let number = try number() { return number }
        if take(word: "true") { return .bool(true) }
        if take(word: "false") { return .bool(false) }
        guard words, Self.startsName(peek()) else { throw unexpected("a value") }
        while isWord(peek()) { at += 1 }
        return .null
    }

    private mutating func listLiteral() throws(TemplateFault) -> TemplateExpression {
        try nest()
        defer { depth -= 1 }
        at += 1
        // `[ ]` with a space is no list: Velocity wants a value there.
        if peek() == UInt8(ascii: "]") {
            at += 1
            return .list([])
        }
        var elements = [try parameter(words: false)]
        if starts("..") { return try range(from: elements[0]) }
        while peek() == UInt8(ascii: ",") {
            at += 1
            elements.append(try parameter(words: false))
        }
        guard peek() == UInt8(ascii: "]") else { throw unexpected("',' or ']'") }
        at += 1
        return .list(elements)
    }

    private mutating func range(from first: TemplateExpression) throws(TemplateFault) -> TemplateExpression {
        func isBound(_ expression: TemplateExpression) -> Bool {
            switch expression {
            case .integer, .reference: true
            default: false
            }
        }
        guard isBound(first) else { throw unexpected("',' or ']'") }
        at += 2
        let start = at
        let last = try parameter(words: false)
        guard isBound(last) else { throw syntax("A range goes from one integer to another", at: start) }
        guard peek() == UInt8(ascii: "]") else { throw unexpected("']'") }
        at += 1
        return .range(first, last)
    }

    private mutating func mapLiteral() throws(TemplateFault) -> TemplateExpression {
        try nest()
        defer { depth -= 1 }
        at += 1
        skipSpace()
        var pairs: [(key: TemplateExpression, value: TemplateExpression)] = []
        if peek() != UInt8(ascii: "}") {
            while true {
                let key = try parameter(words: false)
                guard peek() == UInt8(ascii: ":") else { throw unexpected("':'") }
                at += 1
                pairs.append((key, try parameter(words: false)))
                guard peek() == UInt8(ascii: ",") else { break }
                at += 1
            }
        }
        guard peek() == UInt8(ascii: "}") else { throw unexpected("',' or '}'") }
        at += 1
        return .map(pairs)
    }

    /// An integer or a decimal, `nil` when none is next.
    mutating func number() throws(TemplateFault) -> TemplateExpression? {
        let start = at
        var end = at
        if end < source.count, source[end] == UInt8(ascii: "-") { end += 1 }
        func digits() -> Int {
            let first = end
            while end < source.count, Self.isDigit(source[end]) { end += 1 }
            return end - first
        }
        let whole = digits()
        let integerEnd = end
        var decimal = false
        if !starts("..", at: end), end < source.count, source[end] == UInt8(ascii: ".") {
            end += 1
            let fraction = digits()
            decimal = whole > 0 || fraction > 0
        }
        guard whole > 0 || decimal else { return nil }
        if !decimal { end = integerEnd }
        let mantissa = end
        if end < source.count, source[end] | 0x20 == UInt8(ascii: "e") {
            end += 1
            if end < source.count, source[end] == UInt8(ascii: "+") || source[end] == UInt8(ascii: "-") { end += 1 }
            if digits() > 0 { decimal = true } else { end = mantissa }
        }
        at = end
        return try Self.literal(string(start..<end), decimal: decimal).get(or: syntax("Number too large", at: start))
    }

    private static func literal(_ text: String, decimal: Bool) -> TemplateExpression? {
        if decimal {
            var text = text
            // Swift wants a digit on both sides of the point.
            if let point = text.firstIndex(of: ".") {
                let after = text.index(after: point)
                if after == text.endIndex || !text[after].isNumber { text.insert("0", at: after) }
                if point == text.startIndex || !text[text.index(before: point)].isNumber { text.insert("0", at: point) }
            }
            return Double(text).map(TemplateExpression.double)
        }
        return Int(text).map(TemplateExpression.integer) ?? Int128(text).map(TemplateExpression.wide)
    }
}

extension Optional {
    fileprivate func get<Failure: Error>(or error: @autoclosure () -> Failure) throws(Failure) -> Wrapped {
        guard let self else { throw error() }
        return self
    }
}

// MARK: - Strings

extension TemplateParser {
    /// A string in single quotes stays as it is; one in double quotes is a template of its own if it holds `$` or `#`.
    /// A quote inside is written twice; a backslash is a character like others.
    mutating func stringLiteral() throws(TemplateFault) -> TemplateExpression {
        let start = at
        let quote = source[at]
        guard let end = stringEnd(quote) else { throw syntax("A string without its closing quote", at: start) }
        at = end + 1
        var content: [UInt8] = []
        content.reserveCapacity(end - start)
        var place = start + 1
        while place < end {
            content.append(source[place])
            place += source[place] == quote ? 2 : 1
        }
        guard quote == UInt8(ascii: "\"") else { return .string(String(decoding: content, as: UTF8.self)) }
        let isTemplate = content.contains { $0 == UInt8(ascii: "$") || $0 == UInt8(ascii: "#") }
        content = try unescape(content, start)
        guard isTemplate else { return .string(String(decoding: content, as: UTF8.self)) }
        return try interpolated(content, start)
    }

    /// The closing quote. Velocity's scanner takes the longest string it can: a doubled quote goes on where a later
    /// quote closes it, and else the first of the two was the end.
    private func stringEnd(_ quote: UInt8) -> Int? {
        var place = at + 1
        var fallback: Int?
        while place < source.count {
            if source[place] == quote {
                guard place + 1 < source.count, source[place + 1] == quote else { return place }
                fallback = fallback ?? place
                place += 1
            }
            place += 1
        }
        return fallback
    }

    /// `\u0041` is decoded in double quotes, before the references are.
    private func unescape(_ content: [UInt8], _ start: Int) throws(TemplateFault) -> [UInt8] {
        var units: [UInt16] = []
        var result: [UInt8] = []
        func flush() {
            if !units.isEmpty { result.append(contentsOf: String(decoding: units, as: UTF16.self).utf8) }
            units = []
        }
        var place = 0
        while place < content.count {
            guard content[place] == UInt8(ascii: "\\"), place + 1 < content.count,
                content[place + 1] == UInt8(ascii: "u")
            else {
                flush()
                result.append(content[place])
                place += 1
                continue
            }
            let digits = String(decoding: content[(place + 2)...].prefix(4), as: UTF8.self)
            guard digits.utf8.count == 4, let unit = UInt16(digits, radix: 16) else {
                throw syntax("\\u wants four hexadecimal digits", at: start)
            }
            units.append(unit)
            place += 6
        }
        flush()
        return result
    }

    private mutating func interpolated(_ content: [UInt8], _ start: Int) throws(TemplateFault) -> TemplateExpression {
        let hasComment = zip(content, content.dropFirst()).contains {
            $0 == UInt8(ascii: "#") && $1 == UInt8(ascii: "#")
        }
        var inner = TemplateParser(
            hasComment ? content : content + [UInt8(ascii: " ")], dialect: dialect, limits: limits)
        inner.base = base + start + 1
        inner.depth = depth
        swap(&inner.symbols, &symbols)
        swap(&inner.macros, &macros)
        defer {
            swap(&inner.symbols, &symbols)
            swap(&inner.macros, &macros)
        }
        return .interpolated(try inner.template(), padded: !hasComment)
    }
}
