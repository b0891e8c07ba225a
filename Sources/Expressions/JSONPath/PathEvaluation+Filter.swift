// Whether a node meets the condition of a filter (language.md §10.4).

import JSON

/// What an operand of a comparison comes to.
enum FilterValue {
    case json(JSONValue)
    case text(FilterText)
    case pattern(FilterPattern)
}

extension PathEvaluation {
    mutating func matches(_ filter: PathFilter, _ node: JSONValue) throws(PathStop) -> Bool {
        for pieces in filter.alternatives.reversed() {
            var holds = true
            for piece in pieces.reversed() {
                holds = try matches(piece, node)
                if !holds { break }
            }
            if holds { return true }
        }
        return false
    }

    private mutating func matches(_ piece: FilterPiece, _ node: JSONValue) throws(PathStop) -> Bool {
        try charge()
        switch piece {
        case .exists(let path, let isNegated):
            // A path from `$` starts at the current element here, too.
            let value = try value(of: path, from: node, .name, requiresAll: true)
            return (value.map { !$0.isNull } ?? false) != isNegated
        case .compare(let left, let filterOperator, let right):
            guard let left = try value(of: left, at: node), let right = try value(of: right, at: node) else {
                return false
            }
            return try compare(left, filterOperator, right)
        }
    }

    /// `nil` for a path that is not found.
    private mutating func value(of operand: FilterOperand, at node: JSONValue) throws(PathStop) -> FilterValue? {
        switch operand {
        case .text(let text): return .text(text)
        case .pattern(let pattern): return .pattern(pattern)
        case .path(let path):
            let start = path.startsAtDocument ? document : node
            return try value(of: path, from: start, path.startsAtDocument ? .root : .name).map { .json($0) }
        }
    }

    /// Follows a path inside a filter; `nil` where it is not found. With `requiresAll` a list of names is found only if
    /// all of them are.
    private mutating func value(
        of path: InnerPath, from start: JSONValue, _ access: NodeAccess, requiresAll: Bool = false
    ) throws(PathStop) -> JSONValue? {
        var node = start
        var access = access
        let segments = path.segments
        for position in segments.indices {
            try charge()
            switch segments[position] {
            case .key(let name):
                guard case .object(let members) = node, let member = members[name] else { return nil }
                (node, access) = (member, .name)
            case .keys(let names):
                guard case .object(let members) = node else { return nil }
                guard position == segments.count - 1 else {
                    throw .notLast("$" + segments[...position].fragments)
                }
                guard let object = try object(of: names, in: members, requiresAll: requiresAll) else { return nil }
                node = .object(object)
            case .index(let index):
                guard let elements = try elements(of: node, access, segments[position...]) else { return nil }
                (node, access) = Self.element(index, of: elements)
            case .fromEnd(let offset):
                guard let elements = try elements(of: node, access, segments[position...]) else { return nil }
                (node, access) = Self.element(elements.count &+ offset, of: elements)
            case .indices, .slice, .wildcard, .scan, .filter: return nil
            }
        }
        return node
    }

    private func elements(
        of node: JSONValue, _ access: NodeAccess, _ rest: ArraySlice<PathSegment>
    ) throws(PathStop) -> [JSONValue]? {
        if case .array(let elements) = node { return elements }
        let stop = PathStop.noArray(rest, node, access)
        if stop.isNotFound { return nil }
        throw stop
    }
}

// MARK: - Comparisons

extension PathEvaluation {
    private mutating func compare(
        _ left: FilterValue, _ filterOperator: FilterOperator, _ right: FilterValue
    ) throws(PathStop) -> Bool {
        switch filterOperator {
        case .matches: return try matchesPattern(left, right)
        case .equal: return try order(left, right, equality: true) == 0
        case .notEqual: return try order(left, right, equality: true).map { $0 != 0 } ?? false
        case .less, .lessOrEqual, .greater, .greaterOrEqual: break
        }
        guard left.isNull == right.isNull, let order = try order(left, right, equality: false) else { return false }
        switch filterOperator {
        case .less: return order < 0
        case .lessOrEqual: return order <= 0
        case .greater: return order > 0
        default: return order >= 0
        }
    }

    /// Negative if `left` is less than `right`, 0 if both are equal, `nil` if they cannot be compared. With `equality`
    /// the sign means nothing.
    private mutating func order(
        _ left: FilterValue, _ right: FilterValue, equality: Bool
    ) throws(PathStop) -> Int? {
        switch (left.isNullish, right.isNullish) {
        case (true, true): return 0
        case (false, true): return 1
        case (true, false): return -1
        case (false, false): break
        }
        if let left = left.string {
            guard let right = right.unescaped else { return nil }
            try charge(textBytes: min(left.utf8.count, right.utf8.count))
            return left.order(to: right, equality: equality)
        }
        guard case .json(let value) = left else { return nil }
        switch (value, right) {
        case (.number(let number), .json(.number(let other))):
            try charge(textBytes: number.text.utf8.count + other.text.utf8.count)
            return number.order(to: other)
        case (.number(let number), _):
            guard let text = right.string else { return nil }
            try charge(textBytes: number.text.utf8.count + text.utf8.count)
            // The library fails with Java's NumberFormatException here; how Step Functions words that is not known.
            guard let other = right.number else {
                throw .invalid("'\(text.prefix(1_000))' is compared with a number and is none")
            }
            return number.order(to: other)
        case (.bool(let flag), .json(.bool(let other))): return flag.order(to: other)
        case (.bool(let flag), _): return right.string.map { flag.order(to: $0.isTrue) }
        default: return nil
        }
    }

    /// Whether all of a text matches the pattern, which may be on either side.
    private mutating func matchesPattern(_ left: FilterValue, _ right: FilterValue) throws(PathStop) -> Bool {
        let pattern: FilterPattern
        let target: FilterValue
        switch (left, right) {
        case (.pattern(let left), _): (pattern, target) = (left, right)
        case (_, .pattern(let right)): (pattern, target) = (right, left)
        default: throw .invalid("The operator =~ needs a pattern between slashes")
        }
        let subject: String
        switch target {
        case .text(let text): subject = text.text
        case .pattern(let other): subject = other.expression
        case .json(.null): return false
        case .json(.string(let text)): subject = text
        case .json(let value): subject = value.text
        }
        do throws(EvaluationBudgetExceeded) { return try pattern.matches(subject, budget: &budget) } catch {
            throw .exceeded(error)
        }
    }
}

extension FilterValue {
    var isNull: Bool { if case .json(.null) = self { true } else { false } }

    /// Whether it is null or the text `null`.
    var isNullish: Bool {
        switch self {
        case .json(.null): true
        case .json(.string(let text)): text.hasSameUnits(as: "null")
        case .text(let text): text.isNullish
        case .json, .pattern: false
        }
    }

    var string: String? {
        switch self {
        case .json(.string(let text)): text
        case .text(let text): text.text
        case .json, .pattern: nil
        }
    }

    /// A text as the right operand of a comparison with a text.
    var unescaped: String? {
        switch self {
        case .json(.string(let text)): FilterText.unescaped(text)
        case .text(let text): text.unescaped
        case .json, .pattern: nil
        }
    }

    /// A text as the right operand of a comparison with a number.
    var number: JSONNumber? {
        switch self {
        case .json(.string(let text)): JSONNumber(javaDecimal: text)
        case .text(let text): text.number
        case .json, .pattern: nil
        }
    }
}

extension String {
    /// By UTF-16 code units, as in Java.
    fileprivate func order(to other: String, equality: Bool) -> Int {
        if hasSameUnits(as: other) { return 0 }
        return !equality && utf16.lexicographicallyPrecedes(other.utf16) ? -1 : 1
    }

    /// Java's `Boolean.valueOf`.
    fileprivate var isTrue: Bool { utf8.count == 4 && lowercased() == "true" }
}

extension JSONNumber {
    fileprivate func order(to other: JSONNumber) -> Int {
        if let a = Int(text), let b = Int(other.text) { return a < b ? -1 : a == b ? 0 : 1 }
        if let a = shortDecimal, let b = other.shortDecimal { return a < b ? -1 : a == b ? 0 : 1 }
        return self == other ? 0 : self < other ? -1 : 1
    }

    /// The value of a number of at most 15 digits without an exponent; different numbers have different values. The
    /// quotient of two doubles that are exact is the nearest double.
    private var shortDecimal: Double? {
        guard text.utf8.count <= 15 else { return nil }
        var digits = 0
        var divisor = 1.0
        var hasPoint = false
        var isNegative = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): hasPoint = true
            case _ where byte &- 0x30 < 10:
                digits = digits &* 10 &+ Int(byte &- 0x30)
                if hasPoint { divisor *= 10 }
            default: return nil
            }
        }
        let value = Double(digits) / divisor
        return isNegative ? -value : value
    }
}

extension Bool {
    fileprivate func order(to other: Bool) -> Int { self == other ? 0 : self ? 1 : -1 }
}
