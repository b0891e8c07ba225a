// How often something may be done: a bucket of tokens that refills steadily (quotas-pricing.md §3).

/// The size of a bucket and how fast it refills.
package struct Rate: Sendable, Equatable {
    /// Calls that a full bucket lets through at once.
    package var burst: Int
    /// Calls a second, in the long run.
    package var perSecond: Double

    package init(burst: Int, perSecond: Double) {
        self.burst = burst
        self.perSecond = perSecond
    }

    /// `1300/300`: the bucket and its refill in a second. `nil` for a text that is neither.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let burst = Int(parts[0]), let perSecond = Double(parts[1]),
            (1...1_000_000_000).contains(burst), perSecond > 0, perSecond.isFinite
        else { return nil }
        self.init(burst: burst, perSecond: perSecond)
    }
}

/// A bucket, full at first. The time is an argument.
package struct TokenBucket: Sendable {
    private let rate: Rate
    private var tokens: Double
    private var filled: Timestamp

    package init(_ rate: Rate, now: Timestamp) {
        self.rate = rate
        tokens = Double(rate.burst)
        filled = now
    }

    /// Takes a token; false where there is none. A clock that has gone back refills nothing.
    package mutating func take(now: Timestamp) -> Bool {
        refill(now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    /// Takes a token that may be one of the future. Returns when it is there, in milliseconds from now; a day at most.
    package mutating func reserve(now: Timestamp) -> Int64 {
        refill(now)
        tokens -= 1
        return tokens >= 0 ? 0 : Int64(min(-tokens / rate.perSecond * 1000, 86_400_000).rounded(.up))
    }

    /// Whether it is as good as a new one.
    package mutating func isFull(now: Timestamp) -> Bool {
        refill(now)
        return tokens >= Double(rate.burst)
    }

    private mutating func refill(_ now: Timestamp) {
        let elapsed = Double(now.milliseconds - filled.milliseconds) / 1000
        filled = now
        if elapsed > 0 { tokens = min(Double(rate.burst), tokens + elapsed * rate.perSecond) }
    }
}
