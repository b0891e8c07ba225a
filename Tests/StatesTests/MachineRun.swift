// Runs a definition under `advance` with scripted task outcomes, and writes its history as `id<previous:Type`.

import Core
import JSON
import States
import Testing

struct MachineRun {
    var execution: Execution
    let machine: StateMachine
    var now = Timestamp(milliseconds: 1_700_000_000_000)
    var limits = Limits()
    var surroundings = Surroundings()
    var events: [JournalRecord] = []
    var effects: [Effect] = []
    /// Heartbeats, which are no events.
    private var heard: [(task: Int, at: Timestamp)] = []

    init(
        _ definition: String, input: String = "{}", limits: Limits = Limits(),
        surroundings: Surroundings = Surroundings()
    ) throws {
        self.surroundings = surroundings
        let (machine, diagnostics) = StateMachine.compile(definition, type: .standard, limits: limits)
        self.machine = try #require(machine, "\(diagnostics)")
        self.limits = limits
        execution = Execution(
            Execution.Identity(
                id: 1, arn: "arn:aws:states:us-east-1:000000000000:execution:m:e", name: "e",
                machineARN: "arn:aws:states:us-east-1:000000000000:stateMachine:m", machineName: "m"))
        take(
            .start(
                input: Payload(text: input, value: try JSONValue.parse(input)),
                roleARN: "arn:aws:iam::000000000000:role/r", seed: 1))
    }

    mutating func take(_ stimulus: Stimulus) {
        let done = advance(&execution, stimulus, machine: machine, now: now, surroundings: surroundings, limits: limits)
        events += done.events
        effects += done.effects
        // The live state is the fold of the events, at every point.
        var folded = Execution(execution.identity)
        for event in events { folded.apply(event) }
        #expect(folded.status == execution.status)
        #expect(folded.lastEventID == execution.lastEventID)
        if case .taskHeartbeat(let task) = stimulus { heard.append((task, now)) }
        for heartbeat in heard { folded.heard(of: heartbeat.task, at: heartbeat.at) }
        #expect(folded.frames.mapValues(\.phase) == execution.frames.mapValues(\.phase))
        #expect(folded.frames.mapValues(\.lastEvent) == execution.frames.mapValues(\.lastEvent))
        #expect(folded.hasWork == execution.hasWork)
        #expect(folded.mismatch(with: machine) == nil)
    }

    /// Waits until the next timer and lets it fire.
    mutating func sleep() throws {
        now = try #require(execution.nextWake)
        take(.wake)
    }

    /// Ends the oldest open task.
    mutating func succeed(_ output: JSONValue = [:]) throws {
        let task = try #require(execution.openTasks.first)
        take(.taskSucceeded(task: task.scheduledEvent, output: Payload(output)))
    }

    mutating func fail(_ error: String?, _ cause: String? = nil, task: Int? = nil) throws {
        let id = try #require(task ?? execution.openTasks.first?.scheduledEvent)
        take(.taskFailed(task: id, Failure(error: error, cause: cause)))
    }

    /// `1<0:ExecutionStarted 2<0:PassStateEntered …`
    var history: String { events.map { "\($0.id)<\($0.previous):\($0.kind.history.typeName)" }.joined(separator: " ") }

    var output: String? { if case .succeeded(let output) = execution.status { output.text } else { nil } }

    var failure: Failure? { if case .failed(let failure) = execution.status { failure } else { nil } }
}
