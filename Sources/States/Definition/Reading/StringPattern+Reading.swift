// From the text of `StringMatches` to its pieces (language.md §4, Choice).

extension StringPattern {
    /// Reads a pattern: `*` parts two pieces, `\*` is a star and `\\` a backslash in a piece. Before any other
    /// character, and at the end, a backslash stands for itself.
    package init(_ text: String) {
        var pieces = [""]
        var isEscaped = false
        for scalar in text.unicodeScalars {
            switch (scalar, isEscaped) {
            case ("\\", false):
                isEscaped = true
                continue
            case ("*", false): pieces.append("")
            case ("*", true), ("\\", true), (_, false): pieces[pieces.count - 1].unicodeScalars.append(scalar)
            case (_, true): pieces[pieces.count - 1].unicodeScalars.append(contentsOf: ["\\", scalar])
            }
            isEscaped = false
        }
        if isEscaped { pieces[pieces.count - 1].unicodeScalars.append("\\") }
        self.init(pieces: pieces)
    }
}
