// The condition of a filter step `[?(…)]`, compiled.

import JSON

indirect enum PathFilter: Sendable {
    /// `a || b || …`
    case any([PathFilter])
    /// `a && b && …`
    case all([PathFilter])
    case not(PathFilter)
    /// A path on its own: whether it leads anywhere.
    case exists(InnerPath)
    case compare(FilterOperand, FilterOperator, FilterOperand)
}

enum FilterOperand: Sendable {
    case path(InnerPath)
    case value(JSONValue)
    case pattern(FilterPattern)
}

/// A path inside another path: in a filter, or as the argument of a function.
struct InnerPath: Sendable {
    enum Start: Sendable {
        /// `@`: the node that the filter is asked about; the document in an argument of a function.
        case node
        /// The node that the function is called on, whose argument the path is.
        case callee
        /// `$`: the document of the path around; `$$` and `$name` as outside.
        case root(JSONPath.Root)
    }

    var start: Start
    var segments: [PathSegment]
    var isDefinite: Bool
    /// Tells the inner paths of one path apart. What starts at a root is evaluated once for a whole filter.
    var number: Int
}

enum FilterOperator: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case identical = "==="
    case notIdentical = "!=="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case matches = "=~"
    case `in` = "IN"
    case notIn = "NIN"
    case contains = "CONTAINS"
    case all = "ALL"
    case size = "SIZE"
    case empty = "EMPTY"
    case subsetOf = "SUBSETOF"
    case anyOf = "ANYOF"
    case noneOf = "NONEOF"
}
