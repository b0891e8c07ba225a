// From the raw tree to the one that is evaluated: paths with steps, predicates as stages, ancestors resolved.

/// The second pass of the parser.
struct JSONataTree {
    var symbols: JSONataSymbols
    private var ancestors: [JSONataDraft] = []
    private var slots: [ObjectIdentifier: JSONataDraft] = [:]
    private var labels = 0

    init(symbols: JSONataSymbols) { self.symbols = symbols }

    mutating func whole(_ raw: JSONataDraft) throws(JSONataError) -> JSONataDraft {
        let node = try process(raw)
        if node.kind == .parent || !node.seekingParent.isEmpty { throw Self.noParent(node) }
        return node
    }

    private static func noParent(_ node: JSONataDraft) -> JSONataError {
        JSONataError(
            code: "S0217", message: "The object representing the 'parent' cannot be derived from this expression",
            position: node.position, token: node.text)
    }

    private mutating func process(_ raw: JSONataDraft) throws(JSONataError) -> JSONataDraft {
        let node = try processed(raw)
        if raw.keepsArray { node.keepsArray = true }
        return node
    }

    private mutating func processed(_ raw: JSONataDraft) throws(JSONataError) -> JSONataDraft {
        switch raw.kind {
        case .name:
            let path = JSONataDraft(.path, at: raw.position)
            path.nodes = [raw]
            if raw.keepsArray { path.keepsSingleton = true }
            return path
        case .string, .number, .value, .variable, .wildcard, .descendant, .regex, .placeholder, .word: return raw
        case .parent:
            labels += 1
            let slot = JSONataDraft.Slot(label: symbols.symbol("!\(labels)"))
            raw.slot = slot
            slots[ObjectIdentifier(slot)] = raw
            return raw
        case .binary: return try binary(raw)
        case .negate: return try negate(raw)
        case .array, .block, .condition, .coalesce, .transform: return try list(raw)
        case .object:
            try pairs(raw, owner: raw)
            return raw
        case .function, .partial:
            try children(raw)
            if let procedure = raw.left { raw.left = try process(procedure) }
            return raw
        case .lambda:
            if let body = raw.left { raw.left = tailCall(try process(body)) }
            return raw
        case .path, .bind, .apply, .sort: return raw
        }
    }

    private mutating func children(_ node: JSONataDraft) throws(JSONataError) {
        for index in node.nodes.indices {
            let child = try process(node.nodes[index])
            push(child, onto: node)
            node.nodes[index] = child
        }
    }

    private mutating func list(_ node: JSONataDraft) throws(JSONataError) -> JSONataDraft {
        if node.kind == .condition, node.nodes.count == 3, node.nodes[0] === node.nodes[1] {
            let first = try process(node.nodes[0])
            push(first, onto: node)
            let last = try process(node.nodes[2])
            push(last, onto: node)
            node.nodes = [first, first, last]
            return node
        }
        try children(node)
        if node.kind == .block {
            node.isArrayConstructor = node.nodes.contains {
                $0.isArrayConstructor || $0.kind == .path && $0.nodes.first?.isArrayConstructor == true
            }
        }
        return node
    }

    private mutating func pairs(_ node: JSONataDraft, owner: JSONataDraft) throws(JSONataError) {
        for index in node.pairs.indices {
            let key = try process(node.pairs[index].key)
            push(key, onto: owner)
            let value = try process(node.pairs[index].value)
            push(value, onto: owner)
            node.pairs[index] = (key, value)
        }
    }

    private mutating func negate(_ node: JSONataDraft) throws(JSONataError) -> JSONataDraft {
        guard let operand = node.left else { return node }
        let processed = try process(operand)
        if processed.kind == .number, let negated = processed.literal.negated {
            processed.literal = negated
            return processed
        }
        push(processed, onto: node)
        node.left = processed
        return node
    }

    // MARK: - Operators

    private mutating func binary(_ raw: JSONataDraft) throws(JSONataError) -> JSONataDraft {
        guard let left = raw.left, let right = raw.right else { return raw }
        switch raw.text {
        case ".": return try path(left, right, raw)
        case "[": return try predicate(left, right, raw)
        case "{": return try group(left, right, raw)
        case "^": return try sort(left, raw)
        case ":=":
            let node = JSONataDraft(.bind, at: raw.position)
            node.symbol = left.symbol
            node.text = left.text
            let value = try process(right)
            push(value, onto: node)
            node.right = value
            return node
        case "@": return try focus(left, right, raw)
        case "#": return try index(left, right)
        default:
            let node = JSONataDraft(raw.text == "~>" ? .apply : .binary, at: raw.position)
            node.keepsArray = raw.text == "~>" && (left.keepsArray || right.keepsArray)
            node.text = raw.text
            node.operation = Self.operations[raw.text] ?? .add
            let first = try process(left)
            push(first, onto: node)
            let second = try process(right)
            push(second, onto: node)
            node.left = first
            node.right = second
            return node
        }
    }

    private static let operations: [String: JSONataNode.Operator] = [
        "+": .add, "-": .subtract, "*": .multiply, "/": .divide, "%": .modulo, "&": .concatenate, "..": .range,
        "=": .equal, "!=": .notEqual, "<": .less, "<=": .lessOrEqual, ">": .greater, ">=": .greaterOrEqual,
        "and": .and, "or": .or, "in": .isIn,
    ]

    private mutating func path(
        _ left: JSONataDraft, _ right: JSONataDraft, _ raw: JSONataDraft
    ) throws(JSONataError) -> JSONataDraft {
        let first = try process(left)
        let path: JSONataDraft
        if first.kind == .path {
            path = first
        } else {
            path = JSONataDraft(.path, at: raw.position)
            path.nodes = [first]
        }
        if first.kind == .parent, let slot = first.slot { path.seekingParent = [slot] }
        let rest = try process(right)
        if rest.kind == .path {
            path.nodes += rest.nodes
        } else {
            rest.stages = rest.predicates.map { .filter($0) }
            rest.predicates = []
            path.nodes.append(rest)
        }
        for step in path.nodes {
            if step.kind == .number || step.kind == .value {
                throw JSONataError(
                    code: "S0213",
                    message:
                        "The literal value \(step.literal.brief) cannot be used as a step within a path expression",
                    position: step.position, value: step.literal.shownJSON)
            }
            if step.kind == .string { step.kind = .name }
        }
        if path.nodes.contains(where: \.keepsArray) { path.keepsSingleton = true }
        if path.nodes[0].kind == .array { path.nodes[0].isArrayConstructor = true }
        if let last = path.nodes.last, last.kind == .array { last.isArrayConstructor = true }
        try resolveAncestry(path)
        return path
    }

    private mutating func predicate(
        _ left: JSONataDraft, _ right: JSONataDraft, _ raw: JSONataDraft
    ) throws(JSONataError) -> JSONataDraft {
        let node = try process(left)
        let step = node.kind == .path ? node.nodes[node.nodes.count - 1] : node
        if step.group != nil {
            throw JSONataError(
                code: "S0209", message: "A predicate cannot follow a grouping expression in a step",
                position: raw.position)
        }
        let filter = try process(right)
        for slot in filter.seekingParent {
            if slot.level == 1 { _ = try seekParent(step, slot) } else { slot.level -= 1 }
        }
        push(filter, onto: step)
        if node.kind == .path { step.stages.append(.filter(filter)) } else { step.predicates.append(filter) }
        return node
    }

    private mutating func group(
        _ left: JSONataDraft, _ right: JSONataDraft, _ raw: JSONataDraft
    ) throws(JSONataError) -> JSONataDraft {
        let node = try process(left)
        if node.group != nil {
            throw JSONataError(
                code: "S0210", message: "Each step can only have one grouping expression", position: raw.position)
        }
        try pairs(right, owner: JSONataDraft(.object, at: right.position))
        node.group = right
        return node
    }

    /// A node as a path of one step, its predicates as the step's stages; a path stays what it is.
    private func asPath(_ node: JSONataDraft, at position: Int) -> JSONataDraft {
        if node.kind == .path { return node }
        let path = JSONataDraft(.path, at: position)
        path.nodes = [node]
        node.stages = node.predicates.map { .filter($0) }
        node.predicates = []
        return path
    }

    private mutating func sort(_ left: JSONataDraft, _ raw: JSONataDraft) throws(JSONataError) -> JSONataDraft {
        let first = try process(left)
        let path = asPath(first, at: raw.position)
        let step = JSONataDraft(.sort, at: raw.position)
        for term in raw.terms {
            let expression = try process(term.expression)
            push(expression, onto: step)
            step.terms.append((term.isDescending, expression))
        }
        path.nodes.append(step)
        try resolveAncestry(path)
        return path
    }

    private mutating func focus(
        _ left: JSONataDraft, _ right: JSONataDraft, _ raw: JSONataDraft
    ) throws(JSONataError) -> JSONataDraft {
        let node = try process(left)
        let step = node.kind == .path ? node.nodes[node.nodes.count - 1] : node
        if !step.stages.isEmpty || !step.predicates.isEmpty {
            throw JSONataError(
                code: "S0215", message: "A context variable binding must precede any predicates on a step",
                position: raw.position)
        }
        if step.kind == .sort {
            throw JSONataError(
                code: "S0216",
                message: "A context variable binding must precede the 'order-by' clause on a step",
                position: raw.position)
        }
        if raw.keepsArray { step.keepsArray = true }
        step.focus = right.symbol
        step.isTuple = true
        return node
    }

    private mutating func index(_ left: JSONataDraft, _ right: JSONataDraft) throws(JSONataError) -> JSONataDraft {
        let first = try process(left)
        let node = asPath(first, at: first.position)
        let step = node.nodes[node.nodes.count - 1]
        if step.stages.isEmpty { step.index = right.symbol } else { step.stages.append(.index(right.symbol)) }
        step.isTuple = true
        return node
    }

    // MARK: - Ancestors

    private func push(_ child: JSONataDraft, onto node: JSONataDraft) {
        node.seekingParent += child.seekingParent
        if child.kind == .parent, let slot = child.slot { node.seekingParent.append(slot) }
    }

    private mutating func seekParent(
        _ node: JSONataDraft, _ slot: JSONataDraft.Slot
    ) throws(JSONataError) -> JSONataDraft.Slot {
        switch node.kind {
        case .name, .wildcard:
            slot.level -= 1
            if slot.level == 0 {
                if let ancestor = node.ancestor { slot.label = ancestor.label } else { node.ancestor = slot }
                node.isTuple = true
            }
        case .parent: slot.level += 1
        case .block:
            guard let last = node.nodes.last else { return slot }
            node.isTuple = true
            return try seekParent(last, slot)
        case .path:
            node.isTuple = true
            var index = node.nodes.count - 1
            var slot = try seekParent(node.nodes[index], slot)
            index -= 1
            while slot.level > 0, index >= 0 {
                slot = try seekParent(node.nodes[index], slot)
                index -= 1
            }
            return slot
        default: throw Self.noParent(node)
        }
        return slot
    }

    private mutating func resolveAncestry(_ path: JSONataDraft) throws(JSONataError) {
        guard let last = path.nodes.last else { return }
        var slots = last.seekingParent
        if last.kind == .parent, let slot = last.slot { slots.append(slot) }
        for slot in slots {
            var slot = slot
            var index = path.nodes.count - 2
            while slot.level > 0 {
                guard index >= 0 else {
                    path.seekingParent.append(slot)
                    break
                }
                var step = path.nodes[index]
                index -= 1
                // Steps in a row that bind their focus stand on the same parent.
                while index >= 0, step.focus != nil, path.nodes[index].focus != nil {
                    step = path.nodes[index]
                    index -= 1
                }
                slot = try seekParent(step, slot)
            }
        }
    }

    // MARK: - Tail calls

    /// A call in tail position becomes a thunk: a lambda without parameters that the caller's loop evaluates.
    private func tailCall(_ node: JSONataDraft) -> JSONataDraft {
        if node.kind == .function, node.predicates.isEmpty {
            let thunk = JSONataDraft(.lambda, at: node.position)
            thunk.isThunk = true
            thunk.left = node
            return thunk
        }
        if node.kind == .condition, node.nodes.count > 1, node.nodes[0] !== node.nodes[1] {
            node.nodes[1] = tailCall(node.nodes[1])
            if node.nodes.count > 2 { node.nodes[2] = tailCall(node.nodes[2]) }
        } else if node.kind == .block, let last = node.nodes.last {
            node.nodes[node.nodes.count - 1] = tailCall(last)
        }
        return node
    }
}
