// The time, the clock and the randomness of a world. All of them follow from its seed.

import Core
import Expressions

/// The time of a world in milliseconds since its beginning, for all lives of the daemon. The world has one thread.
final class VirtualTime: @unchecked Sendable {
    var milliseconds: Int64 = 0
}

/// A clock that an administrator sets and that runs too fast or too slow.
final class VirtualClock: WallClock, @unchecked Sendable {
    private let time: VirtualTime
    /// Where the clock was when its rate changed last, and when that was.
    private var base: (wall: Int64, at: Int64) = (1_700_000_000_000, 0)
    /// By how many milliseconds it gains in 1,000 seconds.
    private var drift: Int64 = 0
    /// How often it was set.
    private(set) var jumps = 0

    init(_ time: VirtualTime) { self.time = time }

    func now() -> Timestamp { Timestamp(milliseconds: wall) }

    func monotonic() -> MonotonicTime { MonotonicTime(nanoseconds: time.milliseconds * 1_000_000) }

    private var wall: Int64 {
        let passed = time.milliseconds - base.at
        return base.wall + passed + passed * drift / 1_000_000
    }

    /// Sets the clock forward or back.
    func set(by milliseconds: Int64) {
        base = (wall + milliseconds, time.milliseconds)
        jumps += 1
    }

    /// Lets the clock gain that many milliseconds in 1,000 seconds from now on.
    func skew(_ drift: Int64) {
        base = (wall, time.milliseconds)
        self.drift = drift
    }
}

/// Randomness of one seed.
final class SeededSource: RandomSource, @unchecked Sendable {
    private var chance: Chance

    init(seed: UInt64) { chance = Chance(seed: seed) }

    func next() -> UInt64 { chance.next() }
}
