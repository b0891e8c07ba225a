// The compiled tree of an expression.

import JSON

/// One node. Made and changed by the parser alone; afterwards it is only read, from any thread.
final class JSONataNode {
    enum Kind {
        case name, string, number, value, variable, wildcard, descendant, parent, regex
        case path, binary, negate, array, object, condition, coalesce, block, bind
        case function, partial, placeholder, lambda, transform, apply, sort
        /// `and`, `or`, `in` and other operators where an operand may stand.
        case word
    }

    enum Operator {
        case add, subtract, multiply, divide, modulo, concatenate, range
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
        case and, or, isIn
    }

    /// Where the value of a variable comes from.
    enum Scope {
        /// `$`, `$$`.
        case context, root
        /// A name that the expression binds somewhere.
        case bound
        /// Any other name: a binding of the evaluation, or a function of the library.
        case outer
    }

    /// A filter or a position binding on a step.
    enum Stage {
        case filter(JSONataNode)
        case index(Int)
    }

    /// Where `%` finds its parent: a variable that the step before it binds.
    final class Slot {
        var label: Int
        var level = 1

        init(label: Int) { self.label = label }
    }

    // Only read once the parser is done, so that no access can overlap with a change.
    @exclusivity(unchecked) var kind: Kind
    let position: Int
    /// How many levels of nodes there are, this one included.
    @exclusivity(unchecked) private(set) var height = 1
    /// A name, a literal text, an operator as written, a variable's name.
    @exclusivity(unchecked) var text = ""
    /// A variable's symbol.
    @exclusivity(unchecked) var symbol = 0
    @exclusivity(unchecked) var scope = Scope.bound
    /// The library's function of a variable's name.
    @exclusivity(unchecked) var library: JSONataFunction?
    @exclusivity(unchecked) var literal = JSONataValue.undefined
    @exclusivity(unchecked) var operation = Operator.add
    @exclusivity(unchecked) var left: JSONataNode?
    @exclusivity(unchecked) var right: JSONataNode?
    /// Steps of a path, elements of an array, expressions of a block, arguments of a call, parameters of a lambda.
    @exclusivity(unchecked) var nodes: [JSONataNode] = []
    @exclusivity(unchecked) var pairs: [(key: JSONataNode, value: JSONataNode)] = []
    @exclusivity(unchecked) var terms: [(isDescending: Bool, expression: JSONataNode)] = []
    /// Filters of a node that is no step.
    @exclusivity(unchecked) var predicates: [JSONataNode] = []
    @exclusivity(unchecked) var stages: [Stage] = []
    @exclusivity(unchecked) var group: JSONataNode?
    @exclusivity(unchecked) var keepsArray = false
    @exclusivity(unchecked) var keepsSingleton = false
    @exclusivity(unchecked) var isArrayConstructor = false
    @exclusivity(unchecked) var focus: Int?
    @exclusivity(unchecked) var index: Int?
    @exclusivity(unchecked) var isTuple = false
    @exclusivity(unchecked) var ancestor: Slot?
    @exclusivity(unchecked) var slot: Slot?
    @exclusivity(unchecked) var seekingParent: [Slot] = []
    @exclusivity(unchecked) var parameters: [Int] = []
    @exclusivity(unchecked) var signature: JSONataSignature?
    /// The body of a lambda that is a call in tail position: evaluated by the caller's loop.
    @exclusivity(unchecked) var isThunk = false
    @exclusivity(unchecked) var regex: JSONataRegex?
    /// The name behind a call in a path, for the hint of T1005.
    @exclusivity(unchecked) var nextFunction: String?

    init(_ kind: Kind, at position: Int) {
        self.kind = kind
        self.position = position
    }

    // What the evaluator asks at each visit, known once the tree is complete.

    /// A variable with nothing behind it.
    @exclusivity(unchecked) private(set) var isPlain = false
    /// A step that is a name with nothing behind it.
    @exclusivity(unchecked) private(set) var isPlainName = false
    /// A plain variable or a literal: its value is there without any evaluation.
    @exclusivity(unchecked) private(set) var isLeaf = false
    private var isSettled = false

    /// To be called when the tree is complete.
    func settle() {
        // Some nodes stand at two places.
        if isSettled { return }
        isSettled = true
        let isBare = predicates.isEmpty && group == nil
        switch kind {
        case .variable:
            isPlain = isBare && !keepsArray
            isLeaf = isPlain
        case .name: isPlainName = isBare && !keepsArray && stages.isEmpty && !isTuple
        case .string, .number, .value: isLeaf = isBare
        default: break
        }
        left?.settle()
        right?.settle()
        group?.settle()
        for node in nodes { node.settle() }
        for node in predicates { node.settle() }
        for case .filter(let node) in stages { node.settle() }
        for term in terms { term.expression.settle() }
        for pair in pairs {
            pair.key.settle()
            pair.value.settle()
        }
    }

    /// Counts the levels anew, from what the children know of theirs.
    func measure() {
        var highest = max(left?.height ?? 0, right?.height ?? 0)
        for node in nodes { highest = max(highest, node.height) }
        for pair in pairs { highest = max(highest, pair.key.height, pair.value.height) }
        for term in terms { highest = max(highest, term.expression.height) }
        height = highest + 1
    }
}

/// Names of variables as small numbers.
struct JSONataSymbols {
    private(set) var names: [String] = []
    private var numbers: [String: Int] = [:]

    mutating func symbol(_ name: String) -> Int {
        if let number = numbers[name] { return number }
        names.append(name)
        numbers[name] = names.count - 1
        return names.count - 1
    }

    func existing(_ name: String) -> Int? { numbers[name] }
}
