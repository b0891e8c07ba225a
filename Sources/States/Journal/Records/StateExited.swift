// StateExited: a frame has left a state with an output (history.md §1).

import Core
import Expressions
package import JSON

package struct StateExited: Sendable, Equatable {
    package var type: StateType
    package var name: String
    package var output: Payload
    /// The next state. Not shown by AWS, where the next event tells it.
    package var transition: Transition
    /// The variables that the state has assigned, in the order of the definition.
    package var assigned: [AssignedVariable]

    package init(
        type: StateType, name: String, output: Payload, transition: Transition, assigned: [AssignedVariable] = []
    ) {
        self.type = type
        self.name = name
        self.output = output
        self.transition = transition
        self.assigned = assigned
    }
}

package struct AssignedVariable: Sendable, Equatable {
    package var name: String
    package var value: Payload

    package init(name: String, value: Payload) {
        self.name = name
        self.value = value
    }
}

extension StateExited: RecordBody {
    var tag: RecordTag { assigned.isEmpty ? .stateExited : .stateExitedAssigning }
    var payloadBytes: Int { assigned.reduce(output.size) { $0 + $1.value.size } }

    func encode(to encoder: inout RecordEncoder) {
        encoder.type(type)
        encoder.string(name)
        encoder.payload(output)
        encoder.transition(transition)
        guard !assigned.isEmpty else { return }
        encoder.int(assigned.count)
        for variable in assigned {
            encoder.string(variable.name)
            encoder.payload(variable.value)
        }
    }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {
        self.init(
            type: try decoder.type(), name: try decoder.string(), output: try decoder.payload(),
            transition: try decoder.transition())
        guard decoder.tag == .stateExitedAssigning else { return }
        for _ in 0..<(try decoder.count(within: 1...100_000, "variables")) {
            assigned.append(AssignedVariable(name: try decoder.string(), value: try decoder.payload()))
        }
    }

    func apply(to execution: inout Execution, _ record: JournalRecord) {
        execution.dropChildren(of: record.frame)
        execution.assign(assigned, to: record.frame)
        var growth = 0
        execution.change(record.frame) { frame in
            frame.lastEvent = record.id
            growth = frame.hold(output)
            switch transition {
            case .next(let name): frame.phase = .entering(name)
            case .end: frame.phase = .ended(output)
            }
        }
        execution.frameBytes += growth
        if transition == .end { execution.endBranch(record.frame, output.size) }
    }

    var history: HistoryForm { HistoryForm(type.rawValue, "StateExited", details: "stateExitedEventDetails") }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) {
        writer.string("name", name)
        writer.output(output, view)
        guard view.showsData, !assigned.isEmpty else { return }
        writer.object("assignedVariables") { member in
            for variable in assigned { member.string(key: variable.name, variable.value.text) }
        }
        writer.object("assignedVariablesDetails") { $0.bool("truncated", false) }
    }
}

extension Execution {
    /// Takes the variables that a state has assigned into its frame.
    fileprivate mutating func assign(_ assigned: [AssignedVariable], to id: FrameID) {
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

    /// A branch has ended: its Parallel continues if it was the last.
    fileprivate mutating func endBranch(_ frame: FrameID, _ outputBytes: Int) {
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
}
