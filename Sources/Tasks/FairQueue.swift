// The order in which waiting jobs get a slot: fair between executions, within a limit for each function.

/// Self-clocked fair queueing. A job's round is one after the last round of its execution, and never before the round
/// that is being served; the lowest round goes first. So an execution with a thousand waiting jobs and one with a
/// single job take turns, at O(log n) a job, whatever functions they call.
struct FairQueue<Job> {
    struct Entry {
        var round: UInt64
        var sequence: UInt64
        var execution: Int64
        var job: Job

        static func before(_ left: Entry, _ right: Entry) -> Bool {
            (left.round, left.sequence) < (right.round, right.sequence)
        }
    }

    private struct Rounds {
        var last: UInt64
        var waiting: Int
    }

    private struct Lane {
        var entries: [Entry] = []
        var running = 0
    }

    private var lanes: [String: Lane] = [:]
    private var executions: [Int64: Rounds] = [:]
    private var round: UInt64 = 0
    private var sequence: UInt64 = 0
    private let limit: (String) -> Int

    private(set) var count = 0

    /// `limit` returns how many jobs of a function may run at once.
    init(limit: @escaping (String) -> Int) {
        self.limit = limit
    }

    func running(_ function: String) -> Int { lanes[function]?.running ?? 0 }

    mutating func enqueue(_ job: Job, function: String, execution: Int64) {
        var rounds = executions[execution] ?? Rounds(last: 0, waiting: 0)
        rounds.last = max(rounds.last, round) + 1
        rounds.waiting += 1
        executions[execution] = rounds
        sequence += 1
        let entry = Entry(round: rounds.last, sequence: sequence, execution: execution, job: job)
        lanes[function, default: Lane()].entries.push(entry)
        count += 1
    }

    /// The next job that may run; its function counts as running until `finish`.
    mutating func next() -> (function: String, job: Job)? {
        guard count > 0 else { return nil }
        var best: (function: String, entry: Entry)?
        for (function, lane) in lanes {
            guard let head = lane.entries.first, lane.running < limit(function) else { continue }
            if let found = best, !Entry.before(head, found.entry) { continue }
            best = (function, head)
        }
        guard let (function, entry) = best else { return nil }
        lanes[function]?.running += 1
        _ = lanes[function]?.entries.pop()
        settle(entry)
        return (function, entry.job)
    }

    mutating func finish(_ function: String) {
        guard var lane = lanes[function] else { return }
        lane.running -= 1
        assert(lane.running >= 0, "a job of \(function) finished twice")
        lanes[function] = lane.running == 0 && lane.entries.isEmpty ? nil : lane
    }

    /// Takes out every waiting job for which `condition` holds.
    mutating func removeAll(where condition: (Job) -> Bool) {
        for (function, lane) in lanes {
            let kept = lane.entries.filter { !condition($0.job) }
            guard kept.count < lane.entries.count else { continue }
            for entry in lane.entries where condition(entry.job) { leave(entry.execution) }
            // Sorted entries are a heap.
            lanes[function]?.entries = kept.sorted(by: Entry.before)
            if kept.isEmpty && lane.running == 0 { lanes[function] = nil }
        }
    }

    private mutating func settle(_ entry: Entry) {
        round = max(round, entry.round)
        leave(entry.execution)
    }

    private mutating func leave(_ execution: Int64) {
        count -= 1
        executions[execution]?.waiting -= 1
        if executions[execution]?.waiting == 0 { executions[execution] = nil }
    }
}

extension Array {
    /// Adds to a binary heap ordered by `FairQueue.Entry.before`.
    fileprivate mutating func push<Job>(_ entry: Element) where Element == FairQueue<Job>.Entry {
        append(entry)
        var child = count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard Element.before(self[child], self[parent]) else { return }
            swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the first entry off a binary heap.
    fileprivate mutating func pop<Job>() -> Element? where Element == FairQueue<Job>.Entry {
        guard let first else { return nil }
        let last = removeLast()
        guard !isEmpty else { return first }
        self[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < count && Element.before(self[child], self[least]) {
                least = child
            }
            guard least != parent else { return first }
            swapAt(parent, least)
            parent = least
        }
    }
}
