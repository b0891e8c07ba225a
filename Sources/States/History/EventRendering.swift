// Events of a history as the API and the execution log show them (history.md §1).

import Core
package import JSON

/// How events are shown, and what of their execution is shown with them.
package struct EventView {
    /// Without it, inputs and outputs are left out; names, errors, causes and parameters stay.
    package var showsData: Bool
    /// The region of service tasks whose resource names none.
    package var region: String
    /// The version and alias that the execution was started by.
    package var versionARN: String?
    package var aliasARN: String?

    package init(showsData: Bool, region: String, versionARN: String?, aliasARN: String?) {
        self.showsData = showsData
        self.region = region
        self.versionARN = versionARN
        self.aliasARN = aliasARN
    }
}

extension JSONObjectWriter {
    /// The members of one event.
    package mutating func event(_ record: JournalRecord, _ view: EventView) {
        let form = record.kind.history
        timestamp("timestamp", record.timestamp)
        string("type", form.prefix, form.suffix)
        int("id", record.id)
        int("previousEventId", record.previous)
        if let name = form.details { object(name) { record.kind.writeDetails(to: &$0, view) } }
    }

    /// The members of `…EventDetails`.
    package mutating func details(of kind: RecordKind, _ view: EventView) { kind.writeDetails(to: &self, view) }

    // MARK: - Members that several kinds have

    mutating func service(_ family: TaskFamily) {
        guard case .service(let resourceType, let resource) = family else { return }
        string("resourceType", resourceType)
        string("resource", resource)
    }

    mutating func iteration(_ iteration: MapIteration) {
        string("name", iteration.name)
        int("index", iteration.index)
    }

    mutating func input(_ payload: Payload, _ view: EventView) {
        guard view.showsData else { return }
        string("input", payload.text)
        object("inputDetails") { $0.bool("truncated", false) }
    }

    mutating func output(_ payload: Payload, _ view: EventView) {
        guard view.showsData else { return }
        string("output", payload.text)
        object("outputDetails") { $0.bool("truncated", false) }
    }

    mutating func failure(_ failure: Failure) {
        string("error", failure.error)
        string("cause", failure.cause)
    }
}
