// Errors that repeat: one log line in ten seconds for each kind, with the number of those between.

package import Core
import Synchronization

/// Decides which occurrences of an error are logged.
package final class RepeatLimit: Sendable {
    private struct Logged {
        var at: MonotonicTime
        /// Occurrences since that were not logged.
        var omitted = 0
    }

    /// In nanoseconds.
    private static let interval: Int64 = 10_000_000_000
    private let clock: any WallClock
    private let logged = Mutex<[String: Logged]>([:])

    package init(clock: any WallClock) { self.clock = clock }

    /// Notes an occurrence. Returns the number of occurrences that were not logged since the last line, or `nil` if
    /// this one is not to be logged either.
    ///
    /// - Parameter kind: one of few, such as an error code: each is remembered.
    package func admit(_ kind: String) -> Int? {
        let now = clock.monotonic()
        return logged.withLock { logged in
            guard let last = logged[kind], now - last.at < Self.interval else {
                return logged.updateValue(Logged(at: now), forKey: kind)?.omitted ?? 0
            }
            logged[kind]?.omitted += 1
            return nil
        }
    }
}
