// What the pure parts of the daemon do not have: clocks, randomness, threads. Production has the operating system's, a
// simulation its own.

/// A clock, read by every part that needs the time.
package protocol WallClock: Sendable {
    /// The time of the day, which an administrator may set.
    func now() -> Timestamp
    /// Time that is never set: for durations and deadlines.
    func monotonic() -> MonotonicTime
}

/// A moment of a clock that is never set.
package struct MonotonicTime: Sendable, Hashable, Comparable {
    /// Since a beginning that is the clock's own.
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Returns the nanoseconds from an earlier moment to a later one.
    package static func - (later: MonotonicTime, earlier: MonotonicTime) -> Int64 {
        later.nanoseconds - earlier.nanoseconds
    }

    /// Returns the moment that many milliseconds later.
    package func adding(milliseconds: Int64) -> MonotonicTime {
        let (nanoseconds, overflows) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, isBeyond) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        return MonotonicTime(nanoseconds: overflows || isBeyond ? .max : sum)
    }
}

/// Random numbers.
package protocol RandomSource: Sendable {
    /// Returns 64 random bits.
    func next() -> UInt64
}

/// Where work runs. The works of one lane run one after the other, in the order in which they came.
package enum Lane: Sendable, Hashable {
    case shard(Int)
    /// For evaluations that take long: of lower priority than all others.
    case evaluation(Int)
    case committer
    case reader(Int)
    case timers
    case background
}

/// Runs work on lanes.
package protocol LaneExecutor: Sendable {
    /// Runs the work on its lane, after `milliseconds` at the earliest.
    func run(on lane: Lane, after milliseconds: Int64, _ work: @escaping @Sendable () -> Void)
}

extension LaneExecutor {
    /// Runs the work on its lane as soon as what came before it is done.
    package func run(on lane: Lane, _ work: @escaping @Sendable () -> Void) { run(on: lane, after: 0, work) }
}

/// The clock, the randomness and the threads of one process.
package struct Runtime: Sendable {
    package var clock: any WallClock
    package var random: any RandomSource
    package var executor: any LaneExecutor

    package init(clock: any WallClock, random: any RandomSource, executor: any LaneExecutor) {
        self.clock = clock
        self.random = random
        self.executor = executor
    }
}

extension RandomSource {
    /// Returns the text of a new UUID of version 4.
    package func uuid() -> String { UUIDText(version4: next(), next()).text }

    /// Returns a number from 0 to `bound` − 1, all equally likely.
    package func number(below bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(max(bound, 1))).high)
    }
}
