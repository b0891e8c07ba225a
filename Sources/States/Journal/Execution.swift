// The live state of an execution: the fold of its events.

package import Core
package import JSON

/// `execution == events.reduce(empty, apply)`. `apply` evaluates no expression, so that a stored history folds the same
/// under every later version of the evaluators.
package struct Execution: Sendable {
    package let identity: Identity
    package internal(set) var status: Status = .created
    package internal(set) var started: ExecutionStarted?
    package internal(set) var startTime = Timestamp(milliseconds: 0)
    /// Id of the newest event, 0 before the first.
    package internal(set) var lastEventID = 0
    /// Timestamp of the newest event.
    package internal(set) var lastEventTime = Timestamp(milliseconds: 0)
    package internal(set) var frames: [FrameID: Frame] = [:]
    /// The iterations of the frames that are in a Map.
    package internal(set) var maps: [FrameID: MapIterations] = [:]
    /// Frames that can go on without the outside world, the next one last.
    package internal(set) var runnable: [FrameID] = []
    var nextFrame: FrameID = 1
    /// The redrives, oldest first.
    package internal(set) var redrives: [Redrive] = []
    /// By how many milliseconds the wall clock is ahead of the engine's clock, which deadlines are given by. Never
    /// stored; see `Surroundings`.
    package var clockOffset: Int64 = 0
    /// A Catcher that has matched and whose fields need more than `Patience.quick`. Never stored: its failure's events
    /// are stored with its own.
    var pendingCatch: PendingCatch?
    /// Output bytes of the branches that have ended, by the frame of their Parallel.
    var branchOutputBytes: [FrameID: Int] = [:]
    /// Size of all variables that live, as JSON text in bytes; a frame counts those that it assigned itself.
    var variableBytes = 0
    /// Size of what the frames hold, each beside what it shares with the one around it, as JSON text in bytes.
    var frameBytes = 0

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

// MARK: - The fold

extension Execution {
    /// Takes one record into the state. Pure: reads nothing but the record and the state.
    package mutating func apply(_ record: JournalRecord) {
        assert(record.id == lastEventID + 1, "event \(record.id) after \(lastEventID)")
        lastEventID = record.id
        lastEventTime = record.timestamp
        record.apply(to: &self)
        if let retry = record.retry { applyRetry(retry) }
    }

    /// The record is the newest of its frame.
    mutating func advanceChain(_ record: JournalRecord) { frames[record.frame]?.lastEvent = record.id }

    /// Changes the task in flight of the record's frame; the record is the newest of the frame.
    mutating func changeTask(_ record: JournalRecord, _ body: (inout Frame.OpenTask) -> Void) {
        change(record.frame) { frame in
            frame.lastEvent = record.id
            guard case .task(var task) = frame.phase else { return }
            body(&task)
            frame.phase = .task(task)
        }
    }

    /// The time of a record by the engine's clock.
    func engineTime(of record: JournalRecord) -> Timestamp {
        record.timestamp.adding(milliseconds: -clockOffset)
    }

    mutating func applyRetry(_ retry: JournalRecord.Retry) {
        dropChildren(of: retry.frame)
        change(retry.frame) { frame in
            frame.lastEvent = retry.previous
            frame.state?.retries[retry.retrier, default: 0] += 1
            frame.phase = .retrying(at: retry.at)
        }
    }

    /// Its retry is due: the state's work begins again.
    mutating func resume(_ id: FrameID) { change(id) { $0.phase = .working } }

    mutating func open(_ frame: Frame) {
        frames[frame.id] = frame
        becomeRunnable(frame.id)
    }

    mutating func becomeRunnable(_ id: FrameID) {
        if runnable.last != id { runnable.append(id) }
    }

    /// A closed execution runs again, with a new end of the machine's `TimeoutSeconds`.
    mutating func reopen(deadline: Timestamp?, _ redrive: Redrive) {
        status = .running
        started?.deadline = deadline
        redrives.append(redrive)
    }

    /// Changes a frame in place, and puts it among those that can go on when it can.
    mutating func change(_ id: FrameID, _ body: (inout Frame) -> Void) {
        guard let index = frames.index(forKey: id) else { return }
        if Self.change(&frames.values[index], maps, frameBytes, body) { becomeRunnable(id) }
    }

    /// Changes a frame and returns whether it can go on. Both in one access: reading it out of `frames` copies it.
    @inline(__always)
    private static func change(
        _ frame: inout Frame, _ maps: [FrameID: MapIterations], _ frameBytes: Int, _ body: (inout Frame) -> Void
    ) -> Bool {
        body(&frame)
        return isRunnable(frame, maps, frameBytes)
    }

    /// What did not succeed keeps its frames as they were: a redrive goes on with them.
    mutating func close(_ status: Status) {
        self.status = status
        runnable = []
        guard case .succeeded = status else { return }
        frames = [:]
        maps = [:]
        branchOutputBytes = [:]
        frameBytes = 0
    }

    /// Ends the frames below a frame, whose outcome no longer counts.
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

    mutating func drop(_ id: FrameID) {
        dropChildren(of: id)
        guard let frame = frames.removeValue(forKey: id) else { return }
        frameBytes -= frame.inputBytes
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

    /// Takes the next frame that can go on; `nil` when all wait.
    @inline(__always)
    mutating func takeRunnable() -> Frame? {
        while let id = runnable.popLast() {
            if let frame = frames[id], isRunnable(frame) { return frame }
        }
        return nil
    }

    /// About how much memory the execution takes, in bytes of JSON text.
    package var heldBytes: Int {
        frameBytes + variableBytes + (started?.input.size ?? 0)
            + (maps.isEmpty ? 0 : maps.values.reduce(0) { $0 + $1.heldBytes })
            + (branchOutputBytes.isEmpty ? 0 : branchOutputBytes.values.reduce(0, +))
    }

    /// Whether `advance` can go on with the frame without the outside world.
    @inline(__always)
    func isRunnable(_ frame: Frame) -> Bool { Self.isRunnable(frame, maps, frameBytes) }

    /// The same from the parts of the execution: a call on the whole while it changes copies it.
    @inline(__always)
    private static func isRunnable(_ frame: Frame, _ maps: [FrameID: MapIterations], _ frameBytes: Int) -> Bool {
        switch frame.phase {
        case .entering, .working, .result: true
        case .parallel(_, let open, _): open == 0
        case .map: maps[frame.id].map { $0.canStart(frameBytes: frameBytes) || $0.isDone } ?? false
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

    /// The tasks that are in flight, by scheduled event.
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
