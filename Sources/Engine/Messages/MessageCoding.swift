// The stored form of a message: a JSON object. Stored for ever: members may be added, none changes its meaning.

import Core
import JSON
import States
import Storage

enum MessageCoding {
    static func encode(_ body: Message.Body) -> [UInt8] {
        var object = JSONObject()
        switch body {
        case .startChild(let start):
            object["kind"] = "startChild"
            object.put(start.parent)
            object.put(start)
        case .childStarted(let task, let child):
            object["kind"] = "childStarted"
            object.put(task)
            object["child"] = .int(Int(child.id))
            object["arn"] = .string(child.arn)
            object["startDate"] = .int(Int(child.startDate.milliseconds))
            object["hasJob"] = .bool(child.hasJob)
        case .childRejected(let task, let failure):
            object["kind"] = "childRejected"
            object.put(task)
            object.put(failure)
        case .awaitChild(let child, let task):
            object["kind"] = "awaitChild"
            object.put(task)
            object["child"] = .int(Int(child))
        case .childClosed(let task, let summary):
            object["kind"] = "childClosed"
            object.put(task)
            object.put(summary)
        case .stopChild(let child, let task, let cause):
            object["kind"] = "stopChild"
            object.put(task)
            object["child"] = .int(Int(child))
            object["cause"] = .string(cause)
        }
        return Array(JSONValue.object(object).text.utf8)
    }

    /// `entry` returns the machine at a revision. Throws `.corrupt` for a body of an unknown form.
    static func decode(
        _ record: MessageRecord, entry: (Int64) throws(StoreError) -> MachineEntry
    ) throws(StoreError) -> Message {
        guard let body = try body(record, entry) else {
            throw StoreError(.corrupt, "message \(record.id) has an unknown form")
        }
        return Message(id: record.id, slot: record.slot, body: body)
    }

    /// The task whose start of a job the message reports, and the job; `nil` for other messages.
    static func startedJob(_ record: MessageRecord) -> (task: TaskID, job: Int64)? {
        guard let object = try? JSONValue.parse(String(decoding: record.body, as: UTF8.self)),
            object["kind"]?.stringValue == "childStarted", let task = object.task,
            let child = object.startedChild, child.hasJob
        else { return nil }
        return (task, child.id)
    }

    private static func body(
        _ record: MessageRecord, _ entry: (Int64) throws(StoreError) -> MachineEntry
    ) throws(StoreError) -> Message.Body? {
        guard let object = try? JSONValue.parse(String(decoding: record.body, as: UTF8.self)),
            let task = object.task
        else { return nil }
        switch object["kind"]?.stringValue {
        case "startChild": return try object.start(task, record.slot, entry).map { .startChild($0) }
        case "childStarted": return object.startedChild.map { .childStarted(task, $0) }
        case "childRejected": return .childRejected(task, object.failure)
        case "awaitChild": return object.integer("child").map { .awaitChild($0, parent: task) }
        case "childClosed": return object.summary.map { .childClosed(task, $0) }
        case "stopChild":
            guard let child = object.integer("child"), let cause = object["cause"]?.stringValue else { return nil }
            return .stopChild(child, parent: task, cause: cause)
        default: return nil
        }
    }
}

extension JSONObject {
    fileprivate mutating func put(_ task: TaskID) {
        self["execution"] = .int(Int(task.execution))
        self["event"] = .int(task.scheduledEvent)
    }

    fileprivate mutating func put(_ failure: Failure) {
        if let error = failure.error { self["error"] = .string(error) }
        if let cause = failure.cause { self["cause"] = .string(cause) }
    }

    fileprivate mutating func put(_ start: ChildStart) {
        let command = start.command
        self["revision"] = .int(Int(command.entry.revision.id))
        if let version = command.version { self["version"] = .int(version) }
        if let alias = command.alias { self["alias"] = .string(alias) }
        self["arn"] = .string(command.arn)
        self["name"] = .string(command.name)
        self["nameIsFresh"] = .bool(command.nameIsFresh)
        self["input"] = .string(command.input.text)
        self["seed"] = .int(Int(bitPattern: UInt(command.seed)))
        self["depth"] = .int(command.depth)
        self["adoptsExisting"] = .bool(start.adoptsExisting)
        self["hasJob"] = .bool(start.hasJob)
        self["requestID"] = .string(start.requestID)
    }

    fileprivate mutating func put(_ summary: ExecutionSummary) {
        self["arn"] = .string(summary.arn)
        self["name"] = .string(summary.name)
        self["machine"] = .string(summary.machineARN)
        if let input = summary.input { self["input"] = .string(input) }
        self["startDate"] = .int(Int(summary.startDate.milliseconds))
        self["stopDate"] = .int(Int(summary.stopDate.milliseconds))
        self["redriveCount"] = .int(summary.redriveCount)
        if let date = summary.redriveDate { self["redriveDate"] = .int(Int(date.milliseconds)) }
        if let reason = summary.reasonAgainstRedrive { self["reasonAgainstRedrive"] = .string(reason) }
        self["status"] = .string(summary.outcome.recorded.rawValue)
        switch summary.outcome {
        case .succeeded(let output): self["output"] = .string(output.text)
        case .failed(let failure), .aborted(let failure), .timedOut(let failure): put(failure)
        case .created, .running: break
        }
    }
}

extension JSONValue {
    fileprivate func integer(_ member: String) -> Int64? { self[member]?.intValue.map { Int64($0) } }

    fileprivate func time(_ member: String) -> Timestamp? { integer(member).map { Timestamp(milliseconds: $0) } }

    fileprivate func bool(_ member: String) -> Bool { self[member] == .bool(true) }

    fileprivate var task: TaskID? {
        guard let execution = integer("execution"), let event = integer("event") else { return nil }
        return TaskID(execution: execution, scheduledEvent: Int(event))
    }

    fileprivate var failure: Failure {
        Failure(error: self["error"]?.stringValue, cause: self["cause"]?.stringValue)
    }

    fileprivate var startedChild: StartedChild? {
        guard let id = integer("child"), let arn = self["arn"]?.stringValue, let date = time("startDate")
        else { return nil }
        return StartedChild(id: id, arn: arn, startDate: date, hasJob: bool("hasJob"))
    }

    fileprivate func start(
        _ task: TaskID, _ slot: Int64, _ entry: (Int64) throws(StoreError) -> MachineEntry
    ) throws(StoreError) -> ChildStart? {
        guard let revision = integer("revision"), let arn = self["arn"]?.stringValue,
            let name = self["name"]?.stringValue, let seed = integer("seed"), let depth = integer("depth"),
            let input = self["input"]?.stringValue, let value = try? JSONValue.parse(input)
        else { return nil }
        let command = StartCommand(
            entry: try entry(revision), version: integer("version").map { Int($0) }, alias: self["alias"]?.stringValue,
            id: 0, arn: arn, name: name, nameIsFresh: bool("nameIsFresh"), input: Payload(text: input, value: value),
            seed: UInt64(bitPattern: seed), depth: Int(depth), traceHeader: nil, replyTo: nil)
        return ChildStart(
            command: command, slot: slot, parent: task, adoptsExisting: bool("adoptsExisting"), hasJob: bool("hasJob"),
            requestID: self["requestID"]?.stringValue ?? "")
    }

    fileprivate var summary: ExecutionSummary? {
        guard let arn = self["arn"]?.stringValue, let name = self["name"]?.stringValue,
            let machine = self["machine"]?.stringValue, let started = time("startDate"),
            let stopped = time("stopDate"), let outcome
        else { return nil }
        return ExecutionSummary(
            arn: arn, name: name, machineARN: machine, input: self["input"]?.stringValue, outcome: outcome,
            startDate: started, stopDate: stopped, redriveCount: Int(integer("redriveCount") ?? 0),
            redriveDate: time("redriveDate"), reasonAgainstRedrive: self["reasonAgainstRedrive"]?.stringValue)
    }

    private var outcome: Execution.Status? {
        switch self["status"]?.stringValue.flatMap(ExecutionStatus.init(rawValue:)) {
        case .succeeded:
            guard let output = self["output"]?.stringValue, let value = try? JSONValue.parse(output) else { return nil }
            return .succeeded(output: Payload(text: output, value: value))
        case .failed: return .failed(failure)
        case .aborted: return .aborted(failure)
        case .timedOut: return .timedOut(failure)
        case .running, nil: return nil
        }
    }
}
