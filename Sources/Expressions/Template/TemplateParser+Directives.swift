// Directives and comments: what begins with `#`.

extension TemplateParser {
    /// Reads what begins with `#`, behind so many backslashes.
    mutating func hash(_ slashes: Int) throws(TemplateFault) -> Piece {
        let start = at
        switch peek(1) {
        case nil: throw syntax("'#' at the end of the template", at: start)
        case UInt8(ascii: "#"): return lineComment(slashes)
        case UInt8(ascii: "*"): return try blockComment(slashes)
        case UInt8(ascii: "["): if peek(2) == UInt8(ascii: "[") { return try rawText(slashes) }
        default: break
        }
        guard let word = directiveWord() else {
            at = start + 1
            return .text(Self.slashes(slashes) + [UInt8(ascii: "#")])
        }
        guard isDirective(word) else { return try call(word, slashes, start) }
        if slashes % 2 == 1 { return .text(Self.slashes(slashes / 2) + source[start..<at]) }
        // #set is the one directive before which pairs of backslashes stay two.
        let before = Self.slashes(word == "set" ? slashes : slashes / 2)
        return try directive(word, start, before)
    }

    /// `word` or `{word}` behind the `#`, which is passed over; `nil` when there is none.
    private mutating func directiveWord() -> String? {
        var end = at + 1
        let braces = end < source.count && source[end] == UInt8(ascii: "{")
        if braces { end += 1 }
        let start = end
        if end < source.count, source[end] == UInt8(ascii: "@") { end += 1 }
        guard end < source.count, Self.startsName(source[end]) else { return nil }
        while end < source.count, isWord(source[end]) { end += 1 }
        let word = string(start..<end)
        if braces {
            guard end < source.count, source[end] == UInt8(ascii: "}") else { return nil }
            end += 1
        }
        at = end
        return word
    }

    func directiveFollows() -> Bool {
        guard peek() == UInt8(ascii: "#") else { return false }
        var ahead = self
        guard let word = ahead.directiveWord(), isDirective(word) else { return false }
        return word != "set" || ahead.opensSet()
    }

    private func isDirective(_ word: String) -> Bool {
        switch word {
        case "if", "elseif", "else", "end", "set", "foreach", "define", "stop", "break": true
        case "macro", "evaluate", "include", "parse", "literal": true
        default: macros[word] != nil
        }
    }

    private mutating func directive(
        _ word: String, _ start: Int, _ before: [UInt8]
    ) throws(TemplateFault) -> Piece {
        switch word {
        case "end":
            return terminate(.end, start, before)
        case "else":
            return terminate(.otherwise, start, before)
        case "elseif":
            terminatorStart = start
            return .terminator(.elseIf, before: before)
        case "if": return .node(try branch(), before: before)
        case "set":
            guard opensSet() else { return .text(before + source[start..<at]) }
            return .node(try set(), before: before)
        case "foreach": return .node(try loop(start), before: before)
        case "define": return try define(start, before)
        case "stop", "break":
            try skipArguments()
            return .node(word == "stop" ? .stop : .leave, before: before)
        default:
            return try furtherDirective(word, start, before)
        }
    }

    /// Only `#set(` is the directive; `#set x` is text.
    private func opensSet() -> Bool {
        source[at...].first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: "(")
    }

    private mutating func terminate(_ terminator: Terminator, _ start: Int, _ before: [UInt8]) -> Piece {
        terminatorStart = start
        skipLineEnd()
        return .terminator(terminator, before: before)
    }

    // MARK: - Comments and raw text

    private mutating func lineComment(_ slashes: Int) -> Piece {
        while let byte = peek(), byte != 0x0A, byte != 0x0D { at += 1 }
        if peek() == 0x0D, peek(1) == 0x0A { at += 1 }
        if at < source.count { at += 1 }
        return .text(Self.slashes(slashes))
    }

    private mutating func blockComment(_ slashes: Int) throws(TemplateFault) -> Piece {
        let start = at
        at += 2
        guard at < source.count else { throw syntax("'#*' at the end of the template", at: start) }
        while at < source.count, !starts("*#") { at += 1 }
        at = min(at + 2, source.count)
        return .text(Self.slashes(slashes))
    }

    private mutating func rawText(_ slashes: Int) throws(TemplateFault) -> Piece {
        let start = at
        at += 3
        let content = at
        while at < source.count, !starts("]]#") { at += 1 }
        guard at < source.count else { throw syntax("'#[[' without ']]#'", at: start) }
        let text = source[content..<at]
        at += 3
        return .text(Self.slashes(slashes) + text)
    }

    // MARK: - #if, #set, #foreach, #define

    mutating func open(_ what: String) throws(TemplateFault) {
        skipSpace()
        guard peek() == UInt8(ascii: "(") else { throw unexpected("'(' of \(what)") }
        at += 1
    }

    mutating func close() throws(TemplateFault) {
        skipSpace()
        guard peek() == UInt8(ascii: ")") else { throw unexpected("')'") }
        at += 1
        skipLineEnd()
    }

    private mutating func branch() throws(TemplateFault) -> TemplateNode {
        let start = at
        var branches: [TemplateBranch] = []
        while true {
            try open("#if")
            let condition = try expression()
            try close()
            let (body, terminator) = try block()
            branches.append(TemplateBranch(condition: condition, body: body))
            switch terminator {
            case .end: return .branch(branches, otherwise: [])
            case .elseIf: continue
            case .otherwise:
                let otherwise = try self.body(of: "#else", start)
                return .branch(branches, otherwise: otherwise)
            case .endOfText: throw syntax("#if without #end", at: start)
            }
        }
    }

    /// A block that only `#end` may end.
    mutating func body(of directive: String, _ start: Int) throws(TemplateFault) -> [TemplateNode] {
        let (body, terminator) = try block()
        switch terminator {
        case .end: return body
        case .endOfText: throw syntax("\(directive) without #end", at: start)
        case .otherwise, .elseIf: throw syntax("#else or #elseif in \(directive)", at: terminatorStart)
        }
    }

    private mutating func set() throws(TemplateFault) -> TemplateNode {
        try open("#set")
        skipSpace()
        guard peek() == UInt8(ascii: "$"), let target = try referenceHere() else { throw unexpected("a reference") }
        skipSpace()
        guard peek() == UInt8(ascii: "="), peek(1) != UInt8(ascii: "=") else { throw unexpected("'='") }
        at += 1
        let value = try expression()
        try close()
        return .set(target, to: value)
    }

    private mutating func loop(_ start: Int) throws(TemplateFault) -> TemplateNode {
        try open("#foreach")
        skipSpace()
        guard peek() == UInt8(ascii: "$"), let item = try referenceHere() else { throw unexpected("a reference") }
        skipSpace()
        // Velocity looks at the place, not at the word: `in` may be any.
        guard Self.startsName(peek()) else { throw unexpected("'in'") }
        while isWord(peek()) { at += 1 }
        skipSpace()
        let source = try parameter(words: false)
        while peek() != UInt8(ascii: ")"), at < self.source.count { _ = try parameter(words: true) }
        try close()
        let body = try self.body(of: "#foreach", start)
        return .loop(TemplateLoop(slot: item.slot, source: source, body: body, at: base + start))
    }

    private mutating func define(_ start: Int, _ before: [UInt8]) throws(TemplateFault) -> Piece {
        try open("#define")
        skipSpace()
        let place = at
        let name = try parameter(words: false)
        try close()
        let body = try self.body(of: "#define", start)
        guard case .reference(let reference) = name else {
            if case .string = name { return .text(before) }
            throw syntax("#define wants a reference", at: place)
        }
        return .node(.define(slot: reference.slot, name: symbols.names[reference.slot], body: body), before: before)
    }

    /// `#stop('why')`: arguments that are read and count for nothing.
    private mutating func skipArguments() throws(TemplateFault) {
        let start = at
        while peek() == 0x20 || peek() == 0x09 { at += 1 }
        guard peek() == UInt8(ascii: "(") else {
            at = start
            return
        }
        _ = try callArguments()
    }
}
