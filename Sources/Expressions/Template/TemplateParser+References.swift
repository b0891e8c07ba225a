// References: `$name`, `$!{name.property.method(x)[0]}`.

extension TemplateParser {
    /// The reference that begins at `$`; `nil`, with nothing read, when there is none and the `$` is text.
    mutating func referenceHere() throws(TemplateFault) -> TemplateReference? {
        let start = at
        at += 1
        let quiet = peek() == UInt8(ascii: "!")
        if quiet { at += 1 }
        let braces = peek() == UInt8(ascii: "{")
        if braces { at += 1 }
        guard Self.startsName(peek()) else {
            at = start
            return nil
        }
        try nest()
        defer { depth -= 1 }
        let slot = symbols.slot(name())
        let steps = try self.steps()
        if braces {
            guard peek() == UInt8(ascii: "}") else { throw unexpected("'}'") }
            at += 1
        }
        return TemplateReference(
            slot: slot, steps: steps, literal: string(start..<at), quiet: quiet, escapes: 0, at: base + start)
    }

    mutating func name() -> String {
        let start = at
        while Self.continuesName(peek()) { at += 1 }
        return string(start..<at)
    }

    private mutating func steps() throws(TemplateFault) -> [TemplateReference.Step] {
        var steps: [TemplateReference.Step] = []
        while true {
            if peek() == UInt8(ascii: "[") {
                steps.append(.index(try index()))
            } else if peek() == UInt8(ascii: "."), Self.isLetter(peek(1)) {
                at += 1
                steps.append(try member())
            } else {
                return steps
            }
        }
    }

    private mutating func index() throws(TemplateFault) -> TemplateExpression {
        at += 1
        skipSpace()
        let index: TemplateExpression
        switch peek() {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): index = try stringLiteral()
        case UInt8(ascii: "$"):
            guard let reference = try referenceHere() else { throw unexpected("an index") }
            index = .reference(reference)
        default:
            guard case .some(.integer(let value)) = try number() else { throw unexpected("an index") }
            index = .integer(value)
        }
        skipSpace()
        guard peek() == UInt8(ascii: "]") else { throw unexpected("']'") }
        at += 1
        return index
    }

    private mutating func member() throws(TemplateFault) -> TemplateReference.Step {
        let name = name()
        // `$a.b(#…`: Velocity gives up the call and leaves the parenthesis as text, but only for these.
        guard peek() == UInt8(ascii: "("), let next = peek(1), next != UInt8(ascii: "#") else {
            return .property(name, TemplateMethod(property: name))
        }
        at += 1
        return .method(TemplateMethod(rawValue: name), name, try arguments())
    }

    private mutating func arguments() throws(TemplateFault) -> [TemplateExpression] {
        if peek() == UInt8(ascii: ")") {
            at += 1
            return []
        }
        var arguments: [TemplateExpression] = []
        while true {
            arguments.append(try parameter(words: true))
            switch peek() {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: ")"):
                at += 1
                return arguments
            default: throw unexpected("',' or ')'")
            }
        }
    }
}
