// The one seam between the house and what remembers.

package import Core

/// Everything that survives the process, in the domain's verbs. Synchronous and safe to call from any thread; SQLite
/// stands behind it, and in simulations a store in memory that fails. Every behaviour is in one contract suite that
/// runs over every implementation.
///
/// Reads see what is committed and nothing else. Writes come from one committer, one call at a time.
package protocol Store: Sendable {
    /// Takes the shards of this store for this process and returns the epoch that every commit must carry. Whoever
    /// held them before is fenced off from now on.
    func claim() throws(StoreError) -> Epoch

    /// Writes all of it or nothing. Throws `.fenced` when `epoch` is no longer the store's, `.conflict` when a new
    /// execution's name is taken, `.full` when the disk has no space for it, `.corrupt` when a damaged row or page is
    /// in the way, `.fatal` when the store must not be written to any more (any other I/O error: the process is to
    /// end).
    /// Any error but `.fatal` leaves the store as it was.
    ///
    /// Numbers of executions (`Slot.number`) are unique. A turn holds the whole record of its execution: machine,
    /// revision, name, start date, trace header, version and alias as they were written first.
    func commit(_ batch: [Change], epoch: Epoch) throws(StoreError)

    // MARK: Machines

    /// Every machine that is not deleted, with its newest revision, ordered by ARN.
    func machines() throws(StoreError) -> [MachineRecord]
    /// Machines that are deleted and still have running executions.
    func deletingMachines() throws(StoreError) -> [MachineRecord]
    /// Every version, by machine and number.
    func versions() throws(StoreError) -> [VersionRecord]
    /// Every alias, by machine and name.
    func aliases() throws(StoreError) -> [AliasRecord]
    /// A machine by ARN, a deleted one too.
    func machine(arn: String) throws(StoreError) -> MachineRecord?
    /// The machine with that id, a deleted one too.
    func machine(id: Int64) throws(StoreError) -> MachineRecord?
    /// The ARN and the type of the machine with that id, a deleted one too; also where its revision cannot be read.
    func nameOfMachine(id: Int64) throws(StoreError) -> (arn: String, type: String)?
    /// A revision of any age.
    func revision(_ id: Int64) throws(StoreError) -> RevisionRecord?

    // MARK: Activities

    /// Every activity, ordered by ARN.
    func activities() throws(StoreError) -> [ActivityRecord]

    // MARK: Executions

    func execution(id: Int64) throws(StoreError) -> ExecutionRecord?
    func execution(machine: Int64, name: String) throws(StoreError) -> ExecutionRecord?
    /// Newest start first.
    func executions(_ query: ExecutionQuery) throws(StoreError) -> [ExecutionRecord]
    /// The rows of history that hold events `from...through`, in order of event ids; `limit` rows at most.
    func events(execution: Int64, from: Int, through: Int, limit: Int) throws(StoreError) -> [EventsRecord]

    /// Executions of any machine with an id above `id`, in order of their ids, which is the order of their starts but
    /// for a moment.
    func executions(behind id: Int64, limit: Int) throws(StoreError) -> [ExecutionRecord]
    /// The first rows of history of an execution, without their bodies.
    func eventRows(execution: Int64, limit: Int) throws(StoreError) -> [EventRow]

    // MARK: Messages

    /// Messages to executions in any of the slots, by their ids: at most `limit` with an id above `after`.
    func messages(to slots: Set<Int64>, after id: Int64, limit: Int) throws(StoreError) -> [MessageRecord]
    /// Whether the message is still to be consumed.
    func holdsMessage(_ id: Int64) throws(StoreError) -> Bool

    // MARK: Recovery and time

    /// Tasks that were let out and have no outcome yet, ordered by execution and event; at most `limit` behind `after`.
    func openTasks(after: OpenTaskRecord?, limit: Int) throws(StoreError) -> [OpenTaskRecord]
    /// Those of them that have a job.
    func openTasksWithJob(after: OpenTaskRecord?, limit: Int) throws(StoreError) -> [OpenTaskRecord]
    /// One of them; `nil` where it is not open.
    func openTask(execution: Int64, scheduledEvent: Int) throws(StoreError) -> OpenTaskRecord?
    /// Running executions whose `wakeAt` is at or before `now`, earliest first.
    func due(at now: Timestamp, limit: Int) throws(StoreError) -> [ExecutionRecord]
    /// The earliest `wakeAt` of all running executions.
    func nextWake() throws(StoreError) -> Timestamp?
    /// The highest ids in use, from which new ones are counted on; 0 where there is none. `Slot.lastNumber` bounds
    /// those of executions.
    func highestIDs() throws(StoreError) -> HighestIDs
    /// The executions in quarantine, by their ids.
    func quarantined() throws(StoreError) -> [QuarantineRecord]
    /// Counts for the operator: executions by status.
    func executionCounts() throws(StoreError) -> [ExecutionStatus: Int]

    /// Whether the disk has too little space for new executions.
    var refusesStarts: Bool { get }
    /// Reads from the disk, past what is in memory. Throws what a read would.
    func probe() throws(StoreError)

    /// Ends all connections; no call may follow.
    func close()
}

/// Counts the processes that have held the store; a commit with an older epoch than the store's is refused.
package struct Epoch: Sendable, Hashable {
    package var value: Int64

    package init(_ value: Int64) { self.value = value }
}

package struct HighestIDs: Sendable, Equatable {
    package var machine: Int64
    package var revision: Int64
    package var execution: Int64
    package var message: Int64

    package init(machine: Int64, revision: Int64, execution: Int64, message: Int64 = 0) {
        self.machine = machine
        self.revision = revision
        self.execution = execution
        self.message = message
    }
}

/// One thing to be written. Ids are given by the caller.
package enum Change: Sendable {
    /// A machine and its first revision; also brings a deleted machine of that ARN back, with a new revision.
    case createMachine(MachineRecord)
    /// A new revision of a machine that is there.
    case updateMachine(MachineRecord)
    /// The machine is marked deleted; its executions and revisions stay, its versions and aliases go.
    case deleteMachine(id: Int64, at: Timestamp)
    /// Other tags of a machine, JSON text.
    case tagMachine(id: Int64, tags: String)
    /// A new version; the machine's `lastVersion` becomes its number.
    case createVersion(VersionRecord)
    /// One that is not there is no error.
    case deleteVersion(machine: Int64, number: Int)
    /// A new alias, or another description and other routes of one that is there.
    case putAlias(AliasRecord)
    /// One that is not there is no error.
    case deleteAlias(machine: Int64, name: String)
    /// A new activity, or other tags of one that is there.
    case putActivity(ActivityRecord)
    /// One that is not there is no error.
    case deleteActivity(arn: String)
    /// What one execution did in one turn.
    case turn(ExecutionTurn)
    /// A change of an open task that no event records: it stays delivered; a heartbeat and a job replace the ones
    /// before. A task that is not there is no error.
    case changeTask(OpenTaskRecord)
    /// A new message, with an id that no other message has had in this life of the process.
    case send(MessageRecord)
    /// The message's effect is in the same commit. One that is not there is no error.
    case consume(message: Int64)
    /// A task that its execution no longer waits for, whose job has been stopped. One that is not there is no error.
    case closeTask(execution: Int64, scheduledEvent: Int)
    /// The rows of history of an execution whose first event is `through` or one before it.
    case deleteEvents(execution: Int64, through: Int)
    /// An execution with its events and open tasks; nothing of it stays. One that is not there is no error.
    case deleteExecution(id: Int64)
    /// A closed execution gives up its name, so that a new one can have it: from now on its own is
    /// `ExecutionRecord.nameOfExpired`. One that is not there is no error.
    case freeName(execution: Int64)
    /// An execution goes into quarantine; one that is there already stays as it is.
    case quarantine(QuarantineRecord)
    /// An execution leaves quarantine. One that is not there is no error.
    case release(execution: Int64)
}

package struct ExecutionTurn: Sendable {
    /// The row as it is after the turn.
    package var execution: ExecutionRecord
    /// Whether the turn creates the execution.
    package var isNew: Bool
    /// The turn's events, `nil` if it made none.
    package var events: EventsRecord?
    /// Scheduled events of the tasks that the turn let out, less those that it also took back.
    package var openedTasks: [Int]
    package var closedTasks: [Int]

    package init(
        execution: ExecutionRecord, isNew: Bool, events: EventsRecord?, openedTasks: [Int], closedTasks: [Int]
    ) {
        self.execution = execution
        self.isNew = isNew
        self.events = events
        self.openedTasks = openedTasks
        self.closedTasks = closedTasks
    }
}
