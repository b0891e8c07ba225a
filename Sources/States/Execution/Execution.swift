// The live state of an execution: the fold of its events.

package import Core
package import Expressions
import JSON

/// `execution == events.reduce(empty, apply)`. `apply` evaluates no expression, so that a stored history folds the same
/// under every later version of the evaluators.
package struct Execution: Sendable {
    package let identity: Identity
    package private(set) var status: Status = .created
    package private(set) var started: ExecutionStarted?
    package private(set) var startTime = Timestamp(milliseconds: 0)
    /// Id of the newest event, 0 before the first.
    package private(set) var lastEventID = 0
    /// Timestamp of the newest event.
    package private(set) var lastEventTime = Timestamp(milliseconds: 0)
    package internal(set) var frames: [FrameID: Frame] = [:]
    /// The iterations of the strands that are in a Map.
    package private(set) var maps: [FrameID: MapIterations] = [:]
    /// Frames that can go on without the outside world, the next one last.
    package internal(set) var runnable: [FrameID] = []
    var nextFrame: FrameID = 1
    /// The redrives, oldest first.
    package private(set) var redrives: [Redrive] = []
    /// By how many milliseconds the wall clock is ahead of the engine's clock, which deadlines are given by. Never
    /// stored; see `Surroundings`.
    package var clockOffset: Int64 = 0
    /// A Catcher that has matched and whose fields need more than `Patience.quick`. Never stored: its failure's events
    /// are stored with its own.
    var pendingCatch: PendingCatch?
    /// Output bytes of the branches that have ended, by the strand of their Parallel.
    private var branchOutputBytes: [FrameID: Int] = [:]
    /// Size of all variables that live, as JSON text in bytes; a strand counts those that it assigned itself.
    private(set) var variableBytes = 0
    /// Size of what the strands hold, each beside what it shares with the one around it, as JSON text in bytes.
    private(set) var strandBytes = 0

    /// What does not change during an execution and stands in its row.
    package struct Identity: Sendable, Equatable {
        /// Number of the execution in the store.
        package var id: Int64
        package var arn: String
        package var name: String
        package var machineARN: String
        package var machineName: String
        /// StartSyncExecution's: its context object has no RedriveCount.
        package var isSynchronous: Bool

        package init(
            id: Int64, arn: String, name: String, machineARN: String, machineName: String, isSynchronous: Bool = false
        ) {
            self.isSynchronous = isSynchronous
            self.id = id
            self.arn = arn
            self.name = name
            self.machineARN = machineARN
            self.machineName = machineName
        }
    }

    package enum Status: Sendable, Equatable {
        /// No event yet.
        case created
        case running
        case succeeded(output: Payload)
        case failed(Failure)
        case aborted(Failure)
        case timedOut(Failure)
    }

    /// One RedriveExecution.
    package struct Redrive: Sendable, Equatable {
        package var time: Timestamp
        package var clientToken: String?
    }

    package init(_ identity: Identity) { self.identity = identity }

    package var isClosed: Bool { status != .created && status != .running }
}

/// One strand of control: the execution itself, a branch or an iteration.
package struct Frame: Sendable {
    package var id: FrameID
    /// The frame whose Parallel or Map this is a branch or iteration of, and which; `nil` for the execution itself.
    package var parent: Parent?
    /// The event that the next one of this strand points back to.
    package var lastEvent: Int
    /// The raw input of the current state.
    package var input: Payload
    /// The current state, `nil` before the first.
    package var state: Visit?
    package var phase: Phase
    /// Every variable that the strand can see, those of the strands around it as they were when it began.
    package var variables: VariableTable = [:]
    /// Sizes of the variables that it has assigned itself.
    var variableBytes: [CodeUnits: Int] = [:]
    /// Size of its input; 0 as long as that is the one of the strand around it.
    var inputBytes = 0

    /// Makes a state's output the input of what comes next, and returns by how many bytes the strand grows. An output
    /// of the size of the input is taken to be the input, which most states that do not change it hand on.
    fileprivate mutating func hold(_ output: Payload) -> Int {
        let size = output.size
        let growth = size == input.size ? 0 : size - inputBytes
        inputBytes += growth
        input = output
        return growth
    }

    package struct Parent: Sendable, Equatable {
        package var frame: FrameID
        package var index: Int
    }

    /// One visit to a state. Retriers count within it and begin anew at the next.
    package struct Visit: Sendable, Equatable {
        package var name: String
        package var type: StateType
        package var enteredEvent: Int
        /// What the Entered event points back to: a failed evaluation behind it points there too (history.md §2).
        package var enteredPrevious: Int
        package var enteredAt: Timestamp
        /// Retries used up, by Retrier.
        package var retries: [Int: Int] = [:]

        /// All retries of this visit: the context object's `State.RetryCount`.
        package var retryCount: Int { retries.values.reduce(0, +) }
    }

    package enum Phase: Sendable, Equatable {
        /// To enter the named state, or the graph's `StartAt` where none is named.
        case entering(String?)
        /// Entered; its work is to be begun (again, after a retry).
        case working
        /// `isDate`: until a point of the calendar; else of the engine's clock.
        case waiting(until: Timestamp, isDate: Bool)
        /// Boxed: it is rare and large, and strands are moved about all the time.
        indirect case task(OpenTask)
        /// The task's result is here; the state is to be left.
        case result(Payload)
        /// A Retrier matched.
        case retrying(at: Timestamp)
        /// Branches run; outputs come in at their index.
        case parallel(children: [FrameID], open: Int, startedEvent: Int)
        /// Iterations run; `Execution.maps` has them.
        case map
        /// The strand has ended with this output.
        case ended(Payload)
    }

    /// A task that has been let out.
    package struct OpenTask: Sendable, Equatable {
        /// Id of the Scheduled event: names the attempt.
        package var scheduledEvent: Int
        package var scheduled: TaskScheduled
        /// When `TimeoutSeconds` run out; `nil` without a timeout, and for an activity's task until a worker has it.
        package var deadline: Timestamp?
        /// When the attempt times out unless its worker is heard of; an activity's from when a worker has it.
        package var heartbeatDeadline: Timestamp?
        package var progress = Progress.scheduled

        package enum Progress: Sendable, Equatable {
            case scheduled
            /// An activity's task that a worker has.
            case taken
            /// The action has answered; the job's end or the token is waited for.
            case submitted
        }
    }
}

// MARK: - The fold

extension Execution {
    /// Takes one event into the state. Pure: looks at nothing but the event and the state.
    package mutating func apply(_ event: Event) {
        assert(event.id == lastEventID + 1, "event \(event.id) after \(lastEventID)")
        lastEventID = event.id
        lastEventTime = event.timestamp
        switch event.kind {
        case .executionStarted(let started): applyStarted(started, event)
        case .executionSucceeded(let output): close(.succeeded(output: output))
        case .executionFailed(let failure): close(.failed(failure))
        case .executionAborted(let failure): close(.aborted(failure))
        case .executionTimedOut(let failure): close(.timedOut(failure))
        case .executionRedriven(let redriven): applyRedriven(redriven, event)
        case .stateEntered(let entered): applyEntered(entered, event)
        case .stateExited(let exited): applyExited(exited, event)
        case .taskScheduled(let scheduled): applyScheduled(scheduled, event)
        case .taskStarted, .taskSubmitFailed, .taskFailed, .taskTimedOut: frames[event.frame]?.lastEvent = event.id
        case .activityStarted: applyProgress(.taken, event)
        case .taskSubmitted: applyProgress(.submitted, event)
        case .taskSucceeded(_, let output):
            change(event.frame) { frame in
                frame.lastEvent = event.id
                frame.phase = .result(output)
            }
        case .parallelStateStarted(let branches, let input): applyParallelStarted(branches, input, event)
        case .parallelStateFailed, .mapStateFailed, .evaluationFailed: frames[event.frame]?.lastEvent = event.id
        case .mapStateStarted(let started): applyMapStarted(started, event)
        case .mapIterationStarted(let iteration, let input): applyIterationStarted(iteration, input, event)
        case .mapIterationSucceeded(let iteration): applyIterationSucceeded(iteration, event)
        // Leaves: they do not advance the chain of `previousEventId` (history.md §2).
        case .stateAborted, .parallelStateSucceeded, .mapStateSucceeded, .mapIterationFailed, .mapIterationAborted:
            break
        }
        if let retry = event.retry { applyRetry(retry) }
    }

    private mutating func applyStarted(_ started: ExecutionStarted, _ event: Event) {
        status = .running
        self.started = started
        startTime = event.timestamp
        // The first state's Entered has previous id 0, not 1 (history.md §2).
        open(Frame(id: 0, parent: nil, lastEvent: 0, input: started.input, state: nil, phase: .entering(nil)))
    }

    private mutating func applyEntered(_ entered: StateEntered, _ event: Event) {
        change(event.frame) { frame in
            frame.input = entered.input
            frame.lastEvent = event.id
            frame.state = Frame.Visit(
                name: entered.name, type: entered.type, enteredEvent: event.id, enteredPrevious: event.previous,
                enteredAt: event.timestamp)
            frame.phase = entered.waitUntil.map { .waiting(until: $0, isDate: entered.waitsForDate) } ?? .working
        }
    }

    private mutating func applyExited(_ exited: StateExited, _ event: Event) {
        dropChildren(of: event.frame)
        assign(exited.assigned, to: event.frame)
        var growth = 0
        change(event.frame) { frame in
            frame.lastEvent = event.id
            growth = frame.hold(exited.output)
            switch exited.transition {
            case .next(let name): frame.phase = .entering(name)
            case .end: frame.phase = .ended(exited.output)
            }
        }
        strandBytes += growth
        if exited.transition == .end { endBranch(event.frame, exited.output.size) }
    }

    private mutating func applyScheduled(_ scheduled: TaskScheduled, _ event: Event) {
        var task = Frame.OpenTask(scheduledEvent: event.id, scheduled: scheduled)
        // The clocks of an activity's task start when a worker takes it (language.md §4, Task).
        if scheduled.family != .activity {
            task.deadline = scheduled.deadline
            task.beat(at: engineTime(of: event))
        }
        change(event.frame) { frame in
            frame.lastEvent = event.id
            frame.phase = .task(task)
        }
    }

    private func engineTime(of event: Event) -> Timestamp { event.timestamp.adding(milliseconds: -clockOffset) }

    private mutating func applyProgress(_ progress: Frame.OpenTask.Progress, _ event: Event) {
        let time = engineTime(of: event)
        change(event.frame) { frame in
            frame.lastEvent = event.id
            guard case .task(var task) = frame.phase else { return }
            task.progress = progress
            if progress == .taken {
                task.deadline = task.scheduled.timeoutSeconds.map { time.adding(seconds: $0) }
                task.beat(at: time)
            }
            frame.phase = .task(task)
        }
    }

    private mutating func applyParallelStarted(_ branches: Int, _ input: Payload, _ event: Event) {
        let children = Array(nextFrame..<nextFrame + branches)
        nextFrame += branches
        change(event.frame) { frame in
            frame.lastEvent = event.id
            frame.phase = .parallel(children: children, open: branches, startedEvent: event.id)
        }
        // The last opened goes on first: opened from behind, the branches run in their order.
        for (index, child) in children.enumerated().reversed() {
            open(
                Frame(
                    id: child, parent: Frame.Parent(frame: event.frame, index: index), lastEvent: event.id,
                    input: input, state: nil, phase: .entering(nil),
                    variables: frames[event.frame]?.variables ?? [:]))
        }
    }

    private mutating func applyMapStarted(_ started: MapStateStarted, _ event: Event) {
        maps[event.frame] = MapIterations(started)
        change(event.frame) { frame in
            frame.lastEvent = event.id
            frame.phase = .map
            // ItemSelector reads the input once for each item: an input from the store is parsed here and now.
            frame.input = frame.input.withValue
        }
    }

    private mutating func applyIterationStarted(_ iteration: MapIteration, _ input: Payload, _ event: Event) {
        let child = nextFrame
        nextFrame += 1
        maps[event.frame]?.start(child)
        frames[child] = Frame(
            id: child, parent: Frame.Parent(frame: event.frame, index: iteration.index), lastEvent: event.id,
            input: input, state: nil, phase: .entering(nil), variables: frames[event.frame]?.variables ?? [:],
            inputBytes: input.size)
        strandBytes += input.size
        // After all that can go on already, so that the iterations run in the order of their items.
        runnable.insert(child, at: 0)
    }

    private mutating func applyIterationSucceeded(_ iteration: MapIteration, _ event: Event) {
        guard let child = frames[event.frame], let parent = child.parent?.frame, case .ended(let output) = child.phase
        else { return }
        drop(event.frame)
        // What is in no store is held, however large.
        maps[parent]?.finish(iteration.index, output, exitEvent: child.lastEvent, holdsAll: identity.isSynchronous)
        let isDone = maps[parent]?.isDone ?? false
        // The next iteration's Started points to the event before this one, Succeeded and Exited of the whole Map to
        // this one when it is the last (history.md §2).
        change(parent) { $0.lastEvent = isDone ? event.id : child.lastEvent }
    }

    /// Takes the variables that a state has assigned into its strand.
    private mutating func assign(_ assigned: [AssignedVariable], to id: FrameID) {
        guard !assigned.isEmpty, var frame = frames[id] else { return }
        frames[id] = nil
        for variable in assigned {
            frame.variables[variable.name] = variable.value.value
            variableBytes +=
                variable.value.size
                - (frame.variableBytes.updateValue(variable.value.size, forKey: CodeUnits(variable.name)) ?? 0)
        }
        frames[id] = frame
    }

    mutating func applyRetry(_ retry: Event.Retry) {
        dropChildren(of: retry.frame)
        change(retry.frame) { frame in
            frame.lastEvent = retry.previous
            frame.state?.retries[retry.retrier, default: 0] += 1
            frame.phase = .retrying(at: retry.at)
        }
    }

    /// A branch has ended: its Parallel goes on when it was the last.
    private mutating func endBranch(_ frame: FrameID, _ outputBytes: Int) {
        guard let child = frames[frame], let parent = child.parent?.frame,
            case .parallel(let children, let open, let startedEvent)? = frames[parent]?.phase
        else { return }
        branchOutputBytes[parent, default: 0] += outputBytes
        frames[parent]?.phase = .parallel(children: children, open: open - 1, startedEvent: startedEvent)
        if open == 1 {
            // Succeeded and Exited point to the last event of the branch that finished last (history.md §2).
            frames[parent]?.lastEvent = child.lastEvent
            becomeRunnable(parent)
        }
    }

    /// Its retry is due: the state's work begins again.
    mutating func resume(_ id: FrameID) { change(id) { $0.phase = .working } }

    private mutating func open(_ frame: Frame) {
        frames[frame.id] = frame
        becomeRunnable(frame.id)
    }

    private mutating func becomeRunnable(_ id: FrameID) {
        if runnable.last != id { runnable.append(id) }
    }

    /// A closed execution runs again, with a new end of the machine's `TimeoutSeconds`.
    mutating func reopen(deadline: Timestamp?, _ redrive: Redrive) {
        status = .running
        started?.deadline = deadline
        redrives.append(redrive)
    }

    /// Changes a strand in place, and puts it among those that can go on when it can.
    mutating func change(_ id: FrameID, _ body: (inout Frame) -> Void) {
        guard let index = frames.index(forKey: id) else { return }
        if Self.change(&frames.values[index], maps, strandBytes, body) { becomeRunnable(id) }
    }

    /// Changes a strand and returns whether it can go on. Both in one access: reading it out of `frames` copies it.
    @inline(__always)
    private static func change(
        _ frame: inout Frame, _ maps: [FrameID: MapIterations], _ strandBytes: Int, _ body: (inout Frame) -> Void
    ) -> Bool {
        body(&frame)
        return isRunnable(frame, maps, strandBytes)
    }

    /// What did not succeed keeps its strands as they were: a redrive goes on with them.
    private mutating func close(_ status: Status) {
        self.status = status
        runnable = []
        guard case .succeeded = status else { return }
        frames = [:]
        maps = [:]
        branchOutputBytes = [:]
        strandBytes = 0
    }

    /// Ends the strands below a frame, whose outcome no longer counts.
    mutating func dropChildren(of id: FrameID) {
        switch frames[id]?.phase {
        case .parallel(let children, _, _)?:
            for child in children { drop(child) }
            branchOutputBytes[id] = nil
        case .map?:
            for child in maps[id]?.running.values.map({ $0 }) ?? [] { drop(child) }
            maps[id] = nil
        default: return
        }
        let live = frames
        runnable.removeAll { live[$0] == nil }
    }

    private mutating func drop(_ id: FrameID) {
        dropChildren(of: id)
        guard let frame = frames.removeValue(forKey: id) else { return }
        strandBytes -= frame.inputBytes
        if !frame.variableBytes.isEmpty { variableBytes -= frame.variableBytes.values.reduce(0, +) }
    }

    /// Bytes of the outputs of a Map's iterations, or a Parallel's branches, that have ended.
    func outputBytes(of parent: FrameID) -> Int { maps[parent]?.outputBytes ?? branchOutputBytes[parent] ?? 0 }

    /// Ids of the StateExited events whose outputs a Map needs and this value does not hold, in ascending order.
    package var storedOutputs: [Int] { maps.values.flatMap(\.storedOutputs).sorted() }

    /// Takes outputs that were read from the store, by the id of their StateExited event.
    package mutating func supply(_ outputs: [Int: Payload]) {
        for id in maps.keys { maps[id]?.supply(outputs) }
    }

    /// Parses the execution's input unless that has been done.
    mutating func parseInput() {
        guard let input = started?.input, !input.isParsed else { return }
        started?.input = input.withValue
    }

    /// Takes the next strand that can go on; `nil` when all wait.
    @inline(__always)
    mutating func takeRunnable() -> Frame? {
        while let id = runnable.popLast() {
            if let frame = frames[id], isRunnable(frame) { return frame }
        }
        return nil
    }

    /// About how much memory the execution takes, in bytes of JSON text.
    package var heldBytes: Int {
        strandBytes + variableBytes + (started?.input.size ?? 0)
            + (maps.isEmpty ? 0 : maps.values.reduce(0) { $0 + $1.heldBytes })
            + (branchOutputBytes.isEmpty ? 0 : branchOutputBytes.values.reduce(0, +))
    }

    /// Whether `advance` can go on with the strand without the outside world.
    @inline(__always)
    func isRunnable(_ frame: Frame) -> Bool { Self.isRunnable(frame, maps, strandBytes) }

    /// The same from the parts of the execution: a call on the whole while it changes copies it.
    @inline(__always)
    private static func isRunnable(_ frame: Frame, _ maps: [FrameID: MapIterations], _ strandBytes: Int) -> Bool {
        switch frame.phase {
        case .entering, .working, .result: true
        case .parallel(_, let open, _): open == 0
        case .map: maps[frame.id].map { $0.canStart(strandBytes: strandBytes) || $0.isDone } ?? false
        case .waiting, .task, .retrying, .ended: false
        }
    }
}

// MARK: - What an execution waits for

extension Execution {
    /// The next point in time at which `advance` has something to do; `nil` when no timer runs.
    package var nextWake: Timestamp? {
        guard status == .running else { return nil }
        return frames.values.reduce(started?.deadline) { earliest, frame in
            guard let time = frame.wake(clockOffset: clockOffset) else { return earliest }
            return earliest.map { min($0, time) } ?? time
        }
    }

    /// The tasks that have been let out and have no outcome, by scheduled event.
    package var openTasks: [Frame.OpenTask] {
        guard status == .running else { return [] }
        return frames.values.compactMap { if case .task(let task) = $0.phase { task } else { nil } }
            .sorted { $0.scheduledEvent < $1.scheduledEvent }
    }

    /// A worker was last heard of then. Kept beside the events, which do not tell (api.md §4, SendTaskHeartbeat).
    package mutating func heard(of scheduledEvent: Int, at time: Timestamp) {
        for index in frames.values.indices {
            guard case .task(var task) = frames.values[index].phase, task.scheduledEvent == scheduledEvent else {
                continue
            }
            task.beat(at: time)
            frames.values[index].phase = .task(task)
        }
    }
}

extension Frame.OpenTask {
    /// Begins the heartbeat clock anew.
    fileprivate mutating func beat(at time: Timestamp) {
        heartbeatDeadline = scheduled.heartbeatSeconds.map { time.adding(seconds: $0) }
    }
}

extension Frame {
    /// When this strand wants to be woken, by the engine's clock.
    func wake(clockOffset: Int64) -> Timestamp? {
        switch phase {
        case .waiting(let until, let isDate): isDate ? until.adding(milliseconds: -clockOffset) : until
        case .retrying(let at): at
        case .task(let task):
            switch (task.deadline, task.heartbeatDeadline) {
            case (let deadline?, let heartbeat?): min(deadline, heartbeat)
            case (let deadline, let heartbeat): deadline ?? heartbeat
            }
        case .entering, .working, .result, .parallel, .map, .ended: nil
        }
    }
}
