// The engine's clock: deadlines are not moved when the wall clock is set.

import Core
import Foundation
import Logging
import States
import Synchronization
import Testing

@testable import Engine

@Suite("Engine clock")
struct EngineClockTests {
    private final class Hands: Sendable {
        let wall = Mutex<Int64>(1_000_000)
        let monotonic = Mutex<Int64>(0)

        func pass(_ milliseconds: Int64, wall jump: Int64 = 0) {
            wall.withLock { $0 += milliseconds + jump }
            monotonic.withLock { $0 += milliseconds }
        }
    }

    private static func clock(_ hands: Hands, _ record: CrashRecord? = nil) -> EngineClock {
        EngineClock(
            TestClock(
                wall: { Timestamp(milliseconds: hands.wall.withLock { $0 }) },
                milliseconds: { hands.monotonic.withLock { $0 } }),
            crashRecord: record,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    @Test(
        "A jump of the wall clock is reported once and moves no deadline.",
        arguments: [3_600_000, -3_600_000, 315_360_000_000, -315_360_000_000] as [Int64])
    func jumps(jump: Int64) {
        let hands = Hands()
        let clock = Self.clock(hands)
        let reported = Mutex<[Int64]>([])
        clock.onJump { jump in reported.withLock { $0.append(jump) } }
        let before = clock.read()
        hands.pass(4_000, wall: jump)
        let after = clock.read()
        #expect(after.engine.milliseconds - before.engine.milliseconds == 4_000)
        #expect(after.wall.milliseconds - before.wall.milliseconds == 4_000 + jump)
        hands.pass(10)
        #expect(clock.read().engine.milliseconds - after.engine.milliseconds == 10)
        #expect(reported.withLock { $0 } == [jump])
    }

    @Test("A clock that is slewed is followed.")
    func slewed() {
        let hands = Hands()
        let clock = Self.clock(hands)
        let before = clock.read()
        for _ in 0..<100 {
            hands.pass(1_000, wall: 5)
            #expect(clock.read().offset == 0)
        }
        #expect(clock.read().engine.milliseconds - before.engine.milliseconds == 100_500)
    }

    @Test("The offset is kept over a restart.")
    func restart() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("newel-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let hands = Hands()
        let clock = Self.clock(hands, CrashRecord(folder: folder))
        hands.pass(1_000, wall: 3_600_000)
        let last = clock.read()
        hands.pass(5_000)
        let next = Self.clock(hands, CrashRecord(folder: folder)).read()
        #expect(next.offset == 3_600_000)
        #expect(next.engine.milliseconds - last.engine.milliseconds == 5_000)
    }
}
