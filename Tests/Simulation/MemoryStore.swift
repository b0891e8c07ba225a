// A store in memory that fails when it is told to.

package import Core
import States
package import Storage
import Synchronization

/// Behaves as `SQLiteStore` does, which one contract suite holds both to. It outlives the engines of a simulation: what
/// was committed is still there for the next one, after `restart`.
package final class MemoryStore: Store {
    /// What is to become of the next commit.
    package enum Fault: Sendable, Equatable {
        /// Nothing is written, and the error says so.
        case refused(StoreError.Code)
        /// All of it is written, and the error says that it was not: the answer got lost.
        case writtenButFailed(StoreError.Code)
        /// Another process has claimed the store just before.
        case fenced
        /// It takes that many milliseconds of the observer's time.
        case slow(milliseconds: Int64)
    }

    /// A fault that has taken effect.
    package enum Effect: Sendable, Equatable {
        case commit(Fault)
        case readFailed
        case damagedRowRead
    }

    /// What a simulation learns of the store, and when it may end the process. All are called outside of the lock.
    package struct Observer: Sendable {
        package var willCommit: @Sendable () -> Void = {}
        package var didCommit: @Sendable ([Change]) -> Void = { _ in }
        package var didFail: @Sendable (Effect) -> Void = { _ in }
        /// Lets time pass.
        package var pause: @Sendable (_ milliseconds: Int64) -> Void = { _ in }

        package init() {}
    }

    fileprivate struct State {
        var contents = MemoryStoreContents()
        var faults: [Fault] = []
        var failingReads = 0
        /// Executions whose events cannot be read.
        var damaged: Set<Int64> = []
        var commits = 0
        /// Why nothing may be written until the next `restart`.
        var fatal: StoreError?
        var isClosed = false
    }

    private let state = Mutex(State())
    private let observer = Mutex(Observer())

    package init() {}

    package func observe(_ observer: Observer) { self.observer.withLock { $0 = observer } }

    // MARK: Switches of the simulation

    /// Lets the next commits meet these faults, one each, after those that were asked for before.
    package func inject(_ faults: Fault...) {
        state.withLock { $0.faults += faults }
    }

    /// Lets the next `count` reads fail.
    package func failReads(_ count: Int) {
        state.withLock { $0.failingReads = count }
    }

    /// Lets the events of an execution be damaged, until `repair`.
    package func damage(_ execution: Int64) { state.withLock { _ = $0.damaged.insert(execution) } }

    /// Lets all rows be as they were written.
    package func repair() { state.withLock { $0.damaged = [] } }

    /// Returns what `body` finds in the tables, whatever faults there are and whether the store is open or not.
    func peek<T: Sendable>(_ body: (MemoryStoreContents) -> T) -> T { state.withLock { body($0.contents) } }

    /// Forgets faults that no commit and no read has met yet.
    package func clearFaults() {
        state.withLock {
            $0.faults = []
            $0.failingReads = 0
        }
    }

    /// The process has ended, in whatever way, and the next one opens the store.
    package func restart() {
        state.withLock {
            $0.fatal = nil
            $0.isClosed = false
        }
    }

    /// Commits that were asked for, successful or not.
    package var commits: Int { state.withLock { $0.commits } }

    // MARK: Writing

    package func claim() throws(StoreError) -> Epoch {
        try state.withLock { state throws(StoreError) in
            try state.checkWritable()
            state.contents.epoch += 1
            return Epoch(state.contents.epoch)
        }
    }

    package func commit(_ batch: [Change], epoch: Epoch) throws(StoreError) {
        let observer = observer.withLock { $0 }
        observer.willCommit()
        let fault = state.withLock { state -> Fault? in
            state.commits += 1
            return state.faults.isEmpty ? nil : state.faults.removeFirst()
        }
        if case .slow(let milliseconds)? = fault { observer.pause(milliseconds) }
        if let fault { observer.didFail(.commit(fault)) }
        let result = state.withLock { $0.commit(batch, epoch, fault) }
        if result.isWritten { observer.didCommit(batch) }
        if let error = result.error { throw error }
    }

    package var refusesStarts: Bool { false }

    package func probe() throws(StoreError) { _ = try machines() }

    package func close() {
        state.withLock { $0.isClosed = true }
    }

    private func read<T: Sendable>(_ body: (MemoryStoreContents) -> T) throws(StoreError) -> T {
        let result: Result<T, StoreError> = state.withLock { state in
            if state.isClosed { return .failure(.closed) }
            if state.failingReads > 0 {
                state.failingReads -= 1
                return .failure(.unread)
            }
            return .success(body(state.contents))
        }
        if case .failure(.unread) = result { observer.withLock { $0 }.didFail(.readFailed) }
        return try result.get()
    }

    /// The same for the events of an execution.
    private func read<T: Sendable>(
        eventsOf execution: Int64, _ body: (MemoryStoreContents) -> T
    ) throws(StoreError) -> T {
        let found = try read(body)
        guard state.withLock({ $0.damaged.contains(execution) }) else { return found }
        observer.withLock { $0 }.didFail(.damagedRowRead)
        var error = StoreError(.corrupt, "The simulation damages events of execution \(execution)")
        error.row = DamagedRow(table: "events", key: String(execution), execution: execution)
        throw error
    }

    // MARK: Reading

    package func machines() throws(StoreError) -> [MachineRecord] {
        try read { contents in
            contents.machines.values.filter { $0.deletionDate == nil }
                .sorted { $0.arn.utf8.lexicographicallyPrecedes($1.arn.utf8) }
        }
    }

    package func deletingMachines() throws(StoreError) -> [MachineRecord] {
        try read { contents in
            let running = Set(contents.executions.values.filter { $0.status == .running }.map(\.machine))
            return contents.machines.values.filter { $0.deletionDate != nil && running.contains($0.id) }
                .sorted { $0.arn.utf8.lexicographicallyPrecedes($1.arn.utf8) }
        }
    }

    package func versions() throws(StoreError) -> [VersionRecord] {
        try read { contents in
            contents.versions.sorted { ($0.machine, $0.number) < ($1.machine, $1.number) }
        }
    }

    package func aliases() throws(StoreError) -> [AliasRecord] {
        try read { contents in contents.aliases.sorted { ($0.machine, $0.name) < ($1.machine, $1.name) } }
    }

    package func machine(arn: String) throws(StoreError) -> MachineRecord? {
        try read { contents in contents.machines.values.first { $0.arn == arn } }
    }

    package func machine(id: Int64) throws(StoreError) -> MachineRecord? {
        try read { contents in contents.machines[id] }
    }

    package func nameOfMachine(id: Int64) throws(StoreError) -> (arn: String, type: String)? {
        try read { contents in contents.machines[id].map { ($0.arn, $0.type) } }
    }

    package func revision(_ id: Int64) throws(StoreError) -> RevisionRecord? {
        try read { contents in contents.revisions[id] }
    }

    package func activities() throws(StoreError) -> [ActivityRecord] {
        try read { contents in
            contents.activities.values.sorted { $0.arn.utf8.lexicographicallyPrecedes($1.arn.utf8) }
        }
    }

    package func execution(id: Int64) throws(StoreError) -> ExecutionRecord? {
        try read { contents in contents.executions[id] }
    }

    package func execution(machine: Int64, name: String) throws(StoreError) -> ExecutionRecord? {
        try read { contents in
            contents.names[.init(machine: machine, name: name)].flatMap { contents.executions[$0] }
        }
    }

    package func executions(_ query: ExecutionQuery) throws(StoreError) -> [ExecutionRecord] {
        try read { contents in contents.page(query) }
    }

    package func events(
        execution: Int64, from: Int, through: Int, limit: Int
    ) throws(StoreError) -> [EventsRecord] {
        try read(eventsOf: execution) { contents in
            let rows = contents.events[execution, default: []]
            return Array(rows.filter { $0.firstID <= through && $0.lastID >= from }.prefix(max(0, limit)))
        }
    }

    package func executions(behind id: Int64, limit: Int) throws(StoreError) -> [ExecutionRecord] {
        try read { contents in
            Array(contents.executions.values.filter { $0.id > id }.sorted { $0.id < $1.id }.prefix(max(0, limit)))
        }
    }

    package func eventRows(execution: Int64, limit: Int) throws(StoreError) -> [EventRow] {
        try read { contents in
            contents.events[execution, default: []].prefix(max(0, limit))
                .map { EventRow(firstID: $0.firstID, bytes: $0.body.count) }
        }
    }

    package func openTasks(after: OpenTaskRecord?, limit: Int) throws(StoreError) -> [OpenTaskRecord] {
        try read { contents in
            let behind = contents.tasks.filter { task in after.map { $0.order < task.key.order } ?? true }
            return Array(behind.sorted { $0.key.order < $1.key.order }.prefix(max(0, limit))).map(\.value)
        }
    }

    package func openTasksWithJob(after: OpenTaskRecord?, limit: Int) throws(StoreError) -> [OpenTaskRecord] {
        let tasks = try openTasks(after: after, limit: .max)
        return Array(tasks.filter { $0.job != nil }.prefix(max(0, limit)))
    }

    package func openTask(execution: Int64, scheduledEvent: Int) throws(StoreError) -> OpenTaskRecord? {
        try read { contents in contents.tasks[.init(execution: execution, event: scheduledEvent)] }
    }

    package func messages(
        to slots: Set<Int64>, after id: Int64, limit: Int
    ) throws(StoreError) -> [MessageRecord] {
        try read { contents in
            let messages = contents.messages.values.filter { $0.id > id && slots.contains($0.slot) }
            return Array(messages.sorted { $0.id < $1.id }.prefix(max(0, limit)))
        }
    }

    package func holdsMessage(_ id: Int64) throws(StoreError) -> Bool {
        try read { contents in contents.messages[id] != nil }
    }

    package func due(at now: Timestamp, limit: Int) throws(StoreError) -> [ExecutionRecord] {
        try read { contents in
            let due = contents.wakes.filter { $0.value <= now }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
            return due.prefix(max(0, limit)).compactMap { contents.executions[$0.key] }
        }
    }

    package func nextWake() throws(StoreError) -> Timestamp? {
        try read { contents in contents.wakes.values.min() }
    }

    package func highestIDs() throws(StoreError) -> HighestIDs {
        try read { contents in
            HighestIDs(
                machine: contents.machines.keys.max() ?? 0, revision: contents.revisions.keys.max() ?? 0,
                execution: contents.executions.keys.max() ?? 0, message: contents.messages.keys.max() ?? 0)
        }
    }

    package func quarantined() throws(StoreError) -> [QuarantineRecord] {
        try read { contents in contents.quarantine.values.sorted { $0.execution < $1.execution } }
    }

    package func executionCounts() throws(StoreError) -> [ExecutionStatus: Int] {
        try read { contents in
            contents.executions.values.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
        }
    }
}

extension MemoryStore.State {
    /// Writes the batch, or not, and says which.
    fileprivate mutating func commit(
        _ batch: [Change], _ epoch: Epoch, _ fault: MemoryStore.Fault?
    ) -> (isWritten: Bool, error: StoreError?) {
        do throws(StoreError) {
            try checkWritable()
            switch fault {
            case .refused(let code)?: throw fail(code)
            case .fenced?: contents.epoch += 1
            case .writtenButFailed, .slow, nil: break
            }
            try contents.commit(batch, epoch)
            if case .writtenButFailed(let code)? = fault { return (true, fail(code)) }
            return (true, nil)
        } catch { return (false, error) }
    }

    fileprivate func checkWritable() throws(StoreError) {
        if isClosed { throw .closed }
        if let fatal { throw fatal }
    }

    fileprivate mutating func fail(_ code: StoreError.Code) -> StoreError {
        let error = StoreError(code, "The simulation lets this commit fail")
        if code == .fatal { fatal = error }
        return error
    }
}

extension StoreError {
    fileprivate static let closed = StoreError(.failed, "The store is closed")
    fileprivate static let unread = StoreError(.failed, "The simulation lets this read fail")
}

extension OpenTaskRecord {
    fileprivate var order: (Int64, Int) { (execution, scheduledEvent) }
}
