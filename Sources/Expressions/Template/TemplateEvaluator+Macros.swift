// Blocks that render later: `#define`, macros and `#evaluate`.

extension TemplateEvaluator {
    /// Velocity lets a block be inside itself twice; what is deeper prints as its name.
    private static let blockDepth = 2

    /// Renders a block where it is printed.
    mutating func render(_ block: TemplateBlock, echo: String) throws(TemplateFault) {
        guard block.depth < Self.blockDepth else { return try append(echo.utf8) }
        try nest(at: 0)
        block.depth += 1
        let saved = frame
        frame = block.frame
        defer {
            block.depth -= 1
            depth -= 1
            frame = saved
        }
        try render(block.body)
        if flow == .leaving { flow = .on }
    }

    mutating func render(_ call: TemplateMacroCall) throws(TemplateFault) {
        guard let macro = macros[call.name] else { return try append(call.literal) }
        try nest(at: call.at)
        var arguments: [Int: TemplateFrame.Argument] = [:]
        for (slot, argument) in zip(macro.parameters, call.arguments) { arguments[slot] = .expression(argument) }
        if let body = call.body, let slot = symbols.known("bodyContent") {
            arguments[slot] = .value(.block(TemplateBlock(name: "bodyContent", body: body, frame: frame)))
        }
        let saved = frame
        frame = TemplateFrame(arguments: arguments, caller: frame)
        defer {
            depth -= 1
            frame = saved
        }
        try render(macro.body)
        if flow == .leaving { flow = .on }
    }

    /// `#evaluate`: parses a text and renders it here.
    mutating func renderSource(_ expression: TemplateExpression, at place: Int) throws(TemplateFault) {
        let value = try evaluate(expression)
        if value.isNull { return }
        try nest(at: place)
        defer { depth -= 1 }
        let source = Array(try text(of: value).utf8)
        try charge(source.count, at: place)
        var parser = TemplateParser(source, dialect: dialect, limits: limits)
        parser.symbols = symbols
        parser.macros = macros
        parser.depth = depth
        let nodes: [TemplateNode]
        do throws(TemplateFault) {
            nodes = try parser.template()
        } catch {
            throw TemplateFault(code: error.code, message: error.message, at: place)
        }
        symbols = parser.symbols
        macros = parser.macros
        while variables.count < symbols.names.count { variables.append(initialValue(symbols.names[variables.count])) }
        try render(nodes)
        if flow == .leaving { flow = .on }
    }

    /// A variable's value: an argument of the macro that runs, or the template's own.
    mutating func variable(_ slot: Int) throws(TemplateFault) -> TemplateValue {
        guard let current = frame, let argument = current.arguments[slot] else { return variables[slot] }
        switch argument {
        case .value(let value): return value
        case .expression(let expression):
            try nest(at: 0)
            frame = current.caller
            defer {
                frame = current
                depth -= 1
            }
            return try evaluate(expression)
        }
    }

    mutating func assign(_ value: TemplateValue, slot: Int) {
        if let frame, frame.arguments[slot] != nil {
            frame.arguments[slot] = .value(value)
        } else {
            variables[slot] = value
        }
    }

    /// What a reference that does not resolve prints: its own text, or the text of the argument that it names.
    func echo(_ reference: TemplateReference) -> String {
        if reference.steps.isEmpty, let frame,
            case .expression(.reference(let argument)) = frame.arguments[reference.slot]
        {
            return argument.literal
        }
        return reference.literal
    }
}
