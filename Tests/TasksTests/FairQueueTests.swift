// The order in which waiting jobs get their turn.

import Testing

@testable import Tasks

@Suite("The fair queue")
struct FairQueueTests {
    /// Takes everything out, finishing each job at once.
    private func drained(_ queue: inout FairQueue<String>) -> [String] {
        var order: [String] = []
        while let (function, job) = queue.next() {
            order.append(job)
            queue.finish(function)
        }
        return order
    }

    @Test("Jobs of one execution keep their order.")
    func fifo() {
        var queue = FairQueue<String> { _ in .max }
        for index in 1...5 { queue.enqueue("a\(index)", function: "f", execution: 1) }
        #expect(drained(&queue) == ["a1", "a2", "a3", "a4", "a5"])
        #expect(queue.count == 0)
    }

    @Test("An execution with many jobs takes turns with those that have few, across functions.")
    func roundRobin() {
        var queue = FairQueue<String> { _ in .max }
        for index in 1...4 { queue.enqueue("a\(index)", function: "f", execution: 1) }
        queue.enqueue("b1", function: "g", execution: 2)
        queue.enqueue("b2", function: "f", execution: 2)
        queue.enqueue("c1", function: "f", execution: 3)
        #expect(drained(&queue) == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"])
    }

    @Test("A latecomer goes next, not after the backlog of others and not before what it never waited for.")
    func latecomer() {
        var queue = FairQueue<String> { _ in .max }
        for index in 1...4 { queue.enqueue("a\(index)", function: "f", execution: 1) }
        for _ in 1...2 { queue.next().map { queue.finish($0.function) } }
        for index in 1...3 { queue.enqueue("b\(index)", function: "f", execution: 2) }
        #expect(drained(&queue) == ["a3", "b1", "a4", "b2", "b3"])
    }

    @Test("A function at its limit holds up nobody but its own callers.")
    func limits() throws {
        var queue = FairQueue<String> { $0 == "slow" ? 1 : .max }
        queue.enqueue("s1", function: "slow", execution: 1)
        queue.enqueue("s2", function: "slow", execution: 2)
        queue.enqueue("q1", function: "quick", execution: 3)
        #expect(queue.next()?.job == "s1")
        #expect(queue.next()?.job == "q1")
        #expect(queue.next() == nil)
        #expect(queue.running("slow") == 1)
        queue.finish("slow")
        #expect(queue.next()?.job == "s2")
    }

    @Test("Removing jobs leaves the order of the others.")
    func removal() {
        var queue = FairQueue<String> { _ in .max }
        for index in 1...9 { queue.enqueue("a\(index)", function: "f", execution: Int64(index % 2)) }
        queue.removeAll { ["a1", "a4", "a9"].contains($0) }
        #expect(queue.count == 6)
        #expect(drained(&queue) == ["a2", "a3", "a5", "a6", "a7", "a8"])
    }

    @Test("However jobs are spread, no execution gets two turns while another that waited gets none.")
    func fairness() {
        var queue = FairQueue<String> { _ in .max }
        var generator = SplitMix(state: 7)
        for index in 0..<3000 {
            let execution = generator.next() % 10
            queue.enqueue("\(execution)", function: "f\(index % 3)", execution: Int64(execution))
        }
        var served: [String: Int] = [:]
        for _ in 0..<1000 {
            guard let (function, job) = queue.next() else { break }
            served[job, default: 0] += 1
            queue.finish(function)
        }
        #expect(served.count == 10)
        #expect(served.values.allSatisfy { $0 == 100 }, "\(served)")
    }
}

/// A small seeded generator.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
