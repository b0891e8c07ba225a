// A point in time as a value: pure targets read no clock.

/// Milliseconds since 1970-01-01T00:00:00Z, the resolution that AWS shows.
package struct Timestamp: Sendable, Hashable, Comparable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// From seconds since 1970. Saturates at the first and last time that 64 bits hold.
    package init(seconds: Int) { self = Timestamp(milliseconds: 0).adding(seconds: seconds) }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int { Int(milliseconds).flooredDivision(by: 1000) }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    /// Saturates at the first and last time that 64 bits hold.
    package func adding(seconds: Int) -> Timestamp {
        let (milliseconds, isOver) = Int64(seconds).multipliedReportingOverflow(by: 1000)
        return adding(milliseconds: isOver ? seconds < 0 ? .min : .max : milliseconds)
    }

    /// Saturates at the first and last time that 64 bits hold.
    package func adding(milliseconds: Int64) -> Timestamp {
        let (sum, isOver) = self.milliseconds.addingReportingOverflow(milliseconds)
        return Timestamp(milliseconds: isOver ? milliseconds < 0 ? .min : .max : sum)
    }

    /// Later than any time that occurs.
    package static let distantFuture = Timestamp(milliseconds: .max / 2)
}
