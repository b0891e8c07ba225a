// From tokens to a raw tree, by binding powers.

import Core
import JSON

struct JSONataParser {
    private var lexer: JSONataLexer
    private var token = JSONataToken.end
    private var tokenPosition = 0
    private let dialect: JSONata.Dialect
    var symbols = JSONataSymbols()
    private(set) var pictures = JSONataPictures()
    private var variables: [JSONataDraft] = []
    /// Symbols that are bound anywhere in the expression.
    private var bound: Set<Int> = []
    private var depth = 0
    /// Operands and operators so far.
    private(set) var parts = 0

    private typealias Bounds = Limits.Evaluation.JSONata

    init(_ source: String, _ dialect: JSONata.Dialect) {
        self.dialect = dialect
        lexer = JSONataLexer(source, hasDefaults: dialect == .reference)
    }

    mutating func wholeExpression() throws(JSONataError) -> JSONataDraft {
        try advance(prefix: true)
        let node = try expression(0)
        if token != .end { throw syntax("S0201", "Syntax error: \(token.quoted)") }
        for variable in variables where variable.scope == .outer && bound.contains(variable.symbol) {
            variable.scope = .bound
        }
        return node
    }

    // MARK: - Tokens

    private mutating func advance(prefix: Bool = false) throws(JSONataError) {
        token = try lexer.next(prefix: prefix)
        tokenPosition = lexer.position
        if case .symbol(let symbol) = token, symbol == "!" || symbol == "~" {
            throw syntax("S0204", "Unknown operator: \(token.quoted)")
        }
    }

    private func syntax(_ code: String, _ message: String) -> JSONataError {
        JSONataError(code: code, message: message, position: tokenPosition, token: token.text)
    }

    /// Takes a symbol that must come now; what follows is an operand where `prefix`.
    private mutating func expect(_ symbol: String, prefix: Bool = false) throws(JSONataError) {
        guard token == .symbol(symbol) else {
            if token == .end {
                throw JSONataError(
                    code: "S0203", message: "Expected \"\(symbol)\" before end of expression", position: tokenPosition,
                    value: .string(symbol), token: token.text)
            }
            throw JSONataError(
                code: "S0202", message: "Expected \"\(symbol)\", got \(token.quoted)", position: tokenPosition,
                value: .string(symbol), token: token.text)
        }
        try advance(prefix: prefix)
    }

    private mutating func isTaking(_ symbol: String, prefix: Bool = false) throws(JSONataError) -> Bool {
        guard token == .symbol(symbol) else { return false }
        try advance(prefix: prefix)
        return true
    }

    // MARK: - Expressions

    private static let powers: [String: Int] = [
        ".": 75, "[": 80, "{": 70, "(": 80, "@": 80, "#": 80, "?": 20, "+": 50, "-": 50, "*": 60, "/": 60, "%": 60,
        "=": 40, "<": 40, ">": 40, "^": 40, "..": 20, ":=": 10, "!=": 40, "<=": 40, ">=": 40, "~>": 40, "and": 30,
        "or": 25, "in": 40, "&": 50, "?:": 40, "??": 40,
    ]

    private var power: Int {
        switch token {
        case .symbol(let symbol): Self.powers[symbol] ?? 0
        case .name(let name) where ["and", "or", "in"].contains(name): Self.powers[name] ?? 0
        default: 0
        }
    }

    private mutating func expression(_ least: Int) throws(JSONataError) -> JSONataDraft {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Bounds.maximumTextDepth else {
            throw syntax("S0500", "The expression nests more than \(Bounds.maximumTextDepth) levels deep")
        }
        var left = try operand()
        try measure(left)
        while least < power {
            left = try infix(left)
            try measure(left)
        }
        return left
    }

    /// Counts a node. A chain of operators nests as well: to its left.
    private mutating func measure(_ node: JSONataDraft) throws(JSONataError) {
        parts += 1
        guard parts <= Bounds.maximumParts else {
            throw syntax("S0500", "The expression has more than \(Bounds.maximumParts) operands and operators")
        }
        node.measure()
        guard node.height <= Bounds.maximumTreeHeight else {
            throw syntax("S0500", "The expression nests more than \(Bounds.maximumTreeHeight) levels deep")
        }
    }

    private mutating func operand() throws(JSONataError) -> JSONataDraft {
        let token = token
        let position = tokenPosition
        switch token {
        case .end:
            throw JSONataError(
                code: "S0207", message: "Unexpected end of expression", position: position, token: "(end)")
        case .string(let text):
            try advance()
            let node = JSONataDraft(.string, at: position)
            node.text = text
            node.literal = .string(text)
            return node
        case .number(let text):
            try advance()
            let node = JSONataDraft(.number, at: position)
            node.literal = JSONataValue(literal: text, dialect)
            return node
        case .variable(let name):
            try advance()
            return variable(name, at: position)
        case .regex(let pattern, let flags):
            try advance()
            let node = JSONataDraft(.regex, at: position)
            node.regex = try JSONataRegex(pattern, flags: flags, at: position)
            return node
        case .name(let name): return try word(name, at: position)
        case .symbol(let symbol): return try prefix(symbol, at: position)
        }
    }

    private mutating func variable(_ name: String, at position: Int) -> JSONataDraft {
        let node = JSONataDraft(.variable, at: position)
        node.text = name
        node.symbol = symbols.symbol(name)
        node.library = JSONataLibrary.function(name, dialect)
        node.scope = name.isEmpty ? .context : name == "$" ? .root : .outer
        variables.append(node)
        return node
    }

    private mutating func word(_ name: String, at position: Int) throws(JSONataError) -> JSONataDraft {
        try advance()
        switch name {
        case "true", "false", "null":
            let node = JSONataDraft(.value, at: position)
            node.literal = name == "null" ? .null : .bool(name == "true")
            node.text = name
            return node
        default:
            let node = JSONataDraft(.name, at: position)
            node.text = name
            return node
        }
    }

    private mutating func prefix(_ symbol: String, at position: Int) throws(JSONataError) -> JSONataDraft {
        try advance(prefix: "([{-|".contains(symbol))
        switch symbol {
        case "*": return JSONataDraft(.wildcard, at: position)
        case "**": return JSONataDraft(.descendant, at: position)
        case "%": return JSONataDraft(.parent, at: position)
        case "-":
            let node = JSONataDraft(.negate, at: position)
            node.left = try expression(70)
            return node
        case "(": return try block(at: position)
        case "[": return try array(at: position)
        case "{": return try object(at: position)
        case "|": return try transform(at: position)
        default:
            throw JSONataError(
                code: "S0211", message: "The symbol \"\(symbol)\" cannot be used as a unary operator",
                position: position, token: symbol)
        }
    }

    private mutating func block(at position: Int) throws(JSONataError) -> JSONataDraft {
        let node = JSONataDraft(.block, at: position)
        while token != .symbol(")") {
            node.nodes.append(try expression(0))
            guard try isTaking(";", prefix: true) else { break }
        }
        try expect(")")
        return node
    }

    private mutating func array(at position: Int) throws(JSONataError) -> JSONataDraft {
        let node = JSONataDraft(.array, at: position)
        if token != .symbol("]") {
            repeat {
                let item = try expression(0)
                let rangePosition = tokenPosition
                if try isTaking("..", prefix: true) {
                    let range = JSONataDraft(.binary, at: rangePosition)
                    range.text = ".."
                    range.operation = .range
                    range.left = item
                    range.right = try expression(0)
                    node.nodes.append(range)
                } else {
                    node.nodes.append(item)
                }
            } while try isTaking(",", prefix: true)
        }
        try expect("]")
        return node
    }

    private mutating func object(at position: Int) throws(JSONataError) -> JSONataDraft {
        let node = JSONataDraft(.object, at: position)
        if token != .symbol("}") {
            repeat {
                let key = try expression(0)
                try expect(":", prefix: true)
                node.pairs.append((key, try expression(0)))
            } while try isTaking(",", prefix: true)
        }
        try expect("}")
        return node
    }

    private mutating func transform(at position: Int) throws(JSONataError) -> JSONataDraft {
        let node = JSONataDraft(.transform, at: position)
        node.nodes.append(try expression(0))
        try expect("|", prefix: true)
        node.nodes.append(try expression(0))
        if try isTaking(",", prefix: true) { node.nodes.append(try expression(0)) }
        try expect("|")
        return node
    }

    // MARK: - Operators behind an operand

    private mutating func infix(_ left: JSONataDraft) throws(JSONataError) -> JSONataDraft {
        let position = tokenPosition
        let symbol = token.text
        try advance(prefix: symbol != ")" && symbol != "]")
        switch symbol {
        case "(": return try call(left, at: position)
        case "[": return try predicate(left, at: position)
        case "{":
            let group = try object(at: position)
            return binary("{", left, group, at: position)
        case "^": return try sort(left, at: position)
        case "?":
            let node = JSONataDraft(.condition, at: position)
            node.nodes = [left, try expression(0)]
            if try isTaking(":", prefix: true) { node.nodes.append(try expression(0)) }
            return node
        case "?:":
            let node = JSONataDraft(.condition, at: position)
            node.nodes = [left, left, try expression(0)]
            return node
        case "??":
            let node = JSONataDraft(.coalesce, at: position)
            node.nodes = [left, try expression(0)]
            return node
        case ":=":
            guard left.kind == .variable else {
                throw JSONataError(
                    code: "S0212", message: "The left side of := must be a variable name (start with $)",
                    position: left.position, token: left.text)
            }
            bound.insert(left.symbol)
            return binary(":=", left, try expression(9), at: position)
        case "@", "#":
            let right = try expression(80)
            guard right.kind == .variable else {
                throw JSONataError(
                    code: "S0214", message: "The right side of \"\(symbol)\" must be a variable name (start with $)",
                    position: right.position, token: symbol)
            }
            bound.insert(right.symbol)
            return binary(symbol, left, right, at: position)
        default: return binary(symbol, left, try expression(Self.powers[symbol] ?? 0), at: position)
        }
    }

    private func binary(
        _ symbol: String, _ left: JSONataDraft, _ right: JSONataDraft, at position: Int
    ) -> JSONataDraft {
        let node = JSONataDraft(.binary, at: position)
        node.text = symbol
        node.left = left
        node.right = right
        return node
    }

    private mutating func predicate(_ left: JSONataDraft, at position: Int) throws(JSONataError) -> JSONataDraft {
        if token == .symbol("]") {
            // An empty predicate keeps singleton arrays: said of the step that the predicates belong to.
            var step = left
            while step.kind == .binary, step.text == "[", let inner = step.left { step = inner }
            step.keepsArray = true
            try advance()
            return left
        }
        let right = try expression(0)
        try expect("]")
        return binary("[", left, right, at: position)
    }

    private mutating func sort(_ left: JSONataDraft, at position: Int) throws(JSONataError) -> JSONataDraft {
        try expect("(", prefix: true)
        let node = binary("^", left, left, at: position)
        repeat {
            var isDescending = false
            if try isTaking("<", prefix: true) {
                isDescending = false
            } else if try isTaking(">", prefix: true) {
                isDescending = true
            }
            node.terms.append((isDescending, try expression(0)))
        } while try isTaking(",", prefix: true)
        try expect(")")
        return node
    }

    // MARK: - Calls and lambdas

    private mutating func call(_ left: JSONataDraft, at position: Int) throws(JSONataError) -> JSONataDraft {
        let node = JSONataDraft(.function, at: position)
        node.left = left
        if token != .symbol(")") {
            repeat {
                if token == .symbol("?") {
                    node.kind = .partial
                    node.nodes.append(JSONataDraft(.placeholder, at: tokenPosition))
                    try advance()
                } else {
                    node.nodes.append(try expression(0))
                }
            } while try isTaking(",", prefix: true)
        }
        try expect(")")
        if left.kind == .variable {
            for argument in node.nodes where argument.kind == .string {
                pictures.prepare(argument.text, for: left.text)
            }
        }
        guard left.kind == .name, left.text == "function" || left.text == "\u{03BB}" else { return node }
        return try lambda(node)
    }

    private mutating func lambda(_ call: JSONataDraft) throws(JSONataError) -> JSONataDraft {
        let node = JSONataDraft(.lambda, at: call.position)
        for (index, parameter) in call.nodes.enumerated() {
            guard parameter.kind == .variable else {
                throw JSONataError(
                    code: "S0208",
                    message: "Parameter \(index + 1) of function definition must be a variable name (start with $)",
                    position: parameter.position, value: .int(index + 1), token: parameter.text)
            }
            bound.insert(parameter.symbol)
            node.parameters.append(parameter.symbol)
            node.nodes.append(parameter)
        }
        if token == .symbol("<") { node.signature = try signature() }
        try expect("{", prefix: true)
        node.left = try expression(0)
        try expect("}")
        return node
    }

    /// `<s-n?:b>`, read token by token as the reference does.
    private mutating func signature() throws(JSONataError) -> JSONataSignature {
        let position = tokenPosition
        var depth = 1
        var text = "<"
        while depth > 0, token != .symbol("{"), token != .end {
            try advance()
            if token == .symbol(">") { depth -= 1 } else if token == .symbol("<") { depth += 1 }
            text += token == .end ? "" : token.text
        }
        try expect(">")
        return try JSONataSignature(text, at: position)
    }
}
