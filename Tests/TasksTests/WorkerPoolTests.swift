// The pool on real threads.

import Dispatch
import States
import Synchronization
import Testing

@testable import Tasks

@Suite("The worker pool")
struct WorkerPoolTests {
    private func id(_ number: Int) -> TaskID { TaskID(execution: Int64(number), scheduledEvent: 1) }

    @Test("Blocked jobs fill the whole width, and never more.", arguments: [1, 8, 40])
    func width(_ width: Int) async {
        let pool = WorkerPool(width: width)
        let gate = DispatchSemaphore(value: 0)
        let reached = AsyncStream<Int>.makeStream()
        let blocked = Atomic(0)
        for number in 0..<(2 * width) {
            pool.submit(id(number), function: "f") {
                reached.continuation.yield(blocked.add(1, ordering: .relaxed).newValue)
                gate.wait()
            }
        }
        for await count in reached.stream where count == width { break }
        #expect(pool.counts == WorkCounts(queued: width, running: width, finished: 0))
        for _ in 0..<(2 * width) { gate.signal() }
        await finished(pool, 2 * width)
        #expect(pool.counts == WorkCounts(queued: 0, running: 0, finished: 2 * width))
    }

    private func finished(_ pool: WorkerPool, _ count: Int) async {
        while pool.counts.finished < count { await Task.yield() }
    }

    @Test("A function's limit holds while others go on.")
    func limit() async {
        let pool = WorkerPool(width: 4) { $0 == "slow" ? 1 : .max }
        let gate = DispatchSemaphore(value: 0)
        let done = AsyncStream<String>.makeStream()
        for number in 1...3 {
            pool.submit(id(number), function: "slow") {
                gate.wait()
                done.continuation.yield("slow")
            }
        }
        pool.submit(id(9), function: "quick") { done.continuation.yield("quick") }
        var order = done.stream.makeAsyncIterator()
        #expect(await order.next() == "quick")
        #expect(pool.counts.queued == 2)
        for _ in 1...3 { gate.signal() }
        for _ in 1...3 { #expect(await order.next() == "slow") }
    }

    @Test("A cancelled job that waits never runs.")
    func cancel() async {
        let pool = WorkerPool(width: 1)
        let gate = DispatchSemaphore(value: 0)
        let ran = Mutex<[Int]>([])
        for number in 1...3 {
            pool.submit(id(number), function: "f") {
                if number == 1 { gate.wait() }
                ran.withLock { $0.append(number) }
            }
        }
        pool.cancel(id(2))
        gate.signal()
        await finished(pool, 2)
        #expect(ran.withLock { $0 } == [1, 3])
    }

    @Test("Draining waits for what runs and starts nothing more.")
    func drain() async {
        let pool = WorkerPool(width: 1)
        let gate = DispatchSemaphore(value: 0)
        let ran = Mutex<[Int]>([])
        for number in 1...2 {
            pool.submit(id(number), function: "f") {
                gate.wait()
                ran.withLock { $0.append(number) }
            }
        }
        #expect(await pool.drain(within: .milliseconds(20)) == 1)
        gate.signal()
        #expect(await pool.drain(within: .seconds(10)) == 0)
        pool.submit(id(3), function: "f") { ran.withLock { $0.append(3) } }
        #expect(await pool.drain(within: .seconds(10)) == 0)
        #expect(ran.withLock { $0 } == [1])
    }
}
