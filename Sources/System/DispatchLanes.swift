// The lanes of a process: Dispatch queues, and threads of low priority for evaluations.

package import Core
import Dispatch
import Glibc
import Synchronization

/// Runs each lane on a serial queue of its own.
package final class DispatchLanes: LaneExecutor {
    private let queues = Mutex<[Lane: DispatchQueue]>([:])
    private let threads = Mutex<[Int: LowPriorityThread]>([:])

    package init() {}

    deinit { for thread in threads.withLock({ $0 }).values { thread.stop() } }

    package func run(on lane: Lane, after milliseconds: Int64, _ work: @escaping @Sendable () -> Void) {
        if case .evaluation(let number) = lane {
            guard milliseconds > 0 else { return thread(number).run(work) }
            let thread = thread(number)
            return DispatchQueue.global().asyncAfter(deadline: Self.deadline(milliseconds)) { thread.run(work) }
        }
        let queue = queue(lane)
        if milliseconds > 0 {
            queue.asyncAfter(deadline: Self.deadline(milliseconds), execute: work)
        } else {
            queue.async(execute: work)
        }
    }

    private static func deadline(_ milliseconds: Int64) -> DispatchTime {
        .now() + .milliseconds(Int(min(milliseconds, 31_536_000_000)))
    }

    private func queue(_ lane: Lane) -> DispatchQueue {
        queues.withLock { queues in
            if let queue = queues[lane] { return queue }
            let queue = DispatchQueue(label: "newel.\(lane)")
            queues[lane] = queue
            return queue
        }
    }

    private func thread(_ number: Int) -> LowPriorityThread {
        threads.withLock { threads in
            if let thread = threads[number] { return thread }
            let thread = LowPriorityThread()
            threads[number] = thread
            return thread
        }
    }
}

/// A detached thread that yields to all others. It begins with its first work.
private final class LowPriorityThread: Sendable {
    /// Deep expressions recurse.
    private static let stackBytes = 16 << 20

    private let state = Mutex(State())
    private let wakeup = DispatchSemaphore(value: 0)

    private struct State {
        var works: [@Sendable () -> Void] = []
        var hasBegun = false
        var isStopped = false
    }

    func run(_ work: @escaping @Sendable () -> Void) {
        let begins = state.withLock { state in
            state.works.append(work)
            defer { state.hasBegun = true }
            return !state.hasBegun
        }
        if begins { start() }
        wakeup.signal()
    }

    /// Ends the thread when its work is done.
    func stop() {
        state.withLock { $0.isStopped = true }
        wakeup.signal()
    }

    private func loop() {
        while true {
            wakeup.wait()
            let work: (@Sendable () -> Void)? = state.withLock { state in
                state.works.isEmpty ? nil : state.works.removeFirst()
            }
            if let work {
                work()
            } else if state.withLock({ $0.isStopped }) {
                return
            }
        }
    }

    private func start() {
        let context = Unmanaged.passRetained(self)
        let result = withUnsafeTemporaryAllocation(of: pthread_attr_t.self, capacity: 1) { attributes -> Int32 in
            guard let attributes = attributes.baseAddress else { return EAGAIN }
            pthread_attr_init(attributes)
            defer { pthread_attr_destroy(attributes) }
            pthread_attr_setstacksize(attributes, Self.stackBytes)
            pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
            var thread: pthread_t = 0
            return pthread_create(
                &thread, attributes,
                { context in
                    // On Linux it is the thread's own; a filter of system calls may refuse it.
                    setpriority(Int32(PRIO_PROCESS.rawValue), 0, 10)
                    if let context { Unmanaged<LowPriorityThread>.fromOpaque(context).takeRetainedValue().loop() }
                    return nil
                }, context.toOpaque())
        }
        if result != 0 {
            let thread = context.takeRetainedValue()
            DispatchQueue.global(qos: .utility).async { thread.loop() }
        }
    }
}
