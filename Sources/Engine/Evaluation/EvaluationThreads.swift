// Threads for evaluations that take longer than the thread of a shard, or of a client, may spend on them.

import Dispatch
import Glibc
import Synchronization

/// A few threads of low priority that run jobs of two lengths. Short jobs come first, and one thread never runs a long
/// one. Among the jobs of one length the keys take turns, so that many jobs of one state machine do not delay those of
/// the others.
final class EvaluationThreads: Sendable {
    /// `thread` counts from 0.
    typealias Job = @Sendable (_ thread: Int) -> Void

    enum Length: Sendable {
        /// About 100 ms.
        case short
        /// About a second.
        case long
    }

    private let count: Int
    private let state: Mutex<State>
    private let wakeups: [DispatchSemaphore]

    private struct State {
        var short = Queue()
        var long = Queue()
        var runningLong = 0
        var parked: [Int] = []
        var started = 0
        var isStopped = false
    }

    /// Jobs by key; the keys in the order of their turns.
    private struct Queue {
        private var keys = Fifo<Int64>()
        private var jobs: [Int64: Fifo<Job>] = [:]
        private(set) var count = 0

        mutating func append(_ job: @escaping Job, key: Int64) {
            count += 1
            if jobs[key] == nil { keys.append(key) }
            jobs[key, default: Fifo()].append(job)
        }

        mutating func next() -> Job? {
            guard let key = keys.popFirst(), let job = jobs[key]?.popFirst() else { return nil }
            count -= 1
            if jobs[key]?.first == nil { jobs[key] = nil } else { keys.append(key) }
            return job
        }
    }

    /// - Parameter count: threads, 2 or more. They begin with the first jobs.
    init(count: Int) {
        self.count = max(2, count)
        state = Mutex(State())
        wakeups = (0..<max(2, count)).map { _ in DispatchSemaphore(value: 0) }
    }

    /// Jobs that wait.
    var waiting: Int { state.withLock { $0.short.count + $0.long.count } }

    /// Runs a job on one of the threads. After `stop` it is dropped.
    func submit(_ length: Length, key: Int64, _ job: @escaping Job) {
        enum Next {
            case nothing
            case wake(Int)
            case start(Int)
        }
        let next: Next = state.withLock { state in
            guard !state.isStopped else { return .nothing }
            switch length {
            case .short: state.short.append(job, key: key)
            case .long: state.long.append(job, key: key)
            }
            if let thread = state.parked.popLast() { return .wake(thread) }
            guard state.started < count else { return .nothing }
            defer { state.started += 1 }
            return .start(state.started)
        }
        switch next {
        case .nothing: break
        case .wake(let thread): wakeups[thread].signal()
        case .start(let thread): LowPriorityThread.start { self.run(thread) }
        }
    }

    /// Drops what waits and ends the threads; what runs is not waited for.
    func stop() {
        let parked = state.withLock { state in
            state.isStopped = true
            state.short = Queue()
            state.long = Queue()
            defer { state.parked = [] }
            return state.parked
        }
        for thread in parked { wakeups[thread].signal() }
    }

    private func run(_ thread: Int) {
        while let next = take(thread) {
            guard let (job, isLong) = next else {
                wakeups[thread].wait()
                continue
            }
            job(thread)
            if isLong { longJobEnded() }
        }
    }

    /// The next job, `nil` within for none yet; `nil` when the threads are to end.
    private func take(_ thread: Int) -> (job: Job, isLong: Bool)?? {
        state.withLock { state in
            if state.isStopped { return .none }
            if let job = state.short.next() { return .some((job, false)) }
            if state.runningLong < count - 1, let job = state.long.next() {
                state.runningLong += 1
                return .some((job, true))
            }
            state.parked.append(thread)
            return .some(nil)
        }
    }

    private func longJobEnded() { state.withLock { $0.runningLong -= 1 } }
}

/// First in, first out.
struct Fifo<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var first: Element? { head < elements.count ? elements[head] : nil }
    var count: Int { elements.count - head }

    mutating func append(_ element: Element) { elements.append(element) }

    /// Puts elements before all others.
    mutating func prepend(_ new: [Element]) {
        elements.replaceSubrange(0..<head, with: new.map { Optional($0) })
        head = 0
    }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head].take()
        head += 1
        forgetPopped()
        return element
    }

    /// Takes out the first `limit` elements.
    mutating func pop(_ limit: Int) -> [Element] {
        let count = min(limit, self.count)
        var popped: [Element] = []
        popped.reserveCapacity(count)
        for place in head..<(head + count) {
            if let element = elements[place].take() { popped.append(element) }
        }
        head += count
        forgetPopped()
        return popped
    }

    private mutating func forgetPopped() {
        if head == elements.count {
            elements.removeAll(keepingCapacity: head <= Self.keptCapacity)
            head = 0
        } else if head * 2 > elements.count, head > 16 {
            elements.removeFirst(head)
            head = 0
        }
    }

    /// Places that an empty queue keeps allocated.
    private static var keptCapacity: Int { 1_024 }
}

/// A detached thread that yields to all others.
enum LowPriorityThread {
    /// Deep expressions recurse.
    private static let stackBytes = 16 << 20

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    static func start(_ body: @escaping @Sendable () -> Void) {
        let context = Unmanaged.passRetained(Body(body))
        let result = withUnsafeTemporaryAllocation(of: pthread_attr_t.self, capacity: 1) { attributes -> Int32 in
            guard let attributes = attributes.baseAddress else { return EAGAIN }
            pthread_attr_init(attributes)
            defer { pthread_attr_destroy(attributes) }
            pthread_attr_setstacksize(attributes, stackBytes)
            pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
            var thread: pthread_t = 0
            return pthread_create(
                &thread, attributes,
                { context in
                    // On Linux it is the thread's own; a filter of system calls may refuse it.
                    setpriority(Int32(PRIO_PROCESS.rawValue), 0, 10)
                    if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                    return nil
                }, context.toOpaque())
        }
        if result != 0 {
            let body = context.takeRetainedValue()
            DispatchQueue.global(qos: .utility).async { body.run() }
        }
    }
}
