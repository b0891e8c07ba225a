// Chance as a value: a seed that is handed in and moves on, so that a pure function may draw lots.

import Core

/// A generator of numbers that are spread evenly (SplitMix64). The same seed gives the same numbers; keep it with the
/// execution and store it back after use.
package struct Chance: RandomNumberGenerator, Sendable, Equatable {
    package private(set) var seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    package mutating func next() -> UInt64 {
        seed &+= 0x9E37_79B9_7F4A_7C15
        var bits = seed
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    /// A number from 0 up to but not including `bound`, which is positive.
    package mutating func number(below bound: Int) -> Int {
        // The high half of the product is spread evenly but for one part in 2^64 / bound.
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A UUID of version 4 in lower-case letters.
    package mutating func uuid() -> String {
        let high = next()
        return UUIDText(version4: high, next()).text
    }
}
