// The rules that look at one file.

enum Rules {
    typealias Rule = @Sendable (SourceFile) -> [Finding]

    static let all: [(name: String, rule: Rule)] = [
        ("imports go to lower layers", imports), ("a file opens with its purpose", opening),
        ("files are short", length),
        ("lines are short", width), ("functions are short", functions), ("pure targets are pure", purity),
        ("the engine has its runtime from outside", runtime),
        ("dangerous code has a reason", danger), ("nothing is public", access), ("only newel prints", printing),
        ("no machine path is named", machinePaths), ("citations resolve", Citations.resolve),
        ("callers are named", callers), ("metric names are in their table", metricNames),
        ("words are the field's", Words.check),
    ]

    @Sendable static func imports(_ file: SourceFile) -> [Finding] {
        guard file.isSource, file.isSwift, let target = file.target else { return [] }
        guard let allowed = Project.imports[target] else {
            return [Finding(path: file.path, line: 1, text: "the target \(target) is not in the table of imports")]
        }
        return file.tokens.indices.compactMap { index in
            guard let module = module(importedAt: index, of: file), !allowed.contains(module) else { return nil }
            return Finding(
                path: file.path, line: file.tokens[index].line, text: "\(target) must not import \(module)")
        }
    }

    /// A caller by default is one that no policy was evaluated for, and a scope by default is another account's. The
    /// engine's configuration is where the default account and region come from.
    @Sendable static func callers(_ file: SourceFile) -> [Finding] {
        guard file.isSource, file.isSwift, file.path != "Sources/Engine/Configuration.swift" else { return [] }
        return file.tokens.indices.compactMap { index in
            let token = file.tokens[index]
            guard token.kind == .word, ["Caller", "Scope"].contains(token.text), file.token(index - 1)?.text == ":"
            else { return nil }
            let isOptional = file.token(index + 1)?.text == "?"
            let hasDefault = file.token(index + (isOptional ? 2 : 1))?.text == "="
            guard hasDefault || isOptional && token.text == "Caller" else { return nil }
            return Finding(
                path: file.path, line: token.line, text: "a \(token.text) is named, not optional or by default")
        }
    }

    /// The table has the help text of each metric.
    @Sendable static func metricNames(_ file: SourceFile) -> [Finding] {
        guard file.isSource, file.isSwift, file.path != "Sources/Core/Runtime/MetricName.swift" else { return [] }
        return file.tokens.compactMap { token in
            guard token.kind == .string, token.text.hasPrefix("\"newel_") else { return nil }
            return Finding(path: file.path, line: token.line, text: "\(token.text) belongs into MetricName.swift")
        }
    }

    private static func module(importedAt index: Int, of file: SourceFile) -> String? {
        guard file.tokens[index].text == "import", file.tokens[index].kind == .word else { return nil }
        let kinds: Set<String> = ["struct", "class", "enum", "func", "protocol", "let", "var", "typealias"]
        guard let next = file.token(index + 1), next.kind == .word else { return nil }
        return kinds.contains(next.text) ? file.token(index + 2)?.text : next.text
    }

    @Sendable static func opening(_ file: SourceFile) -> [Finding] {
        guard file.target != nil, file.isSwift || file.path.hasSuffix(".h") else { return [] }
        if !file.isSwift, file.lines.first?.hasPrefix("/* ") == true { return [] }
        let comment = file.lines.prefix { $0.hasPrefix("//") }.map { $0.dropFirst(2) }.joined()
        guard file.lines.first?.hasPrefix("// ") == true, comment.contains(".") else {
            return [Finding(path: file.path, line: 1, text: "does not open with a sentence that says what lives here")]
        }
        return []
    }

    @Sendable static func length(_ file: SourceFile) -> [Finding] {
        guard file.target != nil, file.isSwift, file.lines.count > Project.longestFile else { return [] }
        return [
            Finding(
                path: file.path, line: file.lines.count,
                text: "\(file.lines.count) lines; a file has \(Project.longestFile) at most")
        ]
    }

    @Sendable static func width(_ file: SourceFile) -> [Finding] {
        guard file.isSwift else { return [] }
        let withStrings = Set(
            file.tokens.filter { $0.kind == .string }.flatMap { token in
                token.line...(token.line + token.text.filter { $0 == "\n" }.count)
            })
        return file.lines.enumerated().compactMap { index, line in
            guard line.count > Project.widestLine, !withStrings.contains(index + 1), !line.contains("://") else {
                return nil
            }
            return Finding(
                path: file.path, line: index + 1, text: "\(line.count) columns; a line has \(Project.widestLine)")
        }
    }

    @Sendable static func purity(_ file: SourceFile) -> [Finding] {
        guard file.isSource, let target = file.target, Project.pureTargets.contains(target) else { return [] }
        return file.tokens.indices.compactMap { index in
            guard let name = impurity(at: index, of: file) else { return nil }
            return Finding(
                path: file.path, line: file.tokens[index].line, text: "\(name) is not allowed in a pure target")
        }
    }

    /// Clocks, randomness and threads of the engine are those of its `Runtime`, so that a simulation can have its own.
    @Sendable static func runtime(_ file: SourceFile) -> [Finding] {
        guard file.isSource, file.target == "Engine" else { return [] }
        return file.tokens.indices.compactMap { index in
            let token = file.tokens[index]
            let next = file.token(index + 1)?.text
            guard token.kind == .word else { return nil }
            let isOutside =
                switch token.text {
                case "Dispatch", "DispatchQueue", "DispatchTime", "DispatchGroup", "DispatchSemaphore": true
                case "random": next == "("
                // `plan.now` is a value that was handed in.
                case "now":
                    file.token(index - 1)?.text == "." && next != "("
                        && file.token(index - 2)?.text.first?.isLowercase != true
                case "Task": next == "{" && file.token(index - 1)?.text != "."
                default: false
                }
            guard isOutside else { return nil }
            return Finding(
                path: file.path, line: token.line, text: "\(token.text) is not of the engine's runtime")
        }
    }

    private static func impurity(at index: Int, of file: SourceFile) -> String? {
        let token = file.tokens[index]
        let before = file.token(index - 1)?.text
        let next = file.token(index + 1)?.text
        guard token.kind == .word else { return nil }
        switch token.text {
        case "Foundation", "async", "await", "Dispatch", "ContinuousClock", "SystemRandomNumberGenerator":
            return token.text
        // The property of a `Runtime` is no call.
        case "random" where next == "(": return "random("
        case "Date" where next == "(": return "Date("
        // `self.now` is a value that was handed in, `Timestamp.now` and `.now` look at a clock.
        case "now" where before == "." && file.token(index - 2)?.text != "self": return ".now"
        // `State.Task` is a state.
        case "Task" where next == "{" && ![".", "enum", "struct"].contains(before): return "Task {"
        default: return nil
        }
    }

    @Sendable static func danger(_ file: SourceFile) -> [Finding] {
        guard file.isSource else { return [] }
        return file.tokens.indices.compactMap { index in
            guard let name = danger(at: index, of: file) else { return nil }
            let line = file.tokens[index].line
            return file.hasReason(above: line)
                ? nil : Finding(path: file.path, line: line, text: "\(name) without a reason on the line above")
        }
    }

    private static func danger(at index: Int, of file: SourceFile) -> String? {
        let token = file.tokens[index]
        if token.text == "unchecked", file.token(index - 1)?.text == "@" { return "@unchecked" }
        if token.text == "unsafe",
            file.token(index - 1)?.text == "nonisolated" || file.token(index - 2)?.text == "nonisolated"
        {
            return "nonisolated(unsafe)"
        }
        guard token.text == "!", token.kind == .symbol, token.isAdjacent, let before = file.token(index - 1) else {
            return nil
        }
        let next = file.token(index + 1)
        if next?.isAdjacent == true, next?.text == "=" { return nil }
        switch before.text {
        case "try", "as": return before.text + "!"
        case _ where before.kind == .word || before.kind == .string || [")", "]"].contains(before.text):
            return "a forced unwrap"
        default: return nil
        }
    }

    @Sendable static func access(_ file: SourceFile) -> [Finding] {
        file.tokens.indices.compactMap { index in
            let token = file.tokens[index]
            // `privacy: .public` and the like are not declarations.
            guard token.kind == .word, token.text == "public", file.token(index - 1)?.text != "." else { return nil }
            return Finding(path: file.path, line: token.line, text: "no declaration is public")
        }
    }

    @Sendable static func printing(_ file: SourceFile) -> [Finding] {
        guard file.isSource, file.target != "newel" else { return [] }
        return file.tokens.indices.compactMap { index in
            let token = file.tokens[index]
            let before = file.token(index - 1)?.text
            guard token.kind == .word, ["print", "debugPrint", "dump"].contains(token.text),
                file.token(index + 1)?.text == "(", before != ".", before != "func", before != "try"
            else { return nil }
            return Finding(path: file.path, line: token.line, text: "\(token.text)( outside the command line: log it")
        }
    }

    @Sendable static func machinePaths(_ file: SourceFile) -> [Finding] {
        // Put together here, so that this file does not find itself.
        let banned = ["/wo" + "rk/", "/tmp" + "/b-"]
        return file.lines.enumerated().compactMap { index, line in
            guard let path = banned.first(where: { line.contains($0) }) else { return nil }
            return Finding(path: file.path, line: index + 1, text: "\(path) is a path of one machine")
        }
    }
}
