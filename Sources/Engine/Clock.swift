// The wall clock, read at the edges of the engine only.

package import Core
import Dispatch
import States

#if canImport(Glibc)
    import Glibc
#endif

extension Timestamp {
    /// The time now, in milliseconds.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
