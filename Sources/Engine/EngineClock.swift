// The engine's clock: the wall clock, less what it has been set forward or back while the process lived.

import Core
import Glibc
import Logging
import Metrics
import States
import Synchronization

/// Time for deadlines and time for people. Deadlines are given by a clock that follows the wall clock and is not moved
/// when that is set: a wait of an hour takes an hour. The difference is kept over restarts in the crash record.
final class EngineClock: Sendable {
    struct Reading: Sendable {
        /// For deadlines.
        var engine: Timestamp
        /// By how many milliseconds the wall clock is ahead of it.
        var offset: Int64

        var wall: Timestamp { engine.adding(milliseconds: offset) }
    }

    private let clock: any WallClock
    private let logger: Logger
    private let crashRecord: CrashRecord?
    private let jumps = Counter(label: MetricName.clockJumps.rawValue)
    private let state: Mutex<State>
    private let listener = Mutex(Listener())

    private struct State {
        var wall: Int64
        var monotonic: Int64
        var offset: Int64
    }

    /// A struct, since a closure that is a Mutex's own value is wrapped once more each time that it is read.
    private struct Listener {
        var jumped: (@Sendable (_ milliseconds: Int64) -> Void)?
    }

    /// Differences up to this are drift or a clock that is being slewed, and are followed.
    private static let tolerance: Int64 = 1_000

    init(_ clock: any WallClock, crashRecord: CrashRecord?, logger: Logger) {
        self.clock = clock
        self.logger = logger
        self.crashRecord = crashRecord
        state = Mutex(
            State(
                wall: clock.now().milliseconds, monotonic: Self.milliseconds(clock),
                offset: crashRecord?.clockOffset ?? 0))
    }

    /// Names what is told of a jump, by how many milliseconds, before any reading shows it.
    func onJump(_ body: @escaping @Sendable (_ milliseconds: Int64) -> Void) { listener.withLock { $0.jumped = body } }

    private static func milliseconds(_ clock: any WallClock) -> Int64 { clock.monotonic().nanoseconds / 1_000_000 }

    func read() -> Reading {
        let (reading, jump) = state.withLock { state -> (Reading, Int64) in
            let now = (wall: clock.now().milliseconds, monotonic: Self.milliseconds(clock))
            let difference = (now.wall - state.wall) - (now.monotonic - state.monotonic)
            let jump = abs(difference) > Self.tolerance ? difference : 0
            state.wall = now.wall
            state.monotonic = now.monotonic
            state.offset += jump
            return (Reading(engine: Timestamp(milliseconds: now.wall - state.offset), offset: state.offset), jump)
        }
        if jump != 0 { report(jump, reading.offset) }
        return reading
    }

    private func report(_ jump: Int64, _ offset: Int64) {
        crashRecord?.clockOffset = offset
        jumps.increment()
        logger.warning(
            "The wall clock was set; waits and time-outs in seconds are not moved",
            metadata: ["forward-ms": "\(jump)", "sum-ms": "\(offset)"])
        listener.withLock { $0.jumped }?(jump)
    }
}
