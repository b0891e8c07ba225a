// `${Name}` in definitions: what DefinitionSubstitutions of a template, or of newel.yaml, replace.

/// Finds and replaces placeholders in a text.
enum Placeholders {
    /// A placeholder and where it is in the text.
    struct Match {
        var name: String
        var range: Range<String.Index>
        /// Whether it is inside a string of JSON.
        var isQuoted: Bool
    }

    /// Returns the text with the values that `value` has; a placeholder without one stays as it is.
    static func replace(_ text: String, _ value: (String) throws -> String?) rethrows -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
            let name = String(rest[start.upperBound..<end])
            result += rest[..<start.lowerBound]
            if let value = isName(name) ? try value(name) : nil {
                result += value
                rest = rest[rest.index(after: end)...]
            } else {
                result += "${"
                rest = rest[start.upperBound...]
            }
        }
        return result + rest
    }

    /// The names of all placeholders, each once, in their order.
    static func names(in text: String) -> [String] {
        var names: [String] = []
        for match in matches(in: text) where !names.contains(match.name) { names.append(match.name) }
        return names
    }

    /// Whether the text has a placeholder.
    static func contains(in text: String) -> Bool { text.contains("${") && !matches(in: text).isEmpty }

    static func matches(in text: String) -> [Match] {
        var matches: [Match] = []
        var isQuoted = false
        var index = text.startIndex
        while index < text.endIndex {
            switch text[index] {
            case "\\" where isQuoted:
                index = text.index(index, offsetBy: 2, limitedBy: text.endIndex) ?? text.endIndex
                continue
            case "\"": isQuoted.toggle()
            case "$":
                if let match = match(in: text, at: index, isQuoted) {
                    matches.append(match)
                    index = match.range.upperBound
                    continue
                }
            default: break
            }
            index = text.index(after: index)
        }
        return matches
    }

    private static func match(in text: String, at start: String.Index, _ isQuoted: Bool) -> Match? {
        let brace = text.index(after: start)
        guard brace < text.endIndex, text[brace] == "{" else { return nil }
        let first = text.index(after: brace)
        guard let end = text[first...].firstIndex(where: { !isPart($0) }), text[end] == "}" else { return nil }
        let name = String(text[first..<end])
        return isName(name) ? Match(name: name, range: start..<text.index(after: end), isQuoted: isQuoted) : nil
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.count <= 255 && name.allSatisfy(isPart)
    }

    private static func isPart(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "_-.:".contains(character))
    }
}
