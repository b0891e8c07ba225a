// The clocks of the operating system.

package import Core
import Glibc

extension Timestamp {
    /// The time now by the wall clock, in milliseconds.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// The clocks of the operating system.
package struct SystemClock: WallClock {
    package init() {}

    package func now() -> Timestamp { .now }

    /// Time since the machine started, that in which it slept included.
    package func monotonic() -> MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
