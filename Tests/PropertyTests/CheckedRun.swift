// A run of the interpreter of production, driven by chance, and its history as strands.

import Core
import Expressions
import JSON
import States

struct CheckedRun {
    private(set) var execution: Execution
    private(set) var events: [JournalRecord] = []
    private let machine: StateMachine
    private var now = Timestamp(milliseconds: 1_700_000_000_000)
    private var chance: Chance
    private let seed: UInt64

    /// Runs the definition to its end; tasks that are open at once end in an order of chance.
    init(_ machine: StateMachine, input: JSONValue, seed: UInt64, schedule: UInt64) {
        self.machine = machine
        self.seed = seed
        chance = Chance(seed: schedule)
        execution = Execution(
            Execution.Identity(
                id: 1, arn: "arn:aws:states:us-east-1:000000000000:execution:m:e", name: "e",
                machineARN: "arn:aws:states:us-east-1:000000000000:stateMachine:m", machineName: "m"))
        take(.start(input: Payload(input), roleARN: "arn:aws:iam::000000000000:role/r", seed: seed))
        while execution.status == .running, events.count < 20_000 { step() }
    }

    private mutating func take(_ stimulus: Stimulus) {
        events += advance(&execution, stimulus, machine: machine, now: now).events
    }

    private mutating func step() {
        if execution.hasWork { return take(.proceed) }
        let open = execution.openTasks.compactMap { task in ending(of: task).map { (task, $0) } }
        // Time goes on only when nothing else can: so it is the tasks that hang that time out, and no others.
        guard !open.isEmpty else {
            guard let wake = execution.nextWake else { preconditionFailure("it waits for nothing") }
            now = max(now, wake)
            return take(.wake)
        }
        let (task, scripted) = open[chance.number(below: open.count)]
        switch scripted {
        case .succeeds(let value): take(.taskSucceeded(task: task.scheduledEvent, output: Payload(value)))
        case .fails(let error, let cause):
            take(.taskFailed(task: task.scheduledEvent, Failure(error: error, cause: cause)))
        case .hangs: preconditionFailure("nothing comes of it")
        }
    }

    /// `nil` for a task that hangs.
    private func ending(of task: Frame.OpenTask) -> ScriptedOutcome? {
        guard let visit = execution.frames[events[task.scheduledEvent - 1].frame]?.state else { return nil }
        let scripted = ScriptedOutcome.of(
            seed, visit.name, task.scheduled.input.text, attempt: visit.retryCount,
            canTimeOut: task.scheduled.timeoutSeconds != nil)
        if case .hangs = scripted { return nil }
        return scripted
    }

    // MARK: - The history as strands

    /// The steps of the topmost strand.
    var steps: [Step] {
        var builder = StrandBuilder()
        for event in events { builder.take(event) }
        return builder.steps(of: 0)
    }

    /// What must be true of any history.
    var violations: [String] {
        var found: [String] = []
        if events.map(\.id) != Array(1...max(1, events.count)) { found.append("ids are not 1, 2, 3 …") }
        if let event = events.first(where: { $0.previous >= $0.id || $0.previous < 0 }) {
            found.append("event \(event.id) points to \(event.previous)")
        }
        if events.filter(\.kind.isTerminal).count != 1 || events.last?.kind.isTerminal != true {
            found.append("not one terminal event at the end")
        }
        var folded = Execution(execution.identity)
        for event in events { folded.apply(event) }
        if folded.status != execution.status { found.append("the fold is \(folded.status)") }
        return found
    }
}

/// Sorts the events of a history by strand.
private struct StrandBuilder {
    private enum Entry {
        case step(Step)
        case children([FrameID])
    }

    private var strands: [FrameID: [Entry]] = [0: []]
    private var nextFrame = 1

    mutating func take(_ event: JournalRecord) {
        switch event.kind {
        case .executionStarted, .executionSucceeded, .executionFailed, .executionAborted, .executionTimedOut: return
        // Leaves that say how a strand was left are not steps of it.
        case .stateAborted, .mapIterationSucceeded, .mapIterationFailed, .mapIterationAborted: return
        case .parallelStateStarted(let started):
            append(.step(.event("ParallelStateStarted", "", "")), to: event.frame)
            append(.children(Array(nextFrame..<nextFrame + started.branches)), to: event.frame)
            nextFrame += started.branches
        case .mapStateStarted(let started):
            append(.step(.event("MapStateStarted", "\(started.length)", "")), to: event.frame)
            append(.children([]), to: event.frame)
        case .mapIterationStarted:
            addChild(nextFrame, to: event.frame)
            nextFrame += 1
        default: append(.step(Self.step(event.kind)), to: event.frame)
        }
    }

    private mutating func append(_ entry: Entry, to frame: FrameID) { strands[frame, default: []].append(entry) }

    private mutating func addChild(_ child: FrameID, to frame: FrameID) {
        guard let place = strands[frame]?.lastIndex(where: { if case .children = $0 { true } else { false } }),
            case .children(let children)? = strands[frame]?[place]
        else { return }
        strands[frame]?[place] = .children(children + [child])
    }

    func steps(of frame: FrameID) -> [Step] {
        (strands[frame] ?? []).map { entry in
            switch entry {
            case .step(let step): step
            case .children(let children): .strands(children.map { steps(of: $0) })
            }
        }
    }

    private static func step(_ kind: RecordKind) -> Step {
        switch kind {
        case .stateEntered(let entered): return .event(kind.history.typeName, entered.name, entered.input.text)
        case .stateExited(let exited):
            let shown = exited.assigned.map { "\($0.name)=\($0.value.text)" }.joined(separator: ";")
            return .event(kind.history.typeName, exited.name + (shown.isEmpty ? "" : " " + shown), exited.output.text)
        case .taskScheduled(let scheduled): return .event(kind.history.typeName, "", scheduled.input.text)
        case .taskSucceeded(let succeeded): return .event(kind.history.typeName, "", succeeded.output.text)
        case .taskFailed(let failed): return step(kind, failed.failure)
        case .taskTimedOut(let timedOut): return step(kind, timedOut.failure)
        default: return .event(kind.history.typeName, "", "")
        }
    }

    private static func step(_ kind: RecordKind, _ failure: Failure) -> Step {
        .event(kind.history.typeName, failure.error ?? "", failure.cause ?? "")
    }
}
