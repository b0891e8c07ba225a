// States.Array…: parts and members of arrays.

import JSON

extension IntrinsicArguments {
    func arrayContains() throws(IntrinsicError) -> JSONValue { .bool(try array(0).contains(values[1])) }

    func arrayGetItem() throws(IntrinsicError) -> JSONValue {
        let elements = try array(0)
        let index = try integer(1)
        guard elements.indices.contains(index) else {
            throw refusal("the index \(index) is out of the array's bounds, it has \(elements.count) elements")
        }
        return elements[index]
    }

    func arrayPartition() throws(IntrinsicError) -> JSONValue {
        let elements = try array(0)
        let size = try integer(1)
        guard size > 0 else { throw refusal("the chunk size must be positive: \(size)") }
        return .array(
            stride(from: 0, to: elements.count, by: size).map { start in
                .array(Array(elements[start..<min(start + size, elements.count)]))
            })
    }

    /// The end belongs to the range; a step away from it gives nothing.
    func arrayRange() throws(IntrinsicError) -> JSONValue {
        let (first, last, step) = (try integer(0), try integer(1), try integer(2))
        guard step != 0 else { throw refusal("the step must not be 0") }
        guard step > 0 ? first <= last : first >= last else { return .array([]) }
        guard (last - first) / step < 1_000 else { throw refusal("the array would have more than 1,000 elements") }
        return .array(stride(from: first, through: last, by: step).map { .int($0) })
    }

    /// Each value once, at its first place.
    func arrayUnique() throws(IntrinsicError) -> JSONValue {
        var seen: Set<DeepKey> = []
        return .array(try array(0).filter { seen.insert(DeepKey(value: $0)).inserted })
    }
}

/// A value as a member of a set: equal values, also `1` and `1.0`, hash alike.
private struct DeepKey: Hashable {
    var value: JSONValue

    func hash(into hasher: inout Hasher) { value.hash(into: &hasher) }
}

extension JSONValue {
    fileprivate func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let flag): hasher.combine(flag)
        case .number(let number): hasher.combine(number.double)
        case .string(let text): hasher.combine(text)
        case .array(let elements):
            hasher.combine(elements.count)
            for element in elements { element.hash(into: &hasher) }
        case .object(let members):
            // The order of members must not tell, so their hashes are added up.
            var sum = 0
            for (name, value) in members {
                var member = Hasher()
                member.combine(name)
                value.hash(into: &member)
                sum &+= member.finalize()
            }
            hasher.combine(sum)
        }
    }
}
