// States.MathAdd and MathRandom.

import JSON

extension IntrinsicArguments {
    func mathAdd() throws(IntrinsicError) -> JSONValue { .int(try integer(0) + (try integer(1))) }

    /// From the first number up to but not including the second. The same seed gives the same number, though not the
    /// one that AWS gives: its generator is not known.
    func mathRandom(_ chance: inout Chance) throws(IntrinsicError) -> JSONValue {
        let (start, end) = (try integer(0), try integer(1))
        guard start < end else { throw refusal("the start \(start) must be less than the end \(end)") }
        guard values.count == 3 else { return .int(start + chance.number(below: end - start)) }
        var seeded = Chance(seed: UInt64(bitPattern: Int64(try integer(2))))
        return .int(start + seeded.number(below: end - start))
    }
}
