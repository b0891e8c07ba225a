// CreateStateMachine, UpdateStateMachine, DeleteStateMachine and what describes machines (api.md §3, §4).

package import Core
import JSON
import Logging
package import States
package import Storage
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
    /// `nil` where no version is to be published.
    package var publishing: Publishing?
    /// The account and region of the machine.
    package var scope: Scope

    package init(
        name: String, definition: String, roleARN: String, type: MachineType, loggingConfiguration: String,
        tracingConfiguration: String, encryptionConfiguration: String, tags: String, publishing: Publishing? = nil,
        scope: Scope
    ) {
        self.publishing = publishing
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

/// `publish` and `versionDescription`.
package struct Publishing: Sendable, Equatable {
    package var description: String?

    package init(description: String?) { self.description = description }
}

/// What UpdateStateMachine takes; what is `nil` stays.
package struct UpdateStateMachine: Sendable {
    package var arn: String
    package var definition: String?
    package var roleARN: String?
    package var loggingConfiguration: String?
    package var tracingConfiguration: String?
    package var encryptionConfiguration: String?
    package var publishing: Publishing?

    package init(
        arn: String, definition: String? = nil, roleARN: String? = nil, loggingConfiguration: String? = nil,
        tracingConfiguration: String? = nil, encryptionConfiguration: String? = nil, publishing: Publishing? = nil
    ) {
        self.publishing = publishing
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
    ///
    /// With `publishing` the machine has version 1 at once, which is part of what is compared.
    package func createStateMachine(
        _ request: CreateStateMachine
    ) async throws(ServiceError) -> (entry: MachineEntry, version: VersionRecord?) {
        try checkRunning()
        try ResourceName.check(request.name)
        try RoleARN.check(request.roleARN)
        let (machine, notSupported) = try await compile(request.definition, request.type)
        await catalogGate.enter()
        defer { catalogGate.leave() }
        try await refreshCatalog()
        let arn = request.scope.stateMachineARN(request.name)
        if let known = catalog.entry(arn: arn) {
            if catalog.isDeleting(known.record.id) { throw .stateMachineDeleting(arn) }
            let version = request.publishing == nil ? nil : version(of: known)
            guard known.isSame(as: request), version?.description == request.publishing?.description,
                (version == nil) == (request.publishing == nil)
            else { throw .stateMachineAlreadyExists(arn) }
            return (known, version)
        }
        // A deleted machine of that ARN comes back under its id, with a new revision.
        let deleted = try await readers.read { () throws(StoreError) in try self.store.machine(arn: arn)?.id }
        let entry = newEntry(request, arn, machine, id: deleted ?? nextMachineID())
        guard let publishing = request.publishing else {
            try await commit([.createMachine(entry.record)])
            catalog.put(entry)
            warn(entry, notSupported)
            return (entry, nil)
        }
        let version = try newVersion(of: entry, description: publishing.description)
        try await commit([.createMachine(entry.record), .createVersion(version)])
        takeIn(version, entry)
        warn(entry, notSupported)
        return (entry, version)
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

    /// Makes a new revision where something changes, and publishes a version where that is asked for: a new one if the
    /// revision has none or `versionDescription` is another one, neither `nil` nor empty, than the newest one's
    /// (moto's test, verified on AWS).
    package func updateStateMachine(
        _ request: UpdateStateMachine
    ) async throws(ServiceError) -> (entry: MachineEntry, updateDate: Timestamp, version: VersionRecord?) {
        try checkRunning()
        let reference = try MachineReference(request.arn)
        await catalogGate.enter()
        defer { catalogGate.leave() }
        try await refreshCatalog()
        let (entry, updateDate) = try await revise(try changeable(reference), request)
        guard let publishing = request.publishing else { return (entry, updateDate, nil) }
        if let known = version(of: entry), let description = publishing.description, !description.isEmpty,
            description != known.description
        {
            return (entry, updateDate, try await publishAgain(entry, description: description))
        }
        return (entry, updateDate, try await publish(entry, description: publishing.description))
    }

    private func revise(
        _ known: MachineEntry, _ request: UpdateStateMachine
    ) async throws(ServiceError) -> (entry: MachineEntry, updateDate: Timestamp) {
        if let role = request.roleARN { try RoleARN.check(role) }
        var revision = known.revision
        revision.definition = request.definition ?? revision.definition
        revision.roleARN = request.roleARN ?? revision.roleARN
        revision.loggingConfiguration = request.loggingConfiguration ?? revision.loggingConfiguration
        revision.tracingConfiguration = request.tracingConfiguration ?? revision.tracingConfiguration
        revision.encryptionConfiguration = request.encryptionConfiguration ?? revision.encryptionConfiguration
        let type = MachineType(rawValue: known.record.type) ?? .standard
        let (machine, notSupported) = try await compile(revision.definition, type)
        let now = clock()
        guard revision != known.revision else { return (known, now) }
        revision.id = nextRevisionID()
        revision.revisionID = runtime.random.uuid()
        revision.creationDate = now
        var record = known.record
        record.revision = revision
        try await commit([.updateMachine(record)])
        let entry = MachineEntry(record: record, revision: revision, machine: machine)
        catalog.put(entry)
        warn(entry, notSupported)
        return (entry, now)
    }

    /// Deletes a machine with its versions and aliases; one that is not there is no error. While executions run the
    /// machine is DELETING: each of them fails at its next transition, and with the last one the machine is gone
    /// (api.md §3).
    package func deleteStateMachine(arn: String) async throws(ServiceError) {
        try checkRunning()
        let reference = try MachineReference(arn)
        guard reference.qualifier == nil else {
            throw ServiceError(
                .validationException,
                "Version or alias ARN is not supported: '\(arn)'. Use DeleteStateMachineVersion or"
                    + " DeleteStateMachineAlias.")
        }
        await catalogGate.enter()
        defer { catalogGate.leave() }
        try await refreshCatalog()
        guard let known = catalog.entry(arn: arn), !catalog.isDeleting(known.record.id) else { return }
        try await commit([.deleteMachine(id: known.record.id, at: clock())])
        catalog.markDeleting(known)
        try await finishDeletion(of: known.record)
    }

    /// A machine that is DELETING goes with its last execution.
    private func finishDeletion(of machine: MachineRecord) async throws(ServiceError) {
        let running = try await readers.read { () throws(StoreError) in
            try self.store.executions(ExecutionQuery(machine: machine.id, status: .running, limit: 1))
        }
        if running.isEmpty { catalog.removeDeleted(machine) }
    }

    /// An execution has ended: perhaps the last one of a machine that is DELETING.
    func finishDeletions() {
        let machines = catalog.deletingARNs.compactMap { catalog.entry(arn: $0.text)?.record }
        guard !machines.isEmpty else { return }
        readers.perform { [self] in
            for machine in machines {
                // What cannot be read is tried again when the next execution ends.
                let query = ExecutionQuery(machine: machine.id, status: .running, limit: 1)
                if (try? store.executions(query))?.isEmpty == true { catalog.removeDeleted(machine) }
            }
        }
    }

    /// The machine at its newest revision, or at that of the version or alias that the ARN names.
    package func describeStateMachine(arn: String) async throws(ServiceError) -> MachineTarget {
        try await compiledTarget(try lookUp(arn))
    }

    /// Machines of an account and region in the order of their ARNs, behind `after`.
    package func listStateMachines(of scope: Scope, after: String?, limit: Int) -> [MachineEntry] {
        catalog.entries(prefix: scope.stateMachineARN(""), after: after, limit: limit)
    }

    /// The findings of a definition, errors first. Nothing is created.
    package func validateStateMachineDefinition(
        _ definition: String, _ type: MachineType
    ) async throws(ServiceError) -> [Diagnostic] {
        try await compiled(definition, type).diagnostics
    }

    /// Definitions from this length on are compiled off the threads that answer clients, in bytes.
    private static let longDefinition = 32_768

    private func compiled(
        _ definition: String, _ type: MachineType
    ) async throws(ServiceError) -> (machine: StateMachine?, diagnostics: [Diagnostic]) {
        let limits = configuration.limits
        guard definition.utf8.count >= Self.longDefinition else {
            return StateMachine.compile(definition, type: type, limits: limits)
        }
        return try await evaluations.run { StateMachine.compile(definition, type: type, limits: limits) }
    }

    /// Returns the machine, and what of it this version does not run.
    private func compile(
        _ definition: String, _ type: MachineType
    ) async throws(ServiceError) -> (machine: StateMachine, notSupported: [Diagnostic]) {
        let (machine, diagnostics) = try await compiled(definition, type)
        guard let machine else { throw .invalidDefinition(diagnostics.filter { $0.severity == .error }) }
        return (machine, diagnostics.filter { $0.code == .notSupportedYet })
    }

    /// AWS accepts the definition, so that the caller gets no error. The log has one line for each revision.
    private func warn(_ entry: MachineEntry, _ notSupported: [Diagnostic]) {
        guard let first = notSupported.first else { return }
        let others = notSupported.count == 1 ? "" : ", and \(notSupported.count - 1) more"
        logger.warning(
            "An execution that reaches this fails: \(first.message)\(others)",
            metadata: ["machine": "\(entry.record.arn)", "revision": "\(entry.revision.revisionID ?? "INITIAL")"])
    }

    func commit(_ changes: [Change]) async throws(ServiceError) {
        let error: StoreError? = await withCheckedContinuation { continuation in
            committer.submit(changes) { continuation.resume(returning: $0) }
        }
        guard let error else { return }
        // The change may be stored all the same.
        catalogIsStale.store(true, ordering: .relaxed)
        try? await refreshCatalog()
        throw error.asServiceError
    }

    /// Reads the catalog again after a commit whose outcome is not known.
    func refreshCatalog() async throws(ServiceError) {
        guard catalogIsStale.load(ordering: .relaxed) else { return }
        try await readers.read { () throws(StoreError) in try self.catalog.load() }
        catalogIsStale.store(false, ordering: .relaxed)
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
