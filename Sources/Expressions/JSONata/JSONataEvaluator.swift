// One evaluation: the tree walked over the input, within its budget.

import Core
import JSON

final class JSONataEvaluator {
    typealias Node = JSONataNode
    typealias Value = JSONataValue
    private typealias Bounds = Limits.Evaluation.JSONata

    let expression: JSONataCompiledTree
    let dialect: JSONata.Dialect
    let time: Int64
    @exclusivity(unchecked) var chance: Chance
    @exclusivity(unchecked) private(set) var stepsLeft: Int
    /// Bytes as AWS counts them.
    @exclusivity(unchecked) private var memoryLeft: Int
    /// Bytes that are really allocated, at most.
    @exclusivity(unchecked) private(set) var bytesLeft: Int
    private let maximumDepth: Int
    @exclusivity(unchecked) private var depth = 0
    @exclusivity(unchecked) private var root = Value.undefined
    private let bindings: VariableTable
    private let states: JSONValue?
    private let top = Frame(nil)
    /// Frames in which a function has been bound: it may hold the frame, as the frame holds it.
    @exclusivity(unchecked) private var held: [Frame] = []
    /// Where the stack stood at the beginning.
    private var stackBase: UInt = 0

    /// How much of the thread's stack the evaluation may use, in bytes.
    private let stackBytes: UInt
    /// What a function takes with the frame that it may hold, about.
    static let functionBytes = 192
    /// What a frame takes that stays to the end of the evaluation, about.
    private static let heldFrameBytes = 512

    /// Variables of a block, a lambda's call or a tuple.
    final class Frame {
        let parent: Frame?
        @exclusivity(unchecked) private var variables: [(symbol: Int, value: Value)]
        /// The most levels of a value that was there before the frame: of these the frames that functions hold can form
        /// a chain. What is bound later is bounded where it is bound, and the frame held where it is a function.
        let levels: Int

        init(_ parent: Frame?) {
            self.parent = parent
            levels = parent?.levels ?? 0
            variables = []
        }

        /// The frame of a tuple, whose bindings are all of different symbols.
        init(_ parent: Frame, _ bindings: [(symbol: Int, value: Value)]) {
            self.parent = parent
            levels = bindings.reduce(parent.levels) { max($0, $1.value.shape.levels) }
            variables = bindings
        }

        /// The frame of a call; parameters without an argument are undefined.
        init(_ parent: Frame, _ parameters: [Int], _ arguments: [Value]) {
            self.parent = parent
            levels = arguments.reduce(parent.levels) { max($0, $1.shape.levels) }
            variables = []
            variables.reserveCapacity(parameters.count)
            for place in parameters.indices {
                variables.append((parameters[place], place < arguments.count ? arguments[place] : .undefined))
            }
        }

        func clear() { variables = [] }

        func bind(_ symbol: Int, _ value: Value) {
            if let place = place(of: symbol) {
                variables[place].value = value
            } else {
                variables.append((symbol, value))
            }
        }

        /// The last of two parameters of one name counts.
        private func place(of symbol: Int) -> Int? { variables.lastIndex { $0.symbol == symbol } }

        func lookup(_ symbol: Int) -> Value? {
            if let place = place(of: symbol) { return variables[place].value }
            var frame = parent
            while let current = frame {
                if let place = current.place(of: symbol) { return current.variables[place].value }
                frame = current.parent
            }
            return nil
        }
    }

    init(
        _ expression: JSONataCompiledTree, _ dialect: JSONata.Dialect, _ bindings: VariableTable,
        _ states: JSONValue?,
        _ environment: JSONataEnvironment
    ) {
        self.expression = expression
        self.bindings = bindings
        self.states = states
        self.dialect = dialect
        time = environment.time
        chance = environment.chance
        stepsLeft = environment.budget.steps
        let isAWS = dialect == .stepFunctions
        stackBytes = isAWS ? Bounds.maximumStackBytes : Bounds.maximumReferenceStackBytes
        bytesLeft = environment.budget.bytes
        maximumDepth =
            environment.limits.depth ?? (isAWS ? Bounds.maximumCallDepth : Bounds.maximumReferenceCallDepth)
        memoryLeft =
            environment.limits.memoryBytes
            ?? (isAWS ? Bounds.maximumMemoryBytes : Bounds.maximumReferenceMemoryBytes)
    }

    func whole(_ input: JSONValue?) throws(JSONataError) -> Value {
        var marker: UInt8 = 0
        stackBase = withUnsafePointer(to: &marker) { UInt(bitPattern: $0) }
        root = input.map { Value($0) } ?? .undefined
        if root.isArray {
            // An array as the whole input is one item, not as many as it has elements.
            let wrapper = JSONataArray([root], isSequence: true)
            wrapper.isOuterWrapper = true
            root = .array(wrapper)
        }
        let value = try evaluate(expression.root, root, top)
        try checkLevels(of: value)
        return value
    }

    /// Another expression within this evaluation's budget; it sees the given variables, not those of this one.
    func evaluate(_ other: JSONata, over context: Value) throws(JSONataError) -> Value {
        try nested()
        defer { unnested() }
        let tree = try other.compiled.tree()
        var environment = JSONataEnvironment(chance: chance, time: time)
        environment.budget = EvaluationBudget(steps: stepsLeft, bytes: bytesLeft)
        environment.limits.depth = maximumDepth - depth
        environment.limits.memoryBytes = memoryLeft
        let evaluator = JSONataEvaluator(tree, other.dialect, bindings, states, environment)
        evaluator.stackBase = stackBase
        defer {
            chance = evaluator.chance
            stepsLeft = evaluator.stepsLeft
            memoryLeft = evaluator.memoryLeft
            bytesLeft = evaluator.bytesLeft
            held += evaluator.held
        }
        evaluator.root = context
        return try evaluator.evaluate(tree.root, context, evaluator.top)
    }

    /// Binds a variable of the block that a frame stands for.
    private func bind(_ symbol: Int, _ value: Value, in frame: Frame) throws(JSONataError) {
        try checkLevels(of: value)
        frame.bind(symbol, value)
        if value.shape.hasFunctions, held.last !== frame {
            try charge(Self.heldFrameBytes)
            held.append(frame)
        }
    }

    /// To be called when the result has been taken: lets go of what functions and frames hold of each other.
    func release() {
        for frame in held { frame.clear() }
        held = []
    }

    // MARK: - The budget

    private func enter() throws(JSONataError) {
        depth += 1
        stepsLeft -= 1
        var marker: UInt8 = 0
        let here = withUnsafePointer(to: &marker) { UInt(bitPattern: $0) }
        let used = here < stackBase ? stackBase - here : here - stackBase
        if depth > maximumDepth || used > stackBytes { throw tooDeep }
        if stepsLeft < 0 { throw Self.outOfSteps }
    }

    private var tooDeep: JSONataError {
        var message =
            "Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive."
        if dialect == .stepFunctions { message += " Depth=\(depth) max=\(maximumDepth)" }
        return JSONataError(code: "U1001", message: message)
    }

    /// Bytes allocated for one byte that AWS counts, at most: it counts 8 for an element of an array.
    private static let bytesPerCounted = 6

    private static let outOfSteps = JSONataError(
        code: "U1001", message: "Expression evaluation timeout: Check for infinite loop", exceeded: .steps)
    private static let outOfMemory =
        "Expression evaluation memory limit exceeded: Check for excessive memory usage"

    /// Counts what is about to be made: `bytes` of memory as AWS counts it, and a step for each element.
    func charge(_ bytes: Int, steps: Int = 0) throws(JSONataError) {
        memoryLeft -= bytes
        bytesLeft -= Self.bytesPerCounted * bytes
        stepsLeft -= steps
        if memoryLeft < 0 { throw JSONataError(code: "U1004", message: Self.outOfMemory) }
        if bytesLeft < 0 { throw JSONataError(code: "U1004", message: Self.outOfMemory, exceeded: .bytes) }
        if stepsLeft < 0 { throw Self.outOfSteps }
    }

    /// Counts what is about to be made and AWS counts otherwise or not at all.
    func charge(memory: Int = 0, bytes: Int, steps: Int = 0) throws(JSONataError) {
        memoryLeft -= memory
        bytesLeft -= bytes
        stepsLeft -= steps
        if memoryLeft < 0 { throw JSONataError(code: "U1004", message: Self.outOfMemory) }
        if bytesLeft < 0 { throw JSONataError(code: "U1004", message: Self.outOfMemory, exceeded: .bytes) }
        if stepsLeft < 0 { throw Self.outOfSteps }
    }

    var memoryExceeded: JSONataError { JSONataError(code: "U1004", message: Self.outOfMemory) }

    /// A level of recursion outside the tree.
    func nested() throws(JSONataError) { try enter() }

    func unnested() { depth -= 1 }

    // MARK: - Nodes

    func evaluate(_ node: Node, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        // Most nodes are leaves: they need no more of the stack.
        if node.isLeaf, depth < maximumDepth {
            return node.kind == .variable ? variable(node, input, frame) : node.literal
        }
        try enter()
        defer { depth -= 1 }
        var result = try plain(node, input, frame)
        for filter in node.predicates { result = try self.filter(filter, result, frame) }
        if node.kind != .path, let group = node.group { result = try self.group(group, result, frame) }
        return collapsed(result, keepsArray: node.keepsArray)
    }

    /// A sequence of one is its element, one of none is undefined.
    private func collapsed(_ value: Value, keepsArray: Bool) -> Value {
        guard case .array(let array) = value, array.isSequence else { return value }
        if keepsArray { array.keepsSingleton = true }
        if array.items.isEmpty { return .undefined }
        if array.items.count == 1 { return array.keepsSingleton ? value : array.items[0] }
        return value
    }

    private func plain(_ node: Node, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        switch node.kind {
        case .path: return try path(node, input, frame)
        case .name: return try name(node.text, of: input)
        case .string, .number, .value: return node.literal
        case .variable: return variable(node, input, frame)
        case .binary: return try binary(node, input, frame)
        case .function: return try call(node, input, frame, applied: nil)
        case .condition, .coalesce: return try condition(node, input, frame)
        case .block:
            let inner = Frame(frame)
            var result = Value.undefined
            for child in node.nodes { result = try evaluate(child, input, inner) }
            return result
        case .bind:
            guard let right = node.right else { return .undefined }
            let value = try evaluate(right, input, frame)
            try bind(node.symbol, value, in: frame)
            return value
        case .array: return try array(node, input, frame)
        case .object: return try group(node, input, frame)
        case .negate: return try negate(node, input, frame)
        case .lambda:
            // A call in tail position is made at once, and its function gone.
            if !node.isThunk { try charge(bytes: Self.functionBytes) }
            return .function(JSONataFunction(lambda: node, input: input, frame: frame))
        case .partial: return try partial(node, input, frame)
        case .apply: return try apply(node, input, frame)
        case .wildcard: return try wildcard(input)
        case .descendant: return try descendants(input)
        case .parent: return node.slot.flatMap { frame.lookup($0) } ?? .undefined
        case .regex: return node.regex.map { .regex($0) } ?? .undefined
        case .transform:
            try charge(bytes: Self.functionBytes)
            return .function(JSONataFunction(transform: node, frame: frame))
        case .sort: return try sort(node, input, frame)
        case .placeholder, .word: return .undefined
        }
    }

    func variable(_ node: Node, _ input: Value, _ frame: Frame) -> Value {
        switch node.scope {
        case .context:
            if case .array(let array) = input, array.isOuterWrapper { return array.items.first ?? .undefined }
            return input
        case .root:
            if case .array(let array) = root, array.isOuterWrapper { return array.items.first ?? .undefined }
            return root
        case .bound: if let value = frame.lookup(node.symbol) { return value }
        case .outer: break
        }
        if let states, node.text == "states" { return Value(states) }
        if !bindings.isEmpty, let value = bindings[node.text] { return Value(value) }
        return node.library.map { .function($0) } ?? .undefined
    }

    private func condition(_ node: Node, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        let first = try evaluate(node.nodes[0], input, frame)
        if node.kind == .coalesce {
            return first.isUndefined ? try evaluate(node.nodes[1], input, frame) : first
        }
        let isTrue = try isTrue(first)
        if isTrue, node.nodes[0] === node.nodes[1] { return first }
        if isTrue { return try evaluate(node.nodes[1], input, frame) }
        return node.nodes.count > 2 ? try evaluate(node.nodes[2], input, frame) : .undefined
    }

    private func negate(_ node: Node, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        guard let operand = node.left else { return .undefined }
        let value = try evaluate(operand, input, frame)
        if value.isUndefined { return value }
        try charge(digitsOf: value)
        if let int = value.int, int != .min, int != 0 { return .int(-int) }
        guard let number = value.double else {
            throw JSONataError(
                code: "D1002", message: "Cannot negate a non-numeric value: \(value.brief)", position: node.position,
                value: value.shownJSON)
        }
        return .number(-number)
    }

    private func array(_ node: Node, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        var items: [Value] = []
        items.reserveCapacity(node.nodes.count)
        for child in node.nodes {
            let value = try evaluate(child, input, frame)
            if value.isUndefined { continue }
            if node.nodes.count == 1, child.kind != .array, case .array(let list) = value {
                // The only list is shared with the array, not copied.
                items = list.items
            } else if child.kind != .array, let count = value.count {
                try charge(elements: 2 * count)
                items += value.elements ?? []
            } else {
                items.append(value)
            }
        }
        let isCounted = node.nodes.count != 1 || node.nodes[0].text != ".."
        try charge(
            memory: isCounted ? 8 * items.count : 0, bytes: 96 + EvaluationBudget.elementBytes * node.nodes.count)
        let array = JSONataArray(items)
        array.isConstructed = node.isArrayConstructor
        return .array(array)
    }

    // MARK: - Names

    func name(_ name: String, of input: Value) throws(JSONataError) -> Value {
        switch input {
        case .documentObject, .object: return input.member(name)
        case .array, .documentArray, .tuples:
            let sequence = Value.sequence()
            try collect(name, input, into: sequence)
            return .array(sequence)
        default: return .undefined
        }
    }

    private func collect(_ name: String, _ input: Value, into sequence: JSONataArray) throws(JSONataError) {
        let count = input.count ?? 0
        // As long as the name is, each look at a member takes.
        try charge(
            bytes: EvaluationBudget.elementBytes * count, steps: count + count * (name.utf8.count >> 8))
        for place in 0..<count {
            let element = input.element(place)
            if element.isArray {
                try collect(name, element, into: sequence)
                continue
            }
            let value = element.member(name)
            if value.isUndefined { continue }
            if let inner = try elements(of: value) {
                try charge(elements: inner.count)
                sequence.push(inner)
            } else {
                sequence.push(value)
            }
        }
    }

    private func wildcard(_ input: Value) throws(JSONataError) -> Value {
        var input = input
        if case .array(let array) = input, array.isOuterWrapper, let first = array.items.first { input = first }
        let result = Value.sequence()
        let values = try input.isObject ? members(of: input)?.map(\.value) ?? [] : elements(of: input) ?? []
        try charge(bytes: 2 * EvaluationBudget.elementBytes * values.count, steps: values.count)
        for value in values {
            if value.isArray { try flatten(value, into: result) } else if !value.isUndefined { result.push(value) }
        }
        return .array(result)
    }

    private func flatten(_ value: Value, into result: JSONataArray) throws(JSONataError) {
        let count = value.count ?? 0
        try charge(bytes: EvaluationBudget.elementBytes * count, steps: 1 + count >> 2)
        for place in 0..<count {
            let element = value.element(place)
            if element.isArray { try flatten(element, into: result) } else { result.push(element) }
        }
    }

    private func descendants(_ input: Value) throws(JSONataError) -> Value {
        if input.isUndefined { return input }
        let result = Value.sequence()
        var waiting = [input]
        while let value = waiting.popLast() {
            try charge(8, steps: 1)
            if !value.isArray { result.push(value) }
            if let elements = try elements(of: value) {
                waiting += elements.reversed()
            } else if let members = try members(of: value) {
                waiting += members.map(\.value).reversed()
            }
        }
        return result.items.count == 1 ? result.items[0] : .array(result)
    }
}
