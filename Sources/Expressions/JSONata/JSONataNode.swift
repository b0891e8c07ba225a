// The compiled tree of an expression.

import Core
import JSON

/// One node. It never changes, so that all evaluations may read it at once, and its children without counting
/// references.
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

    let kind: Kind
    let position: Int
    /// A name, a literal text, an operator as written, a variable's name.
    let text: String
    /// A variable's symbol.
    let symbol: Int
    let scope: Scope
    /// The library's function of a variable's name.
    let library: JSONataFunction?
    let literal: JSONataValue
    let operation: Operator
    let left: JSONataNode?
    let right: JSONataNode?
    /// Steps of a path, elements of an array, expressions of a block, arguments of a call, parameters of a lambda.
    let nodes: [JSONataNode]
    let pairs: [(key: JSONataNode, value: JSONataNode)]
    let terms: [(isDescending: Bool, expression: JSONataNode)]
    /// Filters of a node that is no step.
    let predicates: [JSONataNode]
    let stages: [Stage]
    let group: JSONataNode?
    let keepsArray: Bool
    let keepsSingleton: Bool
    let isArrayConstructor: Bool
    let focus: Int?
    let index: Int?
    let isTuple: Bool
    /// The variable that a step binds to its parent, for a `%` behind it.
    let ancestor: Int?
    /// The variable that holds the value of a `%`.
    let slot: Int?
    let parameters: [Int]
    let signature: JSONataSignature?
    /// The body of a lambda that is a call in tail position: evaluated by the caller's loop.
    let isThunk: Bool
    let regex: JSONataRegex?

    // What the evaluator asks at each visit.

    /// A variable with nothing behind it.
    let isPlain: Bool
    /// A step that is a name with nothing behind it.
    let isPlainName: Bool
    /// Steps to look for a name of many letters, beside the one of each name.
    let nameSteps: Int
    /// A plain variable or a literal: its value is there without any evaluation.
    let isLeaf: Bool

    init(_ draft: JSONataDraft) {
        kind = draft.kind
        position = draft.position
        text = draft.text
        symbol = draft.symbol
        scope = draft.scope
        library = draft.library
        literal = draft.literal
        operation = draft.operation
        left = draft.left?.node
        right = draft.right?.node
        nodes = draft.nodes.map(\.node)
        pairs = draft.pairs.map { ($0.key.node, $0.value.node) }
        terms = draft.terms.map { ($0.isDescending, $0.expression.node) }
        predicates = draft.predicates.map(\.node)
        stages = draft.stages.map { stage in
            switch stage {
            case .filter(let filter): .filter(filter.node)
            case .index(let symbol): .index(symbol)
            }
        }
        group = draft.group?.node
        keepsArray = draft.keepsArray
        keepsSingleton = draft.keepsSingleton
        isArrayConstructor = draft.isArrayConstructor
        focus = draft.focus
        index = draft.index
        isTuple = draft.isTuple
        ancestor = draft.ancestor?.label
        slot = draft.slot?.label
        parameters = draft.parameters
        signature = draft.signature
        isThunk = draft.isThunk
        regex = draft.regex
        let isBare = predicates.isEmpty && group == nil
        isPlain = kind == .variable && isBare && !keepsArray
        isPlainName = kind == .name && isBare && !keepsArray && stages.isEmpty && !isTuple
        nameSteps = kind == .name ? text.utf8.count >> 8 : 0
        isLeaf = isPlain || isBare && (kind == .string || kind == .number || kind == .value)
    }
}
