// Points in time at the ends of what 64 bits hold: none ends the process.

import Core
import States
import Testing

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "A sum beyond 64 bits is the last point in time.",
        arguments: [
            (0, Int.max, Int64.max), (0, Int.min, Int64.min), (Int64.max, 1, Int64.max), (Int64.min, -1, Int64.min),
            (5, 2, 2_005), (Int64.max - 1_000, 1, Int64.max),
        ] as [(Int64, Int, Int64)])
    func sums(start: Int64, seconds: Int, end: Int64) {
        #expect(Timestamp(milliseconds: start).adding(seconds: seconds).milliseconds == end)
    }

    @Test(
        "Every point in time prints.",
        arguments: [
            (0, "0.000", "1970-01-01T00:00:00.000Z"), (-1, "-0.001", "1969-12-31T23:59:59.999Z"),
            (-1_500, "-1.500", "1969-12-31T23:59:58.500Z"),
            (1_719_835_200_123, "1719835200.123", "2024-07-01T12:00:00.123Z"),
            (-86_400_000, "-86400.000", "1969-12-31T00:00:00.000Z"),
        ] as [(Int64, String, String)])
    func prints(milliseconds: Int64, epoch: String, text: String) {
        let timestamp = Timestamp(milliseconds: milliseconds)
        #expect(timestamp.epochSeconds == epoch)
        #expect(timestamp.iso8601 == text)
    }

    @Test("The ends of 64 bits print, too.", arguments: [Int64.min, .min + 1, .max, .max - 1])
    func ends(milliseconds: Int64) {
        let timestamp = Timestamp(milliseconds: milliseconds)
        #expect(timestamp.epochSeconds.contains("."))
        #expect(timestamp.iso8601.hasSuffix("Z"))
    }
}
