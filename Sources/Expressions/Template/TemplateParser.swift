// From the source of a template to its nodes: text, and where it is interrupted.
//
// Velocity 1.7's grammar, which API Gateway speaks (Velocity 2 reads other things into white space and quotes).

import Core

/// A fault at a place in the source; it gets its line and column where the source is at hand.
struct TemplateFault: Error {
    var code: TemplateError.Code
    var message: String
    var at: Int

    static func tooLarge(_ limit: Int, at place: Int) -> TemplateFault {
        TemplateFault(code: .outputTooLarge, message: "A text of more than \(limit) bytes", at: place)
    }
}

/// The names that a template mentions, each with its place.
struct TemplateSymbols: Sendable {
    private(set) var names: [String] = []
    private var slots: [String: Int] = [:]

    mutating func slot(_ name: String) -> Int {
        if let slot = slots[name] { return slot }
        slots[name] = names.count
        names.append(name)
        return names.count - 1
    }

    func known(_ name: String) -> Int? { slots[name] }
}

struct TemplateParser {
    let source: [UInt8]
    let dialect: Template.Dialect
    let limits: Limits.Gateway.Template
    /// Where `source` starts in the whole template, for the place of a fault inside a string.
    var base = 0
    var at = 0
    var depth = 0
    var symbols = TemplateSymbols()
    var macros: [String: TemplateMacro] = [:]

    init(_ source: [UInt8], dialect: Template.Dialect, limits: Limits.Gateway.Template) {
        self.source = source
        self.dialect = dialect
        self.limits = limits
    }

    /// The whole template.
    mutating func template() throws(TemplateFault) -> [TemplateNode] {
        let start = at
        let (nodes, terminator) = try block()
        switch terminator {
        case .endOfText: return nodes
        case .end: throw syntax("#end without a directive to end", at: terminatorStart)
        case .otherwise, .elseIf: throw syntax("#else without #if", at: max(start, terminatorStart))
        }
    }

    /// What a block ended at.
    enum Terminator {
        case endOfText
        case end
        case otherwise
        case elseIf
    }

    var terminatorStart = 0

    /// Text and directives up to `#end`, `#else`, `#elseif` or the end of the source, which is passed over.
    mutating func block() throws(TemplateFault) -> (nodes: [TemplateNode], terminator: Terminator) {
        try nest()
        defer { depth -= 1 }
        var nodes: [TemplateNode] = []
        var text: [UInt8] = []
        while at < source.count {
            let start = at
            skipPlain()
            text.append(contentsOf: source[start..<at])
            guard at < source.count else { break }
            let plain = at - start
            let piece = try interruption()
            switch piece {
            case .text(let bytes): text.append(contentsOf: bytes)
            case .node(let node, let before):
                if case .set = node, before.isEmpty {
                    // The brace behind a reference is read by itself.
                    let brace =
                        text.count == plain && text.first == UInt8(ascii: "}") && nodes.last?.isReference == true
                    Self.dropBlanks(brace ? plain - 1 : plain, from: &text)
                }
                text.append(contentsOf: before)
                flush(&text, into: &nodes)
                nodes.append(node)
            case .terminator(let terminator, let before):
                text.append(contentsOf: before)
                flush(&text, into: &nodes)
                return (nodes, terminator)
            }
        }
        flush(&text, into: &nodes)
        return (nodes, .endOfText)
    }

    /// Velocity's scanner counts the blanks before `#set` into the directive, unless there is text before them that it
    /// has begun to read already.
    private static func dropBlanks(_ count: Int, from text: inout [UInt8]) {
        if text.suffix(count).allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { text.removeLast(count) }
    }

    private func flush(_ text: inout [UInt8], into nodes: inout [TemplateNode]) {
        if text.isEmpty { return }
        nodes.append(.text(text))
        text = []
    }

    private mutating func skipPlain() {
        while at < source.count {
            switch source[at] {
            case UInt8(ascii: "$"), UInt8(ascii: "#"), UInt8(ascii: "\\"): return
            default: at += 1
            }
        }
    }

    enum Piece {
        case text([UInt8])
        case node(TemplateNode, before: [UInt8])
        case terminator(Terminator, before: [UInt8])
    }

    /// Reads what begins with `$`, `#` or a backslash.
    private mutating func interruption() throws(TemplateFault) -> Piece {
        let slashes = countSlashes()
        guard at < source.count else { return .text(Self.slashes(slashes)) }
        switch source[at] {
        case UInt8(ascii: "$"): return try dollar(slashes)
        case UInt8(ascii: "#"): return try hash(slashes)
        default: return .text(Self.slashes(slashes))
        }
    }

    private mutating func countSlashes() -> Int {
        let start = at
        while peek() == UInt8(ascii: "\\") { at += 1 }
        return at - start
    }

    static func slashes(_ count: Int) -> [UInt8] { Array(repeating: UInt8(ascii: "\\"), count: count) }

    private mutating func dollar(_ slashes: Int) throws(TemplateFault) -> Piece {
        let start = at
        if var reference = try referenceHere() {
            reference.escapes = slashes
            return .node(.reference(reference), before: [])
        }
        // Velocity's scanner wants to see what follows, and fails at the end of the text.
        at = start + 1
        let bang = peek() == UInt8(ascii: "!")
        if bang { at += 1 }
        guard at < source.count else { throw syntax("'$' at the end of the template", at: start) }
        // A `$` right before a directive is lost, and so is the `!` of `$!` before most characters.
        if slashes == 0, directiveFollows() { return .text([]) }
        let keepsBang = bang && [UInt8(ascii: "$"), UInt8(ascii: "{"), UInt8(ascii: "[")].contains(source[at])
        return .text(
            Self.slashes(slashes) + (keepsBang ? [UInt8(ascii: "$"), UInt8(ascii: "!")] : [UInt8(ascii: "$")]))
    }

    // MARK: - Characters

    func peek(_ offset: Int = 0) -> UInt8? { at + offset < source.count ? source[at + offset] : nil }

    func starts(_ text: StaticString, at offset: Int? = nil) -> Bool {
        let offset = offset ?? at
        guard offset + text.utf8CodeUnitCount <= source.count else { return false }
        for place in 0..<text.utf8CodeUnitCount where source[offset + place] != text.utf8Start[place] { return false }
        return true
    }

    static func isLetter(_ byte: UInt8?) -> Bool { byte.map { ($0 | 0x20) &- 0x61 < 26 } ?? false }
    static func isDigit(_ byte: UInt8?) -> Bool { byte.map { $0 &- 0x30 < 10 } ?? false }
    static func startsName(_ byte: UInt8?) -> Bool { isLetter(byte) || byte == UInt8(ascii: "_") }
    static func continuesName(_ byte: UInt8?) -> Bool {
        startsName(byte) || isDigit(byte) || byte == UInt8(ascii: "-")
    }

    /// Blanks and line ends, which count for nothing inside parentheses.
    @discardableResult
    mutating func skipSpace() -> Bool {
        let start = at
        while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { at += 1 }
        return at > start
    }

    /// A directive that ends its line takes the blanks and the line end behind it along.
    mutating func skipLineEnd() {
        var end = at
        while end < source.count, source[end] == 0x20 || source[end] == 0x09 { end += 1 }
        guard end < source.count else { return }
        if source[end] == 0x0A {
            at = end + 1
        } else if source[end] == 0x0D {
            at = end + 1
            if peek() == 0x0A { at += 1 }
        }
    }

    func string(_ range: Range<Int>) -> String { String(decoding: source[range], as: UTF8.self) }

    // MARK: - Faults

    func syntax(_ message: String, at place: Int? = nil) -> TemplateFault {
        TemplateFault(code: .syntax, message: message, at: base + (place ?? at))
    }

    /// `Encountered 'x', expected …`
    func unexpected(_ expected: String) -> TemplateFault {
        guard at < source.count else { return syntax("The template ends where \(expected) is expected") }
        let shown = String(decoding: source[at..<min(at + 12, source.count)], as: UTF8.self)
        return syntax("Encountered '\(shown.prefix(1))' where \(expected) is expected")
    }

    mutating func nest() throws(TemplateFault) {
        depth += 1
        guard depth <= limits.depth else {
            throw TemplateFault(code: .tooDeep, message: "Nested deeper than \(limits.depth)", at: base + at)
        }
    }
}
