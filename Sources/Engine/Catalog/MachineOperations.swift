// CreateStateMachine, UpdateStateMachine, DeleteStateMachine and what describes machines (api.md §3, §4).

import JSON
package import States
import Storage
import Synchronization

/// What CreateStateMachine takes, its members checked by the API's constraints.
package struct CreateStateMachine: Sendable {
    package var name: String
    package var definition: String
    package var roleARN: String
    package var type: MachineType
    /// JSON texts as the API shows them.
    package var loggingConfiguration: String
    package var tracingConfiguration: String
    package var encryptionConfiguration: String
    package var tags: String
    /// The account and region of the machine; the configured ones where it is `nil`.
    package var scope: Scope?

    package init(
        name: String, definition: String, roleARN: String, type: MachineType, loggingConfiguration: String,
        tracingConfiguration: String, encryptionConfiguration: String, tags: String,
        scope: Scope? = nil
    ) {
        self.name = name
        self.definition = definition
        self.roleARN = roleARN
        self.type = type
        self.loggingConfiguration = loggingConfiguration
        self.tracingConfiguration = tracingConfiguration
        self.encryptionConfiguration = encryptionConfiguration
        self.tags = tags
        self.scope = scope
    }
}

/// What UpdateStateMachine takes; what is `nil` stays.
package struct UpdateStateMachine: Sendable {
    package var arn: String
    package var definition: String?
    package var roleARN: String?
    package var loggingConfiguration: String?
    package var tracingConfiguration: String?
    package var encryptionConfiguration: String?

    package init(
        arn: String, definition: String? = nil, roleARN: String? = nil, loggingConfiguration: String? = nil,
        tracingConfiguration: String? = nil, encryptionConfiguration: String? = nil
    ) {
        self.arn = arn
        self.definition = definition
        self.roleARN = roleARN
        self.loggingConfiguration = loggingConfiguration
        self.tracingConfiguration = tracingConfiguration
        self.encryptionConfiguration = encryptionConfiguration
    }
}

extension Engine {
    /// Creates a machine, or gives the one that is there when it was created from the same name, definition (byte for
    /// byte), type and configurations; a different role or tags alone change nothing (api.md §3).
    package func createStateMachine(_ request: CreateStateMachine) async throws(ServiceError) -> MachineEntry {
        try checkRunning()
        try ResourceName.check(request.name)
        try checkRoleARN(request.roleARN)
        let machine = try compile(request.definition, request.type)
        await catalogGate.enter()
        defer { catalogGate.leave() }
        let arn = (request.scope ?? configuration.scope).stateMachineARN(request.name)
        if let known = catalog.entry(arn: arn) {
            guard known.isSame(as: request) else { throw .stateMachineAlreadyExists(arn) }
            return known
        }
        // A deleted machine of that ARN comes back under its id, with a new revision.
        let deleted = try await readers.read { () throws(StoreError) in try self.store.machine(arn: arn)?.id }
        let entry = newEntry(request, arn, machine, id: deleted ?? nextMachineID())
        try await commit([.createMachine(entry.record)])
        catalog.put(entry)
        return entry
    }

    private func nextMachineID() -> Int64 {
        nextIDs.withLock { ids in
            ids.machine += 1
            return ids.machine
        }
    }

    private func newEntry(
        _ request: CreateStateMachine, _ arn: String, _ machine: StateMachine, id: Int64
    ) -> MachineEntry {
        let now = clock()
        let revision = RevisionRecord(
            id: nextRevisionID(), machine: id, revisionID: nil, definition: request.definition,
            roleARN: request.roleARN, creationDate: now, loggingConfiguration: request.loggingConfiguration,
            tracingConfiguration: request.tracingConfiguration,
            encryptionConfiguration: request.encryptionConfiguration)
        let record = MachineRecord(
            id: id, arn: arn, name: request.name, type: request.type.rawValue, creationDate: now, tags: request.tags,
            revision: revision)
        return MachineEntry(record: record, revision: revision, machine: machine)
    }

    private func nextRevisionID() -> Int64 {
        nextIDs.withLock { ids in
            ids.revision += 1
            return ids.revision
        }
    }

    /// Makes a new revision where something changes. Gives the machine and the date of the update.
    package func updateStateMachine(
        _ request: UpdateStateMachine
    ) async throws(ServiceError) -> (entry: MachineEntry, updateDate: Timestamp) {
        try checkRunning()
        _ = try ResourceARN(request.arn, types: ["stateMachine"])
        await catalogGate.enter()
        defer { catalogGate.leave() }
        guard let known = catalog.entry(arn: request.arn) else { throw .stateMachineDoesNotExist(request.arn) }
        if let role = request.roleARN { try checkRoleARN(role) }
        var revision = known.revision
        revision.definition = request.definition ?? revision.definition
        revision.roleARN = request.roleARN ?? revision.roleARN
        revision.loggingConfiguration = request.loggingConfiguration ?? revision.loggingConfiguration
        revision.tracingConfiguration = request.tracingConfiguration ?? revision.tracingConfiguration
        revision.encryptionConfiguration = request.encryptionConfiguration ?? revision.encryptionConfiguration
        let type = MachineType(rawValue: known.record.type) ?? .standard
        let machine = try compile(revision.definition, type)
        let now = clock()
        guard revision != known.revision else { return (known, now) }
        revision.id = nextRevisionID()
        revision.revisionID = UUIDText.random()
        revision.creationDate = now
        var record = known.record
        record.revision = revision
        try await commit([.updateMachine(record)])
        let entry = MachineEntry(record: record, revision: revision, machine: machine)
        catalog.put(entry)
        return (entry, now)
    }

    /// Deletes a machine; one that is not there is no error (api.md §3). Executions that run go on to their end.
    package func deleteStateMachine(arn: String) async throws(ServiceError) {
        try checkRunning()
        _ = try ResourceARN(arn, types: ["stateMachine"])
        await catalogGate.enter()
        defer { catalogGate.leave() }
        guard let known = catalog.entry(arn: arn) else { return }
        try await commit([.deleteMachine(id: known.record.id, at: clock())])
        catalog.remove(arn: arn)
    }

    /// The machine at its newest revision.
    package func describeStateMachine(arn: String) throws(ServiceError) -> MachineEntry {
        try startable(arn)
    }

    /// Machines of an account and region in the order of their ARNs, behind `after`.
    package func listStateMachines(of scope: Scope, after: String?, limit: Int) -> [MachineEntry] {
        catalog.entries(prefix: scope.stateMachineARN(""), after: after, limit: limit)
    }

    /// The findings of a definition, errors first. Nothing is created.
    package func validateStateMachineDefinition(_ definition: String, _ type: MachineType) -> [Diagnostic] {
        StateMachine.compile(definition, type: type, limits: configuration.limits).diagnostics
    }

    private func compile(_ definition: String, _ type: MachineType) throws(ServiceError) -> StateMachine {
        let (machine, diagnostics) = StateMachine.compile(definition, type: type, limits: configuration.limits)
        guard let machine else { throw .invalidDefinition(diagnostics.filter { $0.severity == .error }) }
        return machine
    }

    private func checkRoleARN(_ arn: String) throws(ServiceError) {
        guard arn.hasPrefix("arn:") else { throw .invalidARN("Invalid ARN prefix: \(arn)") }
    }

    func commit(_ changes: [Change]) async throws(ServiceError) {
        let error: StoreError? = await withCheckedContinuation { continuation in
            committer.submit(changes) { continuation.resume(returning: $0) }
        }
        if let error { throw error.asServiceError }
    }
}

extension MachineEntry {
    fileprivate func isSame(as request: CreateStateMachine) -> Bool {
        revision.definition.hasSameUnits(as: request.definition) && record.type == request.type.rawValue
            && revision.loggingConfiguration == request.loggingConfiguration
            && revision.tracingConfiguration == request.tracingConfiguration
            && revision.encryptionConfiguration == request.encryptionConfiguration
    }
}
