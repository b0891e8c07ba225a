// Filters: `||` of `&&` of comparisons, existence checks, negations and parentheses.

import JSON

extension PathParser {
    /// Reads from behind the opening bracket and its blanks, at `?`, through the closing bracket.
    mutating func filter(openedAt start: Int) throws(JSONPathError) -> PathSegment {
        at += 1
        skipBlanks()
        guard peek == UInt8(ascii: "(") else {
            throw error("Could not parse token starting at position \(start). Expected ?, ', 0-9, * ", offset: start)
        }
        at += 1
        let filter = try nest { parser throws(JSONPathError) in try parser.disjunction() }
        try expect(")")
        try expect("]")
        return .filter(filter)
    }

    private mutating func disjunction() throws(JSONPathError) -> PathFilter {
        var parts = [try conjunction()]
        while take("||") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws(JSONPathError) -> PathFilter {
        var parts = [try condition()]
        while take("&&") { parts.append(try condition()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func condition() throws(JSONPathError) -> PathFilter {
        skipBlanks()
        if peek == UInt8(ascii: "!") {
            at += 1
            return .not(try nest { parser throws(JSONPathError) in try parser.condition() })
        }
        if peek == UInt8(ascii: "(") {
            at += 1
            let inner = try nest { parser throws(JSONPathError) in try parser.disjunction() }
            try expect(")")
            return inner
        }
        return try comparison()
    }

    private mutating func comparison() throws(JSONPathError) -> PathFilter {
        let left = try operand()
        skipBlanks()
        if let filterOperator = try relation() {
            skipBlanks()
            return .compare(left, filterOperator, try operand())
        }
        guard case .path(let path) = left else { throw error("Expected path node") }
        return .exists(path)
    }

    private mutating func operand() throws(JSONPathError) -> FilterOperand {
        switch peek {
        case UInt8(ascii: "@"), UInt8(ascii: "$"): return .path(try innerPath())
        case UInt8(ascii: "/"): return .pattern(try pattern())
        default: return .value(try literal())
        }
    }

    /// The operator that stands here; `nil` where the condition ends.
    private mutating func relation() throws(JSONPathError) -> FilterOperator? {
        let start = at
        guard let first = peek, first != UInt8(ascii: ")"), first != UInt8(ascii: "&"), first != UInt8(ascii: "|")
        else {
            return nil
        }
        let isSign = "<>=~!".utf8.contains(first)
        while let byte = peek, isSign ? "<>=~!".utf8.contains(byte) : byte | 0x20 &- 0x61 < 26 { at += 1 }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        guard let filterOperator = FilterOperator(rawValue: text.uppercased()) else {
            throw error("Filter operator \(text) is not supported!", offset: start)
        }
        return filterOperator
    }

    /// `/expression/flags`
    private mutating func pattern() throws(JSONPathError) -> FilterPattern {
        let start = at
        at += 1
        var isEscaped = false
        while let byte = peek, isEscaped || byte != UInt8(ascii: "/") {
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            at += 1
        }
        guard peek != nil else {
            throw error("Pattern not closed. Expected / in filter at position \(start)", offset: start)
        }
        let expression = String(decoding: bytes[(start + 1)..<at], as: UTF8.self)
        at += 1
        let flags = at
        while let byte = peek, byte | 0x20 &- 0x61 < 26 { at += 1 }
        let letters = String(decoding: bytes[flags..<at], as: UTF8.self)
        guard let pattern = FilterPattern(expression, flags: letters) else {
            throw error("The regular expression /\(expression)/\(letters) is malformed", offset: start)
        }
        return pattern
    }
}

// MARK: - Paths inside a path

extension PathParser {
    mutating func innerPath() throws(JSONPathError) -> InnerPath {
        try nest { parser throws(JSONPathError) in try parser.nestedPath() }
    }

    private mutating func nestedPath() throws(JSONPathError) -> InnerPath {
        let start: InnerPath.Start
        if peek == UInt8(ascii: "@") {
            at += 1
            start = .node
        } else {
            start = .root(try root())
        }
        let steps = try segments()
        innerPaths += 1
        return InnerPath(start: start, segments: steps, isDefinite: steps.isDefinite, number: innerPaths)
    }

    /// Runs `body` one level deeper; what nests more than anybody writes is refused, since the parser and the
    /// evaluation go down as deep.
    mutating func nest<Result>(
        _ body: (inout PathParser) throws(JSONPathError) -> Result
    ) throws(JSONPathError) -> Result {
        guard depth < Self.mostLevels else { throw error("The path is nested too deeply") }
        depth += 1
        let result = try body(&self)
        depth -= 1
        return result
    }

    /// Passes over the two bytes of `sign` and blanks around them, if they stand here.
    private mutating func take(_ sign: StaticString) -> Bool {
        skipBlanks()
        guard at + 1 < bytes.count, bytes[at] == sign.utf8Start[0], bytes[at + 1] == sign.utf8Start[1] else {
            return false
        }
        at += 2
        skipBlanks()
        return true
    }

    mutating func expect(_ sign: Unicode.Scalar) throws(JSONPathError) {
        skipBlanks()
        guard peek == UInt8(ascii: sign) else { throw error("Expected character: \(sign) at position \(at)") }
        at += 1
    }
}
