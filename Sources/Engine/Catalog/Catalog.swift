// The machines that there are, compiled.

package import Core
import JSON
package import States
package import Storage
import Synchronization

/// A machine at one revision, compiled once and shared by all that run it.
package final class MachineEntry: Sendable {
    package let record: MachineRecord
    package let revision: RevisionRecord
    package let machine: StateMachine
    package let type: MachineType
    package let logging: LoggingConfiguration
    /// `arn:…:execution:MACHINE:`, what the ARNs of its executions begin with.
    private let executionPrefix: String

    init(record: MachineRecord, revision: RevisionRecord, machine: StateMachine) {
        self.record = record
        self.revision = revision
        self.machine = machine
        type = MachineType(rawValue: record.type) ?? .standard
        logging = LoggingConfiguration(stored: revision.loggingConfiguration)
        executionPrefix = ExecutionARN.make(record.arn, "", type)
    }

    /// The same with another highest version.
    func with(lastVersion: Int) -> MachineEntry {
        var record = record
        record.lastVersion = lastVersion
        return MachineEntry(record: record, revision: revision, machine: machine)
    }

    /// The same with other tags.
    func with(tags: String) -> MachineEntry {
        var record = record
        record.tags = tags
        return MachineEntry(record: record, revision: revision, machine: machine)
    }

    /// The ARN of an execution under the name that its row has.
    package func executionARN(_ recordName: String) -> String { executionPrefix + recordName }

    /// The name under which the row of a new execution stands: an Express execution's has the start's UUID behind it,
    /// as its ARN has, since names may repeat there.
    func recordName(_ name: String, _ random: any RandomSource) -> String {
        type == .express ? "\(name):\(random.uuid())" : name
    }

    /// The name that the client gave.
    func executionName(_ recordName: String) -> String {
        type == .express ? String(recordName.prefix { $0 != ":" }) : recordName
    }
}

/// The machines of the store in memory, by ARN and id; older revisions are compiled when an execution needs them.
package final class Catalog: Sendable {
    package let activities: ActivityCatalog
    package let versions: VersionCatalog
    private let store: any Store
    private let limits: Limits
    private let state = Mutex(State())

    private struct State {
        var byARN: [CodeUnits: MachineEntry] = [:]
        var byRevision: [Int64: MachineEntry] = [:]
        var order: [CodeUnits] = []
        /// ARNs of machines that are deleted and still have running executions.
        var deleting: [Int64: String] = [:]

        mutating func forgetOlderRevisions() {
            byRevision = Dictionary(byARN.values.map { ($0.revision.id, $0) }, uniquingKeysWith: { $1 })
        }
    }

    /// A catalog over a store, empty until `load`.
    package init(store: any Store, limits: Limits) {
        activities = ActivityCatalog(store: store)
        versions = VersionCatalog(store: store)
        self.store = store
        self.limits = limits
    }

    /// Reads the machines and activities from the store; forgets what was there before.
    package func load() throws(StoreError) {
        try activities.load()
        try versions.load()
        var fresh = State()
        for record in try store.machines() + store.deletingMachines() {
            let entry: MachineEntry
            if let compiled = cached(revision: record.revision.id)?.machine {
                entry = MachineEntry(record: record, revision: record.revision, machine: compiled)
            } else {
                entry = try compile(record, record.revision)
            }
            fresh.byARN[CodeUnits(record.arn)] = entry
            fresh.byRevision[record.revision.id] = entry
            if record.deletionDate != nil { fresh.deleting[record.id] = record.arn }
        }
        fresh.order = fresh.byARN.keys.sorted()
        let loaded = fresh
        state.withLock { $0 = loaded }
    }

    /// The machine of that ARN at its newest revision, `nil` where there is none or it is deleted.
    package func entry(arn: String) -> MachineEntry? { state.withLock { $0.byARN[CodeUnits(arn)] } }

    /// Whether the machine is deleted and only waits for its executions to end.
    package func isDeleting(_ machine: Int64) -> Bool { state.withLock { $0.deleting[machine] != nil } }

    /// Whether the machine is deleted or being deleted, or another one has its ARN.
    func isDeleted(_ entry: MachineEntry) -> Bool {
        self.entry(arn: entry.record.arn)?.record.id != entry.record.id || isDeleting(entry.record.id)
    }

    /// The ARNs of the machines that only wait for their executions to end.
    var deletingARNs: Set<CodeUnits> {
        state.withLock { $0.deleting.isEmpty ? [] : Set($0.deleting.values.map(CodeUnits.init)) }
    }

    /// The machine is deleted; its executions are still to end.
    func markDeleting(_ entry: MachineEntry) {
        versions.remove(machine: entry.record.id)
        state.withLock { $0.deleting[entry.record.id] = entry.record.arn }
    }

    /// Machines whose ARNs begin with `prefix`, in the order of their ARNs, after `after`.
    package func entries(prefix: String, after: String?, limit: Int) -> [MachineEntry] {
        state.withLock { state in
            let after = max(CodeUnits(after ?? prefix), CodeUnits(prefix))
            let start = state.order.partitioningIndex { $0 > after }
            return state.order[start...].prefix(limit).prefix { $0.hasPrefix(prefix) }.compactMap { state.byARN[$0] }
        }
    }

    /// The machine at a revision that is in memory, `nil` for others.
    func cached(revision id: Int64) -> MachineEntry? { state.withLock { $0.byRevision[id] } }

    /// The machine at the revision that an execution began with, deleted ones too. Reads and compiles it where it is
    /// not in memory.
    package func entry(revision id: Int64) throws(StoreError) -> MachineEntry {
        if let entry = cached(revision: id) { return entry }
        guard let revision = try store.revision(id), let record = try store.machine(id: revision.machine) else {
            throw StoreError(.corrupt, "revision \(id) of a machine is not in the store")
        }
        let entry = try compile(record, revision)
        return state.withLock { state in
            if state.byRevision.count >= state.byARN.count + Limits.Store.maximumOlderRevisions {
                state.forgetOlderRevisions()
            }
            state.byRevision[id] = entry
            return entry
        }
    }

    /// How many compiled machines are in memory.
    package var count: Int { state.withLock { $0.byRevision.count } }

    /// Takes in what has been committed.
    func put(_ entry: MachineEntry) {
        state.withLock { state in
            let arn = CodeUnits(entry.record.arn)
            if let before = state.byARN.updateValue(entry, forKey: arn) {
                // Compiled again when an execution that began with it needs it.
                if before.revision.id != entry.revision.id { state.byRevision[before.revision.id] = nil }
            } else {
                let place = state.order.partitioningIndex { $0 > arn }
                state.order.insert(arn, at: place)
            }
            state.byRevision[entry.revision.id] = entry
        }
    }

    /// The last execution of a machine that is DELETING has ended. Does nothing where the machine is no longer there,
    /// or is there again.
    func removeDeleted(_ machine: MachineRecord) {
        let isRemoved = state.withLock { state in
            guard state.deleting.removeValue(forKey: machine.id) != nil,
                let entry = state.byARN.removeValue(forKey: CodeUnits(machine.arn))
            else { return false }
            state.byRevision[entry.revision.id] = nil
            state.order.removeAll { $0 == CodeUnits(machine.arn) }
            return true
        }
        if isRemoved { versions.remove(machine: machine.id) }
    }

    private func compile(_ record: MachineRecord, _ revision: RevisionRecord) throws(StoreError) -> MachineEntry {
        let type = MachineType(rawValue: record.type) ?? .standard
        let (machine, diagnostics) = StateMachine.compile(revision.definition, type: type, limits: limits)
        guard let machine else {
            throw StoreError(
                .corrupt, "the stored definition of \(record.arn) is refused: \(diagnostics.invalidDefinitionMessage)",
                hint: "It was accepted by another version; run that version, or delete the machine with it.")
        }
        return MachineEntry(record: record, revision: revision, machine: machine)
    }
}

extension Array where Element: Comparable {
    /// The first index whose element fulfils a condition that holds for all behind it.
    fileprivate func partitioningIndex(where belongsInSecond: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if belongsInSecond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
