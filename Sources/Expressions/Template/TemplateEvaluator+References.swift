// References: from a name down to a value, and assignment the other way.

import Core

extension TemplateEvaluator {
    mutating func render(_ reference: TemplateReference) throws(TemplateFault) {
        let value = try evaluate(reference)
        let slashes = reference.escapes
        if slashes % 2 == 1 {
            // `\$x` prints `$x` where there is an x, and stays as it is where there is none.
            try append(TemplateParser.slashes(slashes / 2 + (value.isNull ? 1 : 0)))
            return try append(reference.literal.utf8)
        }
        guard !value.isNull else {
            try append(TemplateParser.slashes(slashes))
            return try append(reference.quiet ? [] : Array(echo(reference).utf8))
        }
        if slashes > 0 { try append(TemplateParser.slashes(slashes / 2)) }
        try print(value, echo: reference.quiet ? "" : echo(reference))
    }

    /// Appends the value's text to the output.
    private mutating func print(_ value: TemplateValue, echo: String) throws(TemplateFault) {
        switch value {
        case .string(let text): try append(text.utf8)
        case .block(let block): try render(block, echo: echo)
        default: try append(try text(of: value).utf8)
        }
    }

    /// The value's text, as Java's `toString` has it.
    mutating func text(of value: TemplateValue) throws(TemplateFault) -> String {
        switch value {
        case .string(let text): return text
        case .integer(let number): return String(number)
        case .bool(let flag): return flag ? "true" : "false"
        case .block(let block):
            return try collect { evaluator throws(TemplateFault) in
                try evaluator.render(block, echo: "$" + block.name)
            }
        default:
            var text = TemplateText(depth: limits.depth, limit: limits.outputBytes)
            text.append(value)
            guard !text.isFull else { throw tooLarge() }
            try charge(textBytes: text.bytes.count)
            return text.text
        }
    }

    /// What the body would have printed.
    mutating func collect(
        _ body: (inout TemplateEvaluator) throws(TemplateFault) -> Void
    ) throws(TemplateFault) -> String {
        var saved: [UInt8] = []
        swap(&saved, &output)
        defer { swap(&saved, &output) }
        try body(&self)
        let text = String(decoding: output, as: UTF8.self)
        try charge(text: text)
        return text
    }

    /// Follows a reference. The first step that gives nothing ends it.
    mutating func evaluate(_ reference: TemplateReference) throws(TemplateFault) -> TemplateValue {
        try charge(at: reference.at)
        var value = try variable(reference.slot)
        for step in reference.steps {
            if value.isNull { break }
            value = try follow(step, from: value, at: reference.at)
        }
        return value.isNull && dialect.nullIsEmpty ? .empty : value
    }

    private mutating func follow(
        _ step: TemplateReference.Step, from value: TemplateValue, at place: Int
    ) throws(TemplateFault) -> TemplateValue {
        switch step {
        case .property(let name, let getter): return try property(name, getter, of: value, at: place)
        case .index(let expression): return try element(try evaluate(expression), of: value, at: place)
        case .method(let method, _, let arguments):
            var values: [TemplateValue] = []
            for argument in arguments { values.append(try evaluate(argument)) }
            // What is not in the tables does not exist: no reflection.
            guard let method else { return .null }
            return try call(method, on: value, values, at: place)
        }
    }

    private mutating func property(
        _ name: String, _ getter: TemplateMethod?, of value: TemplateValue, at place: Int
    ) throws(TemplateFault) -> TemplateValue {
        switch value {
        case .map(let map): return map[name] ?? .null
        case .loop(let state): return loopProperty(name, of: state)
        case .input: return name == "body" ? .string(input.body) : .null
        default:
            return try getter.map { getter throws(TemplateFault) in
                try call(getter, on: value, [], at: place)
            } ?? .null
        }
    }

    private func loopProperty(_ name: String, of state: TemplateLoopState) -> TemplateValue {
        switch name {
        case "index": return .integer(state.index)
        case "count": return .integer(state.index + 1)
        case "hasNext": return .bool(state.index + 1 < state.count)
        case "first": return .bool(state.index == 0)
        case "last": return .bool(state.index + 1 == state.count)
        case "parent": return state.parent.map(TemplateValue.loop) ?? .null
        case "topmost":
            var top = state
            while let parent = top.parent { top = parent }
            return .loop(top)
        default: return state.notes[name] ?? .null
        }
    }

    /// `x[index]`: Velocity calls `get`, after counting a negative index from the end.
    private mutating func element(
        _ index: TemplateValue, of value: TemplateValue, at place: Int
    ) throws(TemplateFault) -> TemplateValue {
        if case .list(let list) = value, case .integer(let number) = index, number < 0 {
            return try call(.get, on: value, [.integer(list.elements.count + number)], at: place)
        }
        return try call(.get, on: value, [index], at: place)
    }

    // MARK: - Assignment

    /// Puts a value where the reference points; nowhere, when what leads there does not exist.
    mutating func assign(_ value: TemplateValue, to reference: TemplateReference) throws(TemplateFault) {
        guard let last = reference.steps.last else { return assign(value, slot: reference.slot) }
        var owner = try variable(reference.slot)
        for step in reference.steps.dropLast() {
            if owner.isNull { return }
            owner = try follow(step, from: owner, at: reference.at)
        }
        switch (last, owner) {
        case (.property(let name, _), .map(let map)), (.method(_, let name, _), .map(let map)): map[name] = value
        case (.property(let name, _), .loop(let state)): state.notes[name] = value
        case (.index(let expression), .map(let map)): map[try evaluate(expression)] = value
        case (.index(let expression), .list(let list)):
            guard case .integer(let number) = try evaluate(expression) else { return }
            let index = number < 0 ? list.elements.count + number : number
            _ = try call(.set, on: owner, [.integer(index), value], at: reference.at)
        default: break
        }
    }
}
