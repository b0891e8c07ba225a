// The tree of an expression while the parser is at work on it.

import Core

/// One node of a tree that is still changing.
final class JSONataDraft {
    /// A filter or a position binding on a step.
    enum Stage {
        case filter(JSONataDraft)
        case index(Int)
    }

    /// Where `%` finds its parent: a variable that the step before it binds.
    final class Slot {
        var label: Int
        var level = 1

        init(label: Int) { self.label = label }
    }

    var kind: JSONataNode.Kind
    let position: Int
    /// How many levels of nodes there are, this one included.
    private(set) var height = 1
    /// A name, a literal text, an operator as written, a variable's name.
    var text = ""
    /// A variable's symbol.
    var symbol = 0
    var scope = JSONataNode.Scope.bound
    /// The library's function of a variable's name.
    var library: JSONataFunction?
    var literal = JSONataValue.undefined
    var operation = JSONataNode.Operator.add
    var left: JSONataDraft?
    var right: JSONataDraft?
    /// Steps of a path, elements of an array, expressions of a block, arguments of a call, parameters of a lambda.
    var nodes: [JSONataDraft] = []
    var pairs: [(key: JSONataDraft, value: JSONataDraft)] = []
    var terms: [(isDescending: Bool, expression: JSONataDraft)] = []
    /// Filters of a node that is no step.
    var predicates: [JSONataDraft] = []
    var stages: [Stage] = []
    var group: JSONataDraft?
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

    private var completed: JSONataNode?

    init(_ kind: JSONataNode.Kind, at position: Int) {
        self.kind = kind
        self.position = position
    }

    /// Counts the levels anew, from what the children know of theirs.
    func measure() {
        var highest = max(left?.height ?? 0, right?.height ?? 0)
        for node in nodes { highest = max(highest, node.height) }
        for pair in pairs { highest = max(highest, pair.key.height, pair.value.height) }
        for term in terms { highest = max(highest, term.expression.height) }
        height = highest + 1
    }

    /// The node that it has become, to be asked for when the whole tree is complete. One that stands at two places
    /// becomes one node.
    var node: JSONataNode {
        if let completed { return completed }
        let node = JSONataNode(self)
        completed = node
        return node
    }
}
