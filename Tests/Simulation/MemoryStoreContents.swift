// The tables of the store in memory, and the way back when a batch fails half-way.

import Core
import States
import Storage

struct MemoryStoreContents {
    /// Names differ when their bytes do; Swift's strings are equal when they look the same.
    struct Name: Hashable {
        var machine: Int64
        var bytes: [UInt8]

        init(machine: Int64, name: String) {
            self.machine = machine
            bytes = Array(name.utf8)
        }
    }

    struct Task: Hashable {
        var execution: Int64
        var event: Int

        var order: (Int64, Int) { (execution, event) }
        var record: OpenTaskRecord { OpenTaskRecord(execution: execution, scheduledEvent: event) }

        init(execution: Int64, event: Int) {
            self.execution = execution
            self.event = event
        }
    }

    var epoch: Int64 = 0
    private(set) var machines: [Int64: MachineRecord] = [:]
    private(set) var revisions: [Int64: RevisionRecord] = [:]
    private(set) var executions: [Int64: ExecutionRecord] = [:]
    private(set) var names: [Name: Int64] = [:]
    /// `Slot.number` of each execution.
    private var numbers: Set<Int64> = []
    /// When running executions want to be woken.
    private(set) var wakes: [Int64: Timestamp] = [:]
    /// By execution, in order of ids.
    private(set) var events: [Int64: [EventsRecord]] = [:]
    private(set) var tasks: [Task: OpenTaskRecord] = [:]
    private(set) var activities: [String: ActivityRecord] = [:]
    private(set) var versions: [VersionRecord] = []
    private(set) var aliases: [AliasRecord] = []
    private(set) var quarantine: [Int64: QuarantineRecord] = [:]
    private(set) var messages: [Int64: MessageRecord] = [:]
    /// What was deleted, for checks of histories: rows of executions, and their events.
    private var deleted: (executions: [Int64: ExecutionRecord], events: [Int64: [EventsRecord]]) = ([:], [:])

    /// How to take back what the batch has done so far: values from before, newest last.
    private var undo: [Undo] = []

    private enum Undo {
        case machine(Int64, MachineRecord?)
        case revision(Int64)
        case execution(Int64, ExecutionRecord?)
        case events(EventsRecord, wereThere: Bool)
        case task(Task, OpenTaskRecord?)
        case activity(String, ActivityRecord?)
        case versions([VersionRecord])
        case aliases([AliasRecord])
        case quarantine([Int64: QuarantineRecord])
        case message(Int64, MessageRecord?)
    }

    /// All of `batch` or nothing.
    mutating func commit(_ batch: [Change], _ epoch: Epoch) throws(StoreError) {
        guard epoch.value == self.epoch else {
            throw StoreError(.fenced, "The store is at epoch \(self.epoch), not \(epoch.value)")
        }
        defer { undo = [] }
        do {
            for change in batch { try apply(change) }
        } catch {
            while let step = undo.popLast() { takeBack(step) }
            throw error
        }
    }

    // MARK: Machines

    private mutating func apply(_ change: Change) throws(StoreError) {
        switch change {
        case .createMachine(let record):
            try create(record)
        case .updateMachine(let record):
            guard var machine = machines[record.id], machine.deletionDate == nil else {
                throw StoreError(.failed, "There is no machine \(record.id) to update")
            }
            machine.type = record.type
            machine.tags = record.tags
            machine.revision = record.revision
            set(machine)
            try insert(record.revision)
        case .deleteMachine(let id, let time):
            guard var machine = machines[id], machine.deletionDate == nil else {
                throw StoreError(.failed, "There is no machine \(id) to delete")
            }
            machine.deletionDate = time
            set(machine)
            changeVersions { $0.removeAll { $0.machine == id } }
            changeAliases { $0.removeAll { $0.machine == id } }
        case .tagMachine(let id, let tags):
            guard var machine = machines[id], machine.deletionDate == nil else {
                throw StoreError(.failed, "There is no machine \(id) to tag")
            }
            machine.tags = tags
            set(machine)
        case .createVersion(let record): try create(record)
        case .deleteVersion(let machine, let number):
            changeVersions { $0.removeAll { $0.machine == machine && $0.number == number } }
        case .putAlias(let record):
            changeAliases { aliases in
                var record = record
                if let place = aliases.firstIndex(where: { $0.machine == record.machine && $0.name == record.name }) {
                    record.creationDate = aliases[place].creationDate
                    aliases[place] = record
                } else {
                    aliases.append(record)
                }
            }
        case .deleteAlias(let machine, let name):
            changeAliases { $0.removeAll { $0.machine == machine && $0.name == name } }
        case .putActivity(let record):
            var record = record
            record.creationDate = activities[record.arn]?.creationDate ?? record.creationDate
            undo.append(.activity(record.arn, activities.updateValue(record, forKey: record.arn)))
        case .deleteActivity(let arn): undo.append(.activity(arn, activities.removeValue(forKey: arn)))
        case .turn(let turn):
            try apply(turn)
        case .changeTask(let news): self.change(news)
        case .closeTask(let execution, let event): close(Task(execution: execution, event: event))
        case .deleteEvents(let execution, let through):
            for record in events[execution] ?? [] where record.firstID <= through {
                undo.append(.events(record, wereThere: true))
                deleted.events[execution, default: []].append(record)
            }
            events[execution]?.removeAll { $0.firstID <= through }
        case .deleteExecution(let id):
            delete(execution: id)
        case .freeName(let id):
            freeName(of: id)
        case .quarantine, .release: applyToQuarantine(change)
        case .send, .consume: try applyToMessages(change)
        }
    }

    private mutating func applyToQuarantine(_ change: Change) {
        undo.append(.quarantine(quarantine))
        if case .quarantine(let record) = change, quarantine[record.execution] == nil {
            quarantine[record.execution] = record
        }
        if case .release(let execution) = change { quarantine[execution] = nil }
    }

    private mutating func applyToMessages(_ change: Change) throws(StoreError) {
        if case .send(let message) = change {
            guard messages[message.id] == nil else {
                throw StoreError(.failed, "Message \(message.id) is there already")
            }
            undo.append(.message(message.id, nil))
            messages[message.id] = message
        }
        if case .consume(let id) = change { undo.append(.message(id, messages.removeValue(forKey: id))) }
    }

    private mutating func freeName(of id: Int64) {
        guard var record = executions[id] else { return }
        // Taken back in the opposite order: the new name goes before the old one returns.
        undo += [.execution(id, record), .execution(id, nil)]
        names[Name(machine: record.machine, name: record.name)] = nil
        record.name = ExecutionRecord.nameOfExpired(id)
        put(record)
    }

    private mutating func create(_ record: MachineRecord) throws(StoreError) {
        let before = machines[record.id]
        guard before == nil || before?.deletionDate != nil && before?.arn == record.arn else {
            throw StoreError(.conflict, "Machine \(record.id) is there already")
        }
        guard machines.values.allSatisfy({ $0.arn != record.arn || $0.id == record.id }) else {
            throw StoreError(.conflict, "The ARN \(record.arn) is taken")
        }
        var machine = record
        machine.deletionDate = nil
        machine.lastVersion = 0
        set(machine)
        try insert(record.revision)
    }

    private mutating func create(_ record: VersionRecord) throws(StoreError) {
        guard var machine = machines[record.machine], machine.deletionDate == nil, machine.lastVersion < record.number
        else { throw StoreError(.failed, "Machine \(record.machine) takes no version \(record.number)") }
        machine.lastVersion = record.number
        set(machine)
        changeVersions { $0.append(record) }
    }

    private mutating func changeVersions(_ body: (inout [VersionRecord]) -> Void) {
        undo.append(.versions(versions))
        body(&versions)
    }

    private mutating func changeAliases(_ body: (inout [AliasRecord]) -> Void) {
        undo.append(.aliases(aliases))
        body(&aliases)
    }

    private mutating func insert(_ revision: RevisionRecord) throws(StoreError) {
        guard revisions[revision.id] == nil else {
            throw StoreError(.failed, "Revision \(revision.id) is there already")
        }
        guard machines[revision.machine] != nil else {
            throw StoreError(.failed, "There is no machine \(revision.machine) for revision \(revision.id)")
        }
        undo.append(.revision(revision.id))
        revisions[revision.id] = revision
    }

    private mutating func set(_ machine: MachineRecord) {
        undo.append(.machine(machine.id, machines[machine.id]))
        machines[machine.id] = machine
    }

    // MARK: Executions

    private mutating func apply(_ turn: ExecutionTurn) throws(StoreError) {
        if turn.isNew { try insert(turn.execution) } else { try update(turn.execution) }
        if let record = turn.events { try insert(record) }
        for event in turn.openedTasks {
            let task = Task(execution: turn.execution.id, event: event)
            guard tasks[task] == nil else {
                throw StoreError(.failed, "Task \(event) of execution \(turn.execution.id) is open already")
            }
            tasks[task] = task.record
            undo.append(.task(task, nil))
        }
        for event in turn.closedTasks { close(Task(execution: turn.execution.id, event: event)) }
    }

    private mutating func change(_ news: OpenTaskRecord) {
        let task = Task(execution: news.execution, event: news.scheduledEvent)
        guard let before = tasks[task] else { return }
        undo.append(.task(task, before))
        tasks[task]?.isDelivered = before.isDelivered || news.isDelivered
        tasks[task]?.heartbeat = news.heartbeat ?? before.heartbeat
        tasks[task]?.job = news.job ?? before.job
    }

    private mutating func close(_ task: Task) {
        if let record = tasks.removeValue(forKey: task) { undo.append(.task(task, record)) }
    }

    private mutating func insert(_ execution: ExecutionRecord) throws(StoreError) {
        guard names[Name(machine: execution.machine, name: execution.name)] == nil else {
            throw StoreError(.conflict, "The name \(execution.name) is taken")
        }
        guard executions[execution.id] == nil else {
            throw StoreError(.failed, "Execution \(execution.id) is there already")
        }
        guard !numbers.contains(Slot.number(of: execution.id)) else {
            throw StoreError(.failed, "The number of execution \(execution.id) is another one's")
        }
        undo.append(.execution(execution.id, nil))
        put(execution)
    }

    /// Machine, revision, name, start date and trace header stay what they were.
    private mutating func update(_ execution: ExecutionRecord) throws(StoreError) {
        guard let before = executions[execution.id] else {
            throw StoreError(.failed, "There is no execution \(execution.id) to update")
        }
        var after = before
        after.status = execution.status
        after.stopDate = execution.stopDate
        after.lastEventID = execution.lastEventID
        after.wakeAt = execution.wakeAt
        after.redriveCount = execution.redriveCount
        after.redriveDate = execution.redriveDate
        undo.append(.execution(execution.id, before))
        put(after)
    }

    private mutating func delete(execution id: Int64) {
        guard let execution = executions.removeValue(forKey: id) else { return }
        numbers.remove(Slot.number(of: id))
        undo.append(.execution(id, execution))
        deleted.executions[id] = execution
        deleted.events[id, default: []] += events[id] ?? []
        names[Name(machine: execution.machine, name: execution.name)] = nil
        wakes[id] = nil
        for record in events.removeValue(forKey: id) ?? [] { undo.append(.events(record, wereThere: true)) }
        for task in tasks.keys where task.execution == id { close(task) }
    }

    private mutating func put(_ execution: ExecutionRecord) {
        executions[execution.id] = execution
        numbers.insert(Slot.number(of: execution.id))
        names[Name(machine: execution.machine, name: execution.name)] = execution.id
        wakes[execution.id] = execution.status == .running ? execution.wakeAt : nil
    }

    private mutating func insert(_ record: EventsRecord) throws(StoreError) {
        let rows = events[record.execution, default: []]
        // From the end: new events come last.
        let place = rows.lastIndex { $0.firstID <= record.firstID }.map { $0 + 1 } ?? 0
        guard place == 0 || rows[place - 1].firstID != record.firstID else {
            throw StoreError(.failed, "Events from \(record.firstID) of \(record.execution) are there already")
        }
        undo.append(.events(record, wereThere: false))
        events[record.execution, default: []].insert(record, at: place)
    }

    private mutating func takeBack(_ step: Undo) {
        switch step {
        case .machine(let id, let record): machines[id] = record
        case .revision(let id): revisions[id] = nil
        case .execution(_, let record?): put(record)
        case .execution(let id, nil):
            guard let execution = executions.removeValue(forKey: id) else { return }
            numbers.remove(Slot.number(of: id))
            names[Name(machine: execution.machine, name: execution.name)] = nil
            wakes[id] = nil
        case .events(let record, true):
            events[record.execution, default: []].append(record)
            events[record.execution]?.sort { $0.firstID < $1.firstID }
        case .events(let record, false): events[record.execution]?.removeAll { $0.firstID == record.firstID }
        case .task(let task, let record): tasks[task] = record
        case .activity(let arn, let record): activities[arn] = record
        case .versions(let before): versions = before
        case .aliases(let before): aliases = before
        case .quarantine(let before): quarantine = before
        case .message(let id, let before): messages[id] = before
        }
    }

    // MARK: Histories

    /// The rows of all executions that there have been, by id, whether they are still there or not.
    var everyExecution: [ExecutionRecord] {
        (Array(executions.values) + deleted.executions.values.filter { executions[$0.id] == nil })
            .sorted { $0.id < $1.id }
    }

    /// The rows of history of an execution that is or was there.
    func history(of execution: Int64) -> [EventsRecord] {
        let rows = (deleted.events[execution] ?? []) + (events[execution] ?? [])
        let byFirst = Dictionary(rows.map { ($0.firstID, $0) }, uniquingKeysWith: { $1 })
        return byFirst.values.sorted { $0.firstID < $1.firstID }
    }

    // MARK: Pages

    func page(_ query: ExecutionQuery) -> [ExecutionRecord] {
        func order(_ execution: ExecutionRecord) -> (Timestamp, Int64) { (execution.startDate, execution.id) }
        let rows = executions.values.filter { execution in
            execution.machine == query.machine && (query.status ?? execution.status) == execution.status
                && (query.version == nil || query.version == execution.version)
                && (query.alias == nil || query.alias == execution.alias)
                && (execution.stopDate ?? .distantFuture) >= (query.closedSince ?? Timestamp(milliseconds: .min))
                && (query.after.map { order(execution) < ($0.startDate, $0.id) } ?? true)
        }
        return Array(rows.sorted { order($0) > order($1) }.prefix(max(0, query.limit)))
    }
}
