// How long functions are.

extension Rules {
    @Sendable static func functions(_ file: SourceFile) -> [Finding] {
        file.tokens.indices.compactMap { index in
            guard opensFunction(at: index, of: file), let end = lastLine(ofFunctionAt: index, in: file) else {
                return nil
            }
            let lines = end - file.tokens[index].line + 1
            guard lines > Project.longestFunction else { return nil }
            let name = file.tokens[index].text == "func" ? file.token(index + 1)?.text ?? "" : file.tokens[index].text
            return Finding(
                path: file.path, line: file.tokens[index].line,
                text: "\(name) has \(lines) lines; a function has \(Project.longestFunction) at most")
        }
    }

    private static func opensFunction(at index: Int, of file: SourceFile) -> Bool {
        let token = file.tokens[index]
        guard token.kind == .word else { return false }
        let before = file.token(index - 1)?.text
        switch token.text {
        case "func": return true
        case "init", "subscript": return before != "." && ["(", "<", "?"].contains(file.token(index + 1)?.text)
        case "var": return file.token(index + 2)?.text == ":"
        default: return false
        }
    }

    /// The line of the brace that closes the function's body, `nil` where it has none.
    private static func lastLine(ofFunctionAt start: Int, in file: SourceFile) -> Int? {
        var depth = 0
        var index = start + 1
        while let token = file.token(index), !(token.text == "{" && depth == 0 && token.kind == .symbol) {
            if token.kind == .symbol {
                if ["(", "["].contains(token.text) { depth += 1 }
                if [")", "]"].contains(token.text) { depth -= 1 }
                if depth < 0 || (depth == 0 && ["}", "="].contains(token.text) && file.tokens[start].text == "var") {
                    return nil
                }
            }
            if depth == 0, ["func", "var", "let", "case", "init", "}"].contains(token.text), index > start + 1 {
                return nil
            }
            index += 1
        }
        var braces = 0
        while let token = file.token(index) {
            if token.kind == .symbol, token.text == "{" { braces += 1 }
            if token.kind == .symbol, token.text == "}" { braces -= 1 }
            if braces == 0 { return token.line }
            index += 1
        }
        return nil
    }
}
