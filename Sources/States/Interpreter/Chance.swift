// Chance, made from a seed: the core has no other.

/// SplitMix64: the same seed and salt give the same numbers on every machine.
package struct Chance: Sendable {
    private var state: UInt64

    package init(seed: UInt64, salt: UInt64) { state = seed ^ (salt &* 0x9E37_79B9_7F4A_7C15) }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, `bound`.
    package mutating func next(below bound: UInt64) -> UInt64 {
        bound == 0 ? 0 : next().multipliedFullWidth(by: bound).high
    }
}
