// Token buckets, and ThrottlingException.

import APISupport
import Core
import Engine
import JSON
import States
import Testing

@testable import API

@Suite("Throttling")
struct ThrottleTests {
    static let texts: [(text: String, rate: Rate?)] = [
        ("1300/300", Rate(burst: 1300, perSecond: 300)), ("1/0.5", Rate(burst: 1, perSecond: 0.5)), ("0/1", nil),
        ("1/0", nil), ("1/-1", nil), ("10", nil), ("1/2/3", nil), ("", nil), ("a/b", nil), ("1/nan", nil),
        ("1/inf", nil),
    ]

    @Test("A rate is a bucket and its refill.", arguments: texts)
    func rates(text: String, rate: Rate?) { #expect(Rate(text) == rate) }

    @Test("A bucket gives what it holds, then what flows in, and never more than it holds.")
    func bucket() {
        var bucket = TokenBucket(Rate(burst: 3, perSecond: 2), now: Timestamp(milliseconds: 0))
        func taken(at milliseconds: Int64) -> Int {
            (0..<10).count { _ in bucket.take(now: Timestamp(milliseconds: milliseconds)) }
        }
        #expect(taken(at: 0) == 3)
        #expect(taken(at: 499) == 0)
        #expect(taken(at: 500) == 1)
        #expect(taken(at: 60_000) == 3)
        // A clock that goes back gives nothing, and takes nothing away.
        #expect(taken(at: 1_000) == 0)
        #expect(taken(at: 2_000) == 2)
    }

    @Test("A reserved token comes when the bucket has refilled so far, in the order of the reservations.")
    func reservations() {
        var bucket = TokenBucket(Rate(burst: 2, perSecond: 4), now: Timestamp(milliseconds: 0))
        func waits(_ count: Int, at milliseconds: Int64) -> [Int64] {
            (0..<count).map { _ in bucket.reserve(now: Timestamp(milliseconds: milliseconds)) }
        }
        #expect(waits(4, at: 0) == [0, 0, 250, 500])
        #expect(waits(1, at: 250) == [500])
        #expect(waits(2, at: 2_000) == [0, 0])
        var slow = TokenBucket(Rate(burst: 1, perSecond: 1e-300), now: Timestamp(milliseconds: 0))
        #expect((0..<2).map { _ in slow.reserve(now: Timestamp(milliseconds: 0)) } == [0, 86_400_000])
    }

    @Test("What comes beyond the rate is answered ThrottlingException, by operation, account and region.")
    func exception() async throws {
        let world = try await APIWorld.open(
            throttle: Throttle(rates: ["ListStateMachines": Rate(burst: 2, perSecond: 1.0 / 3600)]))
        for scope in [Scope(), Scope(region: "eu-west-1"), Scope(account: "123456789012")] {
            _ = try await world.ok("ListStateMachines", [:], scope: scope)
            // A request that is refused for another reason has been counted all the same.
            let (_, refused) = try await world.call("ListStateMachines", ["maxResults": -1], scope: scope)
            #expect(refused["__type"] == "ValidationException")
            let (status, throttled) = try await world.call("ListStateMachines", [:], scope: scope)
            #expect(status == 400)
            #expect(throttled == ["__type": "ThrottlingException", "message": "Rate exceeded"])
            for _ in 0..<5 { _ = try await world.ok("ListActivities", [:], scope: scope) }
        }
        world.clock.advance(hours: 1)
        _ = try await world.ok("ListStateMachines", [:])
        #expect(try await world.call("ListStateMachines", [:]).0 == 400)
    }

    @Test("AWS's rates are of operations that there are.")
    func awsRates() {
        #expect(Set(Throttle.awsRates.keys).isSubset(of: Throttle.operations))
        #expect(Throttle.operations.count == 37)
    }
}
