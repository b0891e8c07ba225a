// PublishStateMachineVersion, ListStateMachineVersions, DeleteStateMachineVersion (api.md §3, Versions & aliases).

import Core
import States
package import Storage

extension Engine {
    /// The version of the machine's newest revision, made where there is none; `description` counts only then. Throws
    /// ConflictException when `revisionID` is not the newest revision's.
    package func publishVersion(
        arn: String, revisionID: String?, description: String?
    ) async throws(ServiceError) -> VersionRecord {
        try checkRunning()
        let reference = try MachineReference(arn)
        await catalogGate.enter()
        defer { catalogGate.leave() }
        try await refreshCatalog()
        let entry = try changeable(reference)
        let current = entry.revision.revisionID ?? "INITIAL"
        if let revisionID, revisionID != current {
            throw ServiceError(
                .conflictException,
                "Failed to publish the State Machine version for revision \(revisionID)."
                    + " The current State Machine revision is \(current).")
        }
        return try await publish(entry, description: description)
    }

    /// Publishes a version of the entry's revision, or returns the newest that there is. To be called within the
    /// catalog's gate.
    func publish(_ entry: MachineEntry, description: String?) async throws(ServiceError) -> VersionRecord {
        if let known = version(of: entry) { return known }
        return try await publishAgain(entry, description: description)
    }

    /// Publishes a new version of the entry's revision. To be called within the catalog's gate.
    func publishAgain(_ entry: MachineEntry, description: String?) async throws(ServiceError) -> VersionRecord {
        let version = try newVersion(of: entry, description: description)
        try await commit([.createVersion(version)])
        takeIn(version, entry)
        return version
    }

    /// The newest version of an entry's revision.
    func version(of entry: MachineEntry) -> VersionRecord? {
        catalog.versions.versions(of: entry.record.id).last { $0.revision == entry.revision.id }
    }

    func newVersion(of entry: MachineEntry, description: String?) throws(ServiceError) -> VersionRecord {
        let maximum = configuration.limits.api.maximumVersions
        guard catalog.versions.versions(of: entry.record.id).count < maximum else {
            throw ServiceError(
                .serviceQuotaExceededException,
                "The maximum number of versions of a state machine is \(maximum): \(entry.record.arn)")
        }
        return VersionRecord(
            machine: entry.record.id, number: entry.record.lastVersion + 1, revision: entry.revision.id,
            description: description, creationDate: clock())
    }

    /// A version has been committed.
    func takeIn(_ version: VersionRecord, _ entry: MachineEntry) {
        catalog.versions.put(version)
        catalog.put(entry.with(lastVersion: version.number))
    }

    /// A machine's versions, newest first, behind the number `after`; none where there is no such machine.
    package func listVersions(
        arn: String, after: Int?, limit: Int
    ) throws(ServiceError) -> (machineARN: String, versions: [VersionRecord]) {
        let reference = try MachineReference(arn)
        guard let entry = catalog.entry(arn: reference.machineARN) else { return (reference.machineARN, []) }
        let versions = catalog.versions.versions(of: entry.record.id).reversed()
            .filter { version in after.map { version.number < $0 } ?? true }
        return (reference.machineARN, Array(versions.prefix(limit)))
    }

    /// Deletes a version; one that is not there is no error. Executions go on with it. Throws ConflictException when an
    /// alias leads to it.
    package func deleteVersion(arn: String) async throws(ServiceError) {
        try checkRunning()
        let reference = try MachineReference(arn)
        guard case .version(let number)? = reference.qualifier else {
            throw .invalidARN("Version must be specified in the ARN: \(arn)")
        }
        await catalogGate.enter()
        defer { catalogGate.leave() }
        try await refreshCatalog()
        guard let machine = catalog.entry(arn: reference.machineARN)?.record.id,
            catalog.versions.version(number, of: machine) != nil
        else { return }
        let aliases = catalog.versions.aliases(of: machine).filter { $0.routes.contains { $0.version == number } }
        guard aliases.isEmpty else {
            throw ServiceError(
                .conflictException,
                "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this"
                    + " version: [\(aliases.map(\.name).joined(separator: ", "))]")
        }
        try await commit([.deleteVersion(machine: machine, number: number)])
        catalog.versions.remove(version: number, of: machine)
    }

    /// The machine of an unqualified ARN, which is not about to go.
    func changeable(_ reference: MachineReference) throws(ServiceError) -> MachineEntry {
        guard reference.qualifier == nil, let entry = catalog.entry(arn: reference.arn) else {
            throw .stateMachineDoesNotExist(reference.arn)
        }
        if catalog.isDeleting(entry.record.id) { throw .stateMachineDeleting(reference.arn) }
        return entry
    }
}
