// Tasks that wait for workers, and workers that wait for tasks.

import Core
import JSON
import States
import Synchronization

/// Brings the tasks of each activity together with the workers that ask for them, first come, first served. Neither
/// side costs a thread. Nothing here outlives the process: tasks are open in the store, and come again at the next
/// start.
final class ActivityQueues: Sendable {
    typealias Completion = @Sendable (Result<ActivityTask?, ServiceError>) -> Void

    private let state = Mutex(State())
    private let runtime: Runtime
    private let replies: PendingReplies
    private let tokens: TaskTokens
    private let mostPollers: Int
    private let pollMilliseconds: Int64
    private let outlet = Mutex(Outlet())

    /// A struct, since a closure that is a Mutex's own value is wrapped once more each time that it is read.
    private struct Outlet {
        /// Puts a report into the shard of its execution.
        var report: (@Sendable (TaskReport) -> Void)?
    }

    fileprivate struct Poll {
        var number: Int
        var arn: String
        var workerName: String?
        var deadline: MonotonicTime
        var reply: Completion
    }

    fileprivate struct Queue {
        var tasks = Fifo<TaskID>()
        var polls = Fifo<Int>()
        /// How many of `polls` still wait.
        var waiting = 0
    }

    fileprivate struct State {
        var queues: [CodeUnits: Queue] = [:]
        /// What waits for a worker.
        var tasks: [TaskID: TaskInvocation] = [:]
        /// What a worker has taken and has not been sent yet.
        var handedOut: [TaskID: TaskInvocation] = [:]
        var polls: [Int: Poll] = [:]
        /// All polls wait equally long: the oldest ends first.
        var deadlines = Fifo<(number: Int, at: MonotonicTime)>()
        var lastPoll = 0
        var isTicking = false
        var closed: ServiceError?
    }

    init(tokens: TaskTokens, mostPollers: Int, pollMilliseconds: Int64, runtime: Runtime, replies: PendingReplies) {
        self.replies = replies
        self.runtime = runtime
        self.tokens = tokens
        self.mostPollers = mostPollers
        self.pollMilliseconds = max(0, pollMilliseconds)
    }

    /// Names where reports go; before that no task is given out.
    func connect(_ report: @escaping @Sendable (TaskReport) -> Void) { outlet.withLock { $0.report = report } }

    /// How many workers and how many tasks wait.
    var load: (pollers: Int, tasks: Int) { state.withLock { ($0.polls.count, $0.tasks.count) } }

    /// How many workers wait.
    var pollCount: Int { state.withLock { $0.polls.count } }

    // MARK: - Tasks

    /// A task wants a worker. One that is here already is not taken twice.
    func offer(_ task: TaskInvocation) {
        let arn = task.scheduled.resource
        state.withLock { state in
            guard state.handedOut[task.id] == nil, state.tasks.updateValue(task, forKey: task.id) == nil else { return }
            state.queues[CodeUnits(arn), default: Queue()].tasks.append(task.id)
        }
        bringTogether(arn)
    }

    /// The attempt no longer counts.
    func withdraw(_ id: TaskID) {
        state.withLock { state in
            state.tasks[id] = nil
            state.handedOut[id] = nil
        }
    }

    /// Whether the worker that took a task has been sent it.
    func sent(_ id: TaskID, reached: Bool) {
        let task = state.withLock { $0.handedOut.removeValue(forKey: id) }
        guard !reached, let task else { return }
        offer(task)
    }

    // MARK: - Workers

    func poll(arn: String, workerName: String?, reply: @escaping Completion) -> Int? {
        let deadline = runtime.clock.monotonic().adding(milliseconds: pollMilliseconds)
        let refusal: ServiceError?
        let number: Int
        (refusal, number) = state.withLock { state in
            if let closed = state.closed { return (closed, 0) }
            guard state.queues[CodeUnits(arn), default: Queue()].waiting < mostPollers else {
                return (.tooManyPollers(arn), 0)
            }
            state.lastPoll += 1
            let poll = Poll(
                number: state.lastPoll, arn: arn, workerName: workerName, deadline: deadline, reply: reply)
            state.add(poll)
            state.deadlines.append((poll.number, deadline))
            return (nil, poll.number)
        }
        if let refusal {
            reply(.failure(refusal))
            return nil
        }
        bringTogether(arn)
        tick()
        return number
    }

    /// The worker has gone.
    func giveUp(_ number: Int) { state.withLock { _ = $0.remove(number) } }

    /// Ends the waits for one activity.
    func dismissPollers(of arn: String, _ reason: ServiceError) {
        let dismissed = state.withLock { state in
            state.polls.values.filter { CodeUnits($0.arn) == CodeUnits(arn) }.map(\.number).sorted()
                .compactMap { state.remove($0) }
        }
        for poll in dismissed { poll.reply(.failure(reason)) }
    }

    /// Ends all waits and takes no more.
    func close(_ reason: ServiceError) {
        let dismissed = state.withLock { state in
            state.closed = reason
            return state.polls.keys.sorted().compactMap { state.remove($0) }
        }
        for poll in dismissed { poll.reply(.failure(reason)) }
    }

    // MARK: - Bringing together

    private func bringTogether(_ arn: String) {
        while let (task, poll) = state.withLock({ $0.next(arn) }) { start(task, poll) }
    }

    /// The worker gets the task when the store has it that it did.
    private func start(_ task: TaskInvocation, _ poll: Poll) {
        let stimulus = Stimulus.activityStarted(task: task.scheduledEvent, workerName: poll.workerName)
        let caller = replies.register { [self] reply in started(task, poll, reply.error) }
        let report = TaskReport(task: task.id, stimulus: stimulus, scope: nil, replyTo: caller)
        outlet.withLock { $0.report }?(report)
    }

    private func started(_ task: TaskInvocation, _ poll: Poll, _ error: ServiceError?) {
        guard let error else {
            let token = tokens.token(of: task.id)
            return poll.reply(
                .success(ActivityTask(id: task.id, token: token, input: task.scheduled.input.text)))
        }
        withdraw(task.id)
        switch error.code {
        case .taskTimedOut, .taskDoesNotExist: putBack(poll)
        // The store could not take it; the shard offers the task again.
        default: poll.reply(.failure(error))
        }
    }

    private func putBack(_ poll: Poll) {
        let isOver = state.withLock { state in
            if state.closed != nil || poll.deadline <= runtime.clock.monotonic() { return true }
            state.add(poll)
            return false
        }
        if isOver { poll.reply(.success(nil)) } else { bringTogether(poll.arn) }
    }

    // MARK: - Time

    private func tick() {
        let next: MonotonicTime? = state.withLock { state in
            guard !state.isTicking, let first = state.deadlines.first else { return nil }
            state.isTicking = true
            return first.at
        }
        guard let next else { return }
        // Rounded up: a poll ends at its deadline, not before.
        let delay = max(0, (next - runtime.clock.monotonic() + 999_999) / 1_000_000)
        runtime.executor.run(on: .timers, after: delay) { [weak self] in self?.expire() }
    }

    private func expire() {
        let now = runtime.clock.monotonic()
        let over = state.withLock { state in
            state.isTicking = false
            var over: [Poll] = []
            while let first = state.deadlines.first, first.at <= now {
                _ = state.deadlines.popFirst()
                if let poll = state.remove(first.number) { over.append(poll) }
            }
            return over
        }
        for poll in over { poll.reply(.success(nil)) }
        tick()
    }
}

extension ActivityQueues.State {
    fileprivate mutating func add(_ poll: ActivityQueues.Poll) {
        polls[poll.number] = poll
        queues[CodeUnits(poll.arn), default: ActivityQueues.Queue()].polls.append(poll.number)
        queues[CodeUnits(poll.arn)]?.waiting += 1
    }

    fileprivate mutating func remove(_ number: Int) -> ActivityQueues.Poll? {
        guard let poll = polls.removeValue(forKey: number) else { return nil }
        queues[CodeUnits(poll.arn)]?.waiting -= 1
        return poll
    }

    /// The next task and the next worker; neither is taken alone. What has gone meanwhile is passed over.
    fileprivate mutating func next(_ arn: String) -> (TaskInvocation, ActivityQueues.Poll)? {
        // Taken out while it is changed, so that it is not copied.
        guard var queue = queues.removeValue(forKey: CodeUnits(arn)) else { return nil }
        defer { queues[CodeUnits(arn)] = queue }
        while let id = queue.tasks.first, tasks[id] == nil { _ = queue.tasks.popFirst() }
        while let number = queue.polls.first, polls[number] == nil { _ = queue.polls.popFirst() }
        guard let id = queue.tasks.first, let number = queue.polls.first,
            let task = tasks.removeValue(forKey: id), let poll = polls.removeValue(forKey: number)
        else { return nil }
        _ = queue.tasks.popFirst()
        _ = queue.polls.popFirst()
        queue.waiting -= 1
        handedOut[id] = task
        return (task, poll)
    }
}

extension ServiceError {
    fileprivate static func tooManyPollers(_ arn: String) -> ServiceError {
        ServiceError(
            .activityWorkerLimitExceeded,
            "Activity Worker Limit Exceeded: 'The maximum number of workers polls for tasks of \(arn)'")
    }
}
