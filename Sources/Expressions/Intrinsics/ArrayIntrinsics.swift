// States.Array…: parts and members of arrays.

import Core
import JSON

extension IntrinsicArguments {
    func arrayContains(_ budget: inout EvaluationBudget) throws(IntrinsicError) -> JSONValue {
        for element in try array(0) {
            let isEqual = try budgeted { () throws(EvaluationBudgetExceeded) in
                try budget.areEqual(element, values[1])
            }
            if isEqual { return .bool(true) }
        }
        return .bool(false)
    }

    func arrayGetItem() throws(IntrinsicError) -> JSONValue {
        let elements = try array(0)
        let index = try integer(1)
        guard elements.indices.contains(index) else {
            throw refusal("the index \(index) is out of the array's bounds, it has \(elements.count) elements")
        }
        return elements[index]
    }

    func arrayPartition(_ budget: inout EvaluationBudget) throws(IntrinsicError) -> JSONValue {
        let elements = try array(0)
        let size = try integer(1)
        guard size > 0 else { throw refusal("the chunk size must be positive: \(size)") }
        // Each chunk has a header and an element of the outer array.
        let chunks = elements.count / size + 1
        try budgeted { () throws(EvaluationBudgetExceeded) in try budget.charge(elements: elements.count + 2 * chunks) }
        return .array(
            stride(from: 0, to: elements.count, by: size).map { start in
                .array(Array(elements[start..<min(start + size, elements.count)]))
            })
    }

    /// The end belongs to the range; a step away from it gives nothing.
    func arrayRange(_ budget: inout EvaluationBudget) throws(IntrinsicError) -> JSONValue {
        let (first, last, step) = (try integer(0), try integer(1), try integer(2))
        guard step != 0 else { throw refusal("the step must not be 0") }
        guard step > 0 ? first <= last : first >= last else { return .array([]) }
        let steps = (last - first) / step
        guard steps < Limits.Evaluation.Intrinsics.maximumRangeElements else {
            throw refusal("the array would have more than 1,000 elements")
        }
        try budgeted { () throws(EvaluationBudgetExceeded) in try budget.charge(elements: steps + 1) }
        return .array(stride(from: first, through: last, by: step).map { .int($0) })
    }

    /// Each value once, at its first place.
    func arrayUnique(_ budget: inout EvaluationBudget) throws(IntrinsicError) -> JSONValue {
        let elements = try array(0)
        return .array(try budgeted { () throws(EvaluationBudgetExceeded) in try budget.unique(elements) })
    }
}

extension EvaluationBudget {
    /// Returns each value once, at its first place.
    fileprivate mutating func unique(_ elements: [JSONValue]) throws(EvaluationBudgetExceeded) -> [JSONValue] {
        // The table of hashes takes two times as much as the elements.
        try charge(bytes: 3 * Self.elementBytes * elements.count)
        var places: [Int: [Int]] = [:]
        var found: [JSONValue] = []
        for element in elements {
            let hash = try hash(of: element)
            var isKnown = false
            for place in places[hash] ?? [] where try areEqual(found[place], element) {
                isKnown = true
                break
            }
            if isKnown { continue }
            places[hash, default: []].append(found.count)
            found.append(element)
        }
        return found
    }
}
