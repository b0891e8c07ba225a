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

    var kind: Kind
    let position: Int
    /// How many levels of nodes there are, this one included.
    private(set) var height = 1
    /// A name, a literal text, an operator as written, a variable's name.
    var text = ""
    /// A variable's symbol.
    var symbol = 0
    /// The library's function of a variable's name.
    var library: JSONataFunction?
    var literal = JSONataValue.undefined
    var operation = Operator.add
    var left: JSONataNode?
    var right: JSONataNode?
    /// Steps of a path, elements of an array, expressions of a block, arguments of a call, parameters of a lambda.
    var nodes: [JSONataNode] = []
    var pairs: [(key: JSONataNode, value: JSONataNode)] = []
    var terms: [(isDescending: Bool, expression: JSONataNode)] = []
    /// Filters of a node that is no step.
    var predicates: [JSONataNode] = []
    var stages: [Stage] = []
    var group: JSONataNode?
    var keepsArray = false
    var keepsSingleton = false
    var isArrayConstructor = false
    var focus: Int?
    var index: Int?
    var isTuple = false
    var ancestor: Slot?
    var slot: Slot?
    var seekingParent: [Slot] = []
    var parameters: [Int] = []
    var signature: JSONataSignature?
    /// The body of a lambda that is a call in tail position: evaluated by the caller's loop.
    var isThunk = false
    var regex: JSONataRegex?
    /// The name behind a call in a path, for the hint of T1005.
    var nextFunction: String?

    init(_ kind: Kind, at position: Int) {
        self.kind = kind
        self.position = position
    }

    /// A variable with nothing behind it.
    var isPlain: Bool { kind == .variable && predicates.isEmpty && group == nil && !keepsArray }

    /// A step that is a name with nothing behind it.
    var isPlainName: Bool {
        kind == .name && predicates.isEmpty && group == nil && !keepsArray && stages.isEmpty && !isTuple
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
