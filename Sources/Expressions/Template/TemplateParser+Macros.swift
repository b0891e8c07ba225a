// What stock Velocity has and API Gateway has not: `#macro`, `#evaluate`, `#include`, `#parse`, `#literal`.

extension TemplateParser {
    mutating func furtherDirective(
        _ word: String, _ start: Int, _ before: [UInt8]
    ) throws(TemplateFault) -> Piece {
        if macros[word] != nil { return try call(word, 0, start, before) }
        guard dialect.macros else {
            throw TemplateFault(
                code: .unsupportedDirective, message: "API Gateway does not have #\(word)", at: base + start)
        }
        switch word {
        case "macro":
            try macro(start)
            return .text(before)
        case "literal":
            _ = try callArguments()
            let content = at
            _ = try body(of: "#literal", start)
            return .node(.text(Array(source[content..<terminatorStart])), before: before)
        default:
            let arguments = try callArguments()
            guard arguments.count == 1 || word != "evaluate" else {
                throw syntax("#evaluate wants exactly one argument", at: start)
            }
            guard let argument = arguments.first else { throw syntax("#\(word) wants an argument", at: start) }
            if word == "evaluate" {
                switch argument {
                case .string, .interpolated, .reference: break
                default: throw syntax("#evaluate wants a string or a reference", at: start)
                }
                return .node(.evaluate(argument, at: base + start), before: before)
            }
            return .node(.include(argument, at: base + start), before: before)
        }
    }

    private mutating func macro(_ start: Int) throws(TemplateFault) {
        try open("#macro")
        skipSpace()
        guard Self.startsName(peek()) else { throw unexpected("the macro's name") }
        let nameStart = at
        while isWord(peek()) { at += 1 }
        let name = string(nameStart..<at)
        var parameters: [Int] = []
        skipSeparators()
        while peek() == UInt8(ascii: "$") {
            guard let reference = try referenceHere() else { throw unexpected("a parameter") }
            parameters.append(reference.slot)
            skipSeparators()
        }
        try close()
        macros[name] = TemplateMacro(parameters: parameters, body: try body(of: "#macro", start))
    }

    private mutating func skipSeparators() {
        while skipSpace() || peek() == UInt8(ascii: ",") {
            if peek() == UInt8(ascii: ",") { at += 1 }
        }
    }

    /// `#name(…)`. It is a macro's call if a macro of that name exists by the time it renders, and its own text if not;
    /// without parentheses it is a call only behind the macro's definition.
    mutating func call(
        _ word: String, _ slashes: Int, _ start: Int, _ before: [UInt8] = []
    ) throws(TemplateFault) -> Piece {
        let isBlock = word.hasPrefix("@")
        let name = isBlock ? String(word.dropFirst()) : word
        let wordEnd = at
        while peek() == 0x20 || peek() == 0x09 { at += 1 }
        let hasArguments = peek() == UInt8(ascii: "(")
        guard hasArguments || (macros[name] != nil && !isBlock) else {
            at = wordEnd
            return .text(Self.slashes(slashes) + source[start..<at])
        }
        if !hasArguments { at = wordEnd }
        let arguments = hasArguments ? try callArguments() : []
        let body = isBlock ? try self.body(of: "#\(word)", start) : nil
        let literal = Array(source[start..<at])
        guard dialect.macros else { return .text(Self.slashes(slashes) + literal) }
        let call = TemplateMacroCall(
            name: name, arguments: arguments, body: body, literal: literal, at: base + start)
        return .node(.call(call), before: before + Self.slashes(slashes))
    }

    /// `(a, b c)`: commas between arguments may be left out.
    mutating func callArguments() throws(TemplateFault) -> [TemplateExpression] {
        try open("arguments")
        skipSpace()
        var arguments: [TemplateExpression] = []
        while peek() != UInt8(ascii: ")") {
            guard at < source.count else { throw unexpected("')'") }
            arguments.append(try parameter(words: true))
            if peek() == UInt8(ascii: ",") {
                at += 1
                skipSpace()
                guard peek() != UInt8(ascii: ")") else { throw unexpected("an argument") }
            }
        }
        try close()
        return arguments
    }
}
