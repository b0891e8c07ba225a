// How the events of one turn are stored: one blob, strings once.

import Core
import JSON

/// Codes a turn's events into a row's body and back. The first byte is the version of the form; a version once written
/// is read for ever. Integers are LEB128; a string that occurred before in the same body is a reference to it, so that
/// a state's input costs nothing when it is the last one's output.
package enum EventCoding {
    static let version: UInt8 = 1

    package static func encode(_ events: [Event]) -> [UInt8] {
        var encoder = EventEncoder()
        encoder.bytes.append(version)
        encoder.int(events.first?.id ?? 0)
        encoder.int(events.count)
        encoder.lastTimestamp = 0
        for event in events { encoder.event(event) }
        return encoder.bytes
    }

    /// The events of a body. Throws `EventCodingError` for a body that no version of Newel wrote.
    package static func decode(_ body: [UInt8]) throws(EventCodingError) -> [Event] {
        var decoder = EventDecoder(bytes: body)
        guard try decoder.byte() == version else { throw EventCodingError(reason: "unknown version \(body[0])") }
        let first = try decoder.int()
        let count = try decoder.int()
        guard count >= 0, count <= body.count, (0...Int(Int32.max)).contains(first) else {
            throw EventCodingError(reason: "impossible events \(first), \(count) of them")
        }
        var events: [Event] = []
        events.reserveCapacity(count)
        for offset in 0..<count { events.append(try decoder.event(id: first + offset)) }
        return events
    }
}

/// A body that cannot be read: the store is damaged or a newer version wrote it.
package struct EventCodingError: Error, Sendable, Equatable {
    package var reason: String
}

/// Which kind of event follows. The numbers are stored: never reuse one.
enum EventTag: UInt8 {
    case executionStarted = 1
    case executionSucceeded = 2
    case executionFailed = 3
    case executionAborted = 4
    case executionTimedOut = 5
    case stateEntered = 6
    case stateExited = 7
    case taskScheduled = 8
    case taskStarted = 9
    case taskSucceeded = 10
    case taskFailed = 11
    case taskTimedOut = 12
    case stateAborted = 13
    case parallelStateStarted = 14
    case parallelStateSucceeded = 15
    case parallelStateFailed = 16
    /// A state's exit that assigns variables; without any it is `stateExited`.
    case stateExitedAssigning = 17
    case mapStateStarted = 18
    case mapStateSucceeded = 19
    case mapStateFailed = 20
    case mapIterationStarted = 21
    case mapIterationSucceeded = 22
    case mapIterationFailed = 23
    case mapIterationAborted = 24
    case evaluationFailed = 25
    case executionRedriven = 26
    case activityStarted = 27
    case taskSubmitted = 28
    case taskSubmitFailed = 29
    /// The start of an execution that another one has started; of any other it is `executionStarted`.
    case executionStartedNested = 30
}

struct EventEncoder {
    var bytes: [UInt8] = []
    var lastTimestamp: Int64 = 0
    private var strings: [String] = []

    /// How far back a string is looked for.
    private static let window = 6  // The stored format allows any distance.

    init() { bytes.reserveCapacity(512) }

    mutating func uint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func int(_ value: Int) { signed(Int64(value)) }

    /// Zigzag: small negative numbers stay short.
    mutating func signed(_ value: Int64) { uint(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    mutating func string(_ text: String) {
        if let known = place(of: text) { return uint(UInt64(known) + 1) }
        uint(0)
        uint(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
        strings.append(text)
    }

    private func place(of text: String) -> Int? {
        let size = text.utf8.count
        var place = strings.count
        let oldest = max(0, place - Self.window)
        while place > oldest {
            place -= 1
            // Sizes first: most texts differ in it.
            if strings[place].utf8.count == size, strings[place].hasSameUnits(as: text) { return place }
        }
        return nil
    }

    mutating func optional<Value>(_ value: Value?, _ body: (inout EventEncoder, Value) -> Void) {
        bytes.append(value == nil ? 0 : 1)
        if let value { body(&self, value) }
    }

    mutating func failure(_ failure: Failure) {
        optional(failure.error) { $0.string($1) }
        optional(failure.cause) { $0.string($1) }
    }

    mutating func timestamp(_ time: Timestamp) { signed(time.milliseconds) }

    mutating func type(_ type: StateType) {
        bytes.append(UInt8(StateType.allCases.firstIndex(of: type) ?? 0))
    }

    mutating func transition(_ transition: Transition) {
        switch transition {
        case .end: bytes.append(0)
        case .next(let name):
            bytes.append(1)
            string(name)
        }
    }

    mutating func family(_ family: TaskFamily) {
        switch family {
        case .lambdaFunction: bytes.append(0)
        case .service(let resourceType, let resource):
            bytes.append(1)
            string(resourceType)
            string(resource)
        case .activity: bytes.append(2)
        }
    }

    private mutating func tag(_ tag: EventTag) { bytes.append(tag.rawValue) }

    mutating func event(_ event: Event) {
        int(event.previous)
        signed(event.timestamp.milliseconds - lastTimestamp)
        lastTimestamp = event.timestamp.milliseconds
        int(event.frame)
        optional(event.retry) { encoder, retry in
            encoder.int(retry.frame)
            encoder.int(retry.retrier)
            encoder.timestamp(retry.at)
            encoder.int(retry.previous)
        }
        kind(event.kind)
    }

    /// One switch over all kinds, so that a new one does not compile until it is encoded.
    private mutating func kind(_ kind: Event.Kind) {
        switch kind {
        case .executionStarted(let started): self.started(started)
        case .executionSucceeded(let output): payload(.executionSucceeded, output)
        case .executionFailed(let failure): close(.executionFailed, failure)
        case .executionAborted(let failure): close(.executionAborted, failure)
        case .executionTimedOut(let failure): close(.executionTimedOut, failure)
        case .executionRedriven(let redriven): self.redriven(redriven)
        case .stateEntered(let entered): self.entered(entered)
        case .stateExited(let exited): self.exited(exited)
        case .stateAborted(let aborted):
            tag(.stateAborted)
            type(aborted)
        case .evaluationFailed(let failed):
            tag(.evaluationFailed)
            string(failed.state)
            optional(failed.location) { $0.string($1) }
            failure(failed.failure)
        case .parallelStateStarted(let branches, let input):
            tag(.parallelStateStarted)
            int(branches)
            string(input.text)
        case .parallelStateSucceeded: tag(.parallelStateSucceeded)
        case .parallelStateFailed: tag(.parallelStateFailed)
        case .mapStateStarted(let started):
            tag(.mapStateStarted)
            int(started.length)
            string(started.items.text)
            int(started.concurrency)
        case .mapStateSucceeded: tag(.mapStateSucceeded)
        case .mapStateFailed: tag(.mapStateFailed)
        case .mapIterationStarted(let iteration, let input):
            self.iteration(.mapIterationStarted, iteration)
            string(input.text)
        case .mapIterationSucceeded(let iteration): self.iteration(.mapIterationSucceeded, iteration)
        case .mapIterationFailed(let iteration): self.iteration(.mapIterationFailed, iteration)
        case .mapIterationAborted(let iteration): self.iteration(.mapIterationAborted, iteration)
        case .taskScheduled(let scheduled): self.scheduled(scheduled)
        case .taskStarted(let family):
            tag(.taskStarted)
            self.family(family)
        case .activityStarted(let workerName):
            tag(.activityStarted)
            optional(workerName) { $0.string($1) }
        case .taskSubmitted(let family, let output): task(.taskSubmitted, family, output)
        case .taskSubmitFailed(let family, let failure): task(.taskSubmitFailed, family, failure)
        case .taskSucceeded(let family, let output): task(.taskSucceeded, family, output)
        case .taskFailed(let family, let failure): task(.taskFailed, family, failure)
        case .taskTimedOut(let family, let failure): task(.taskTimedOut, family, failure)
        }
    }

    private mutating func started(_ started: ExecutionStarted) {
        tag(started.depth == 0 ? .executionStarted : .executionStartedNested)
        string(started.input.text)
        string(started.roleARN)
        optional(started.deadline) { $0.timestamp($1) }
        uint(started.seed)
        if started.depth != 0 { int(started.depth) }
    }

    private mutating func redriven(_ redriven: ExecutionRedriven) {
        tag(.executionRedriven)
        int(redriven.count)
        optional(redriven.deadline) { $0.timestamp($1) }
        optional(redriven.clientToken) { $0.string($1) }
    }

    private mutating func entered(_ entered: StateEntered) {
        tag(.stateEntered)
        type(entered.type)
        string(entered.name)
        string(entered.input.text)
        // 0: none; 1: seconds from the start of the wait; 2: a date.
        bytes.append(entered.waitUntil == nil ? 0 : entered.waitsForDate ? 2 : 1)
        if let time = entered.waitUntil { timestamp(time) }
    }

    private mutating func exited(_ exited: StateExited) {
        tag(exited.assigned.isEmpty ? .stateExited : .stateExitedAssigning)
        type(exited.type)
        string(exited.name)
        string(exited.output.text)
        transition(exited.transition)
        guard !exited.assigned.isEmpty else { return }
        int(exited.assigned.count)
        for variable in exited.assigned {
            string(variable.name)
            string(variable.value.text)
        }
    }

    private mutating func iteration(_ tag: EventTag, _ iteration: MapIteration) {
        self.tag(tag)
        string(iteration.name)
        int(iteration.index)
    }

    private mutating func scheduled(_ scheduled: TaskScheduled) {
        tag(.taskScheduled)
        family(scheduled.family)
        string(scheduled.resource)
        string(scheduled.input.text)
        optional(scheduled.timeoutSeconds) { $0.int($1) }
        optional(scheduled.heartbeatSeconds) { $0.int($1) }
        optional(scheduled.credentialsRoleARN) { $0.string($1) }
        optional(scheduled.deadline) { $0.timestamp($1) }
    }

    private mutating func task(_ tag: EventTag, _ family: TaskFamily, _ output: Payload) {
        self.tag(tag)
        self.family(family)
        string(output.text)
    }

    private mutating func task(_ tag: EventTag, _ family: TaskFamily, _ failure: Failure) {
        self.tag(tag)
        self.family(family)
        self.failure(failure)
    }

    private mutating func payload(_ tag: EventTag, _ payload: Payload) {
        self.tag(tag)
        string(payload.text)
    }

    private mutating func close(_ tag: EventTag, _ failure: Failure) {
        self.tag(tag)
        self.failure(failure)
    }
}
