// Functions as values: of the library, lambdas, partial applications, compositions, transforms.

import JSON

final class JSONataFunction {
    typealias Body = (JSONataEvaluator, [JSONataValue], JSONataValue) throws(JSONataError) -> JSONataValue

    enum Kind {
        case library(JSONataLibrary.Function)
        case lambda(JSONataNode, input: JSONataValue, JSONataEvaluator.Frame)
        /// Arguments that are given; `nil` where one is left open.
        case partial(JSONataValue, [JSONataValue?])
        case composed(first: JSONataValue, second: JSONataValue)
        case transform(JSONataNode, JSONataEvaluator.Frame)
        case closure(arity: Int, Body)
    }

    let kind: Kind
    /// A function does not change: it looks into what it holds once.
    private(set) lazy var shape = JSONataShape(levels: levels + 1, hasFunctions: true)

    private var levels: Int {
        switch kind {
        case .library, .closure: 0
        case .lambda(_, let input, let frame): max(input.shape.levels, frame.levels)
        case .transform(_, let frame): frame.levels
        case .composed(let first, let second): max(first.shape.levels, second.shape.levels)
        case .partial(let function, let arguments):
            arguments.reduce(function.shape.levels) { max($0, $1?.shape.levels ?? 0) }
        }
    }

    init(_ function: JSONataLibrary.Function) { kind = .library(function) }

    init(lambda node: JSONataNode, input: JSONataValue, frame: JSONataEvaluator.Frame) {
        kind = .lambda(node, input: input, frame)
    }

    init(transform node: JSONataNode, frame: JSONataEvaluator.Frame) { kind = .transform(node, frame) }

    init(partial function: JSONataValue, _ arguments: [JSONataValue?]) { kind = .partial(function, arguments) }

    init(composed first: JSONataValue, _ second: JSONataValue) { kind = .composed(first: first, second: second) }

    init(arity: Int, _ body: @escaping Body) { kind = .closure(arity: arity, body) }

    /// How many arguments it takes.
    var arity: Int {
        switch kind {
        case .library(let function): function.arity
        case .lambda(let node, _, _): node.parameters.count
        case .partial(_, let arguments): arguments.count { $0 == nil }
        case .composed, .transform: 1
        case .closure(let arity, _): arity
        }
    }

    /// A lambda that stands for a call in tail position.
    var thunk: (call: JSONataNode, input: JSONataValue, frame: JSONataEvaluator.Frame)? {
        guard case .lambda(let node, let input, let frame) = kind, node.isThunk, let call = node.left else {
            return nil
        }
        return (call, input, frame)
    }
}

extension JSONataValue {
    /// How many arguments a function takes; a regular expression takes a string.
    var arity: Int {
        switch self {
        case .function(let function): function.arity
        case .regex: 1
        default: 0
        }
    }
}

extension JSONataEvaluator {
    // MARK: - Calls

    func call(
        _ node: Node, _ input: Value, _ frame: Frame, applied: Value?
    ) throws(JSONataError) -> Value {
        guard let name = node.left else { return .undefined }
        let procedure = name.isPlain ? variable(name, input, frame) : try evaluate(name, input, frame)
        if procedure.isUndefined, name.kind == .path, let first = name.nodes.first, first.kind == .name,
            isFunctionName(first.text, frame)
        {
            throw JSONataError(
                code: "T1005", message: "Attempted to invoke a non-function. Did you mean $\(first.text)?",
                position: node.position, token: first.text)
        }
        var arguments: [Value] = []
        // Room for what a signature puts in, too.
        arguments.reserveCapacity(max(node.nodes.count + 1, 4))
        if let applied { arguments.append(applied) }
        for argument in node.nodes { arguments.append(try evaluate(argument, input, frame)) }
        do throws(JSONataError) {
            return try apply(procedure, arguments, input, name: Self.name(of: name))
        } catch { throw error.located(node.position, Self.name(of: name)) }
    }

    private static func name(of node: Node) -> String {
        switch node.kind {
        case .variable: node.text
        case .path: node.nodes.first?.text ?? ""
        default: ""
        }
    }

    private func isFunctionName(_ name: String, _ frame: Frame) -> Bool {
        if let symbol = expression.symbols.existing(name), frame.lookup(symbol) != nil { return true }
        return JSONataLibrary.function(name, dialect) != nil
    }

    /// Calls a function; calls in tail position take no more stack.
    func apply(
        _ procedure: Value, _ arguments: consuming [Value], _ input: Value, name: String = ""
    ) throws(JSONataError) -> Value {
        var result = try applyOnce(procedure, arguments, input, name)
        while case .function(let function) = result, let thunk = function.thunk {
            try charge(0, steps: 1)
            guard let next = thunk.call.left else { return .undefined }
            let procedure = try evaluate(next, thunk.input, thunk.frame)
            var arguments: [Value] = []
            for argument in thunk.call.nodes { arguments.append(try evaluate(argument, thunk.input, thunk.frame)) }
            do throws(JSONataError) {
                result = try applyOnce(procedure, arguments, thunk.input, Self.name(of: next))
            } catch { throw error.located(thunk.call.position, Self.name(of: next)) }
            if let group = thunk.call.group { result = try self.group(group, result, thunk.frame) }
        }
        return result
    }

    private func applyOnce(
        _ procedure: Value, _ arguments: consuming [Value], _ input: Value, _ name: String
    ) throws(JSONataError) -> Value {
        for place in arguments.indices {
            try checkLevels(of: arguments[place])
            // Each function looks through its texts at least once.
            if case .string(let text) = arguments[place], text.utf8.count >= 64 {
                try charge(0, steps: text.utf8.count >> 6)
            }
        }
        switch procedure {
        case .function(let function): return try apply(function, arguments, input, name)
        case .regex(let regex): return try match(regex, arguments.first ?? .undefined)
        default:
            throw JSONataError(code: "T1006", message: "Attempted to invoke a non-function", token: name)
        }
    }

    private func apply(
        _ function: JSONataFunction, _ arguments: consuming [Value], _ input: Value, _ name: String
    ) throws(JSONataError) -> Value {
        switch function.kind {
        case .library(let function):
            var given = consume arguments
            try function.signature.fit(
                &given, context: input, function: name.isEmpty ? function.name : name)
            return try function.body(self, given, input)
        case .lambda(let node, let context, let frame):
            var given = consume arguments
            if let signature = node.signature { try signature.fit(&given, context: input, function: name) }
            guard let body = node.left else { return .undefined }
            return try evaluate(body, context, Frame(frame, node.parameters, given))
        case .partial(let function, let fixed):
            var open = arguments[...]
            let all = fixed.map { $0 ?? open.popFirst() ?? .undefined }
            return try apply(function, all + open, input, name: name)
        case .composed(let first, let second):
            return try apply(second, [apply(first, arguments, input)], input)
        case .transform(let node, let frame):
            var transform = JSONataTransform(node, frame, self)
            return try transform.apply(to: arguments.first ?? .undefined)
        case .closure(_, let body): return try body(self, arguments, input)
        }
    }

    func partial(_ node: Node, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        guard let name = node.left else { return .undefined }
        let procedure = try evaluate(name, input, frame)
        var arguments: [Value?] = []
        for argument in node.nodes {
            arguments.append(argument.kind == .placeholder ? nil : try evaluate(argument, input, frame))
        }
        if procedure.isUndefined, name.kind == .path, let first = name.nodes.first, isFunctionName(first.text, frame) {
            throw JSONataError(
                code: "T1007",
                message: "Attempted to partially apply a non-function. Did you mean $\(first.text)?",
                position: node.position, token: first.text)
        }
        guard procedure.isFunction else {
            throw JSONataError(
                code: "T1008", message: "Attempted to partially apply a non-function", position: node.position,
                token: Self.name(of: name))
        }
        return .function(JSONataFunction(partial: procedure, arguments))
    }

    /// `~>`: the left side becomes the first argument of the right one, or two functions become one.
    func apply(_ node: Node, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        guard let left = node.left, let right = node.right else { return .undefined }
        let value = try evaluate(left, input, frame)
        if right.kind == .function {
            var result = try call(right, input, frame, applied: value)
            for predicate in right.predicates { result = try filter(predicate, result, frame) }
            if let group = right.group { result = try self.group(group, result, frame) }
            return result
        }
        let function = try evaluate(right, input, frame)
        guard function.isFunction else {
            throw JSONataError(
                code: "T2006", message: "The right side of the function application operator ~> must be a function",
                position: node.position, value: function.shownJSON)
        }
        if value.isFunction { return .function(JSONataFunction(composed: value, function)) }
        return try apply(function, [value], .undefined)
    }

    // MARK: - Regular expressions as functions

    /// `{match, start, end, groups, next}` of the first match, or undefined.
    private func match(_ regex: JSONataRegex, _ value: Value) throws(JSONataError) -> Value {
        guard let text = value.text else { return .undefined }
        return try match(regex, Array(text.utf8), from: 0)
    }

    private func match(_ regex: JSONataRegex, _ text: [UInt8], from start: Int) throws(JSONataError) -> Value {
        try charge(bytes: text.count / 8, steps: text.count >> 6)
        guard start <= text.count, let match = try regex.firstMatch(in: text, from: start, for: self) else {
            return .undefined
        }
        if match.range.isEmpty {
            throw JSONataError(code: "D1004", message: "Regular expression matches zero length string")
        }
        func piece(_ range: Range<Int>) -> Value { .string(String(decoding: text[range], as: UTF8.self)) }
        func offset(_ byte: Int) -> Value { .int(Units.utf16Count(text[..<byte])) }
        let end = match.range.upperBound
        let next = JSONataFunction(arity: 0) { (evaluator, _, _) throws(JSONataError) in
            try evaluator.match(regex, text, from: end)
        }
        return .object(
            JSONataObject([
                ("match", piece(match.range)), ("start", offset(match.range.lowerBound)), ("end", offset(end)),
                ("groups", .array(match.groups.map { $0.map(piece) ?? .string("") })), ("next", .function(next)),
            ]))
    }
}

extension JSONataError {
    /// With a position, and the function's name, where it has none yet.
    func located(_ position: Int, _ token: String) -> JSONataError {
        var copy = self
        if copy.position == 0 { copy.position = position }
        if copy.token == nil, !token.isEmpty { copy.token = token }
        return copy
    }
}
