// Reads what EventEncoder wrote.

import Core

struct EventDecoder {
    private let bytes: [UInt8]
    private var at = 0
    private var lastTimestamp: Int64 = 0
    private var strings: [String] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func byte() throws(EventCodingError) -> UInt8 {
        guard at < bytes.count else { throw EventCodingError(reason: "cut off at byte \(at)") }
        at += 1
        return bytes[at - 1]
    }

    mutating func uint() throws(EventCodingError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let byte = try byte()
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw EventCodingError(reason: "an integer without an end at byte \(at)")
    }

    mutating func signed() throws(EventCodingError) -> Int64 {
        let value = try uint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func int() throws(EventCodingError) -> Int { Int(try signed()) }

    mutating func string() throws(EventCodingError) -> String {
        let reference = try uint()
        if reference > 0 {
            guard reference <= UInt64(strings.count) else {
                throw EventCodingError(reason: "a reference to string \(reference) of \(strings.count)")
            }
            return strings[Int(reference) - 1]
        }
        let count = try uint()
        guard count <= UInt64(bytes.count - at) else { throw EventCodingError(reason: "a string beyond the end") }
        let text = String(decoding: bytes[at..<at + Int(count)], as: UTF8.self)
        at += Int(count)
        strings.append(text)
        return text
    }

    private mutating func optional<Value>(
        _ body: (inout EventDecoder) throws(EventCodingError) -> Value
    ) throws(EventCodingError) -> Value? {
        switch try byte() {
        case 0: return nil
        case 1: return try body(&self)
        case let other: throw EventCodingError(reason: "\(other) where there is something or nothing")
        }
    }

    private mutating func optionalString() throws(EventCodingError) -> String? {
        try optional { (decoder) throws(EventCodingError) in try decoder.string() }
    }

    private mutating func optionalInt() throws(EventCodingError) -> Int? {
        try optional { (decoder) throws(EventCodingError) in try decoder.int() }
    }

    private mutating func timestamp() throws(EventCodingError) -> Timestamp { Timestamp(milliseconds: try signed()) }

    private mutating func optionalTimestamp() throws(EventCodingError) -> Timestamp? {
        try optional { (decoder) throws(EventCodingError) in try decoder.timestamp() }
    }

    private mutating func payload() throws(EventCodingError) -> Payload { Payload(stored: try string()) }

    private mutating func failure() throws(EventCodingError) -> Failure {
        Failure(error: try optionalString(), cause: try optionalString())
    }

    private mutating func type() throws(EventCodingError) -> StateType {
        let index = Int(try byte())
        guard StateType.allCases.indices.contains(index) else {
            throw EventCodingError(reason: "unknown state type \(index)")
        }
        return StateType.allCases[index]
    }

    private mutating func transition() throws(EventCodingError) -> Transition {
        try byte() == 0 ? .end : .next(try string())
    }

    private mutating func family() throws(EventCodingError) -> TaskFamily {
        switch try byte() {
        case 0: return .lambdaFunction
        case 1: return .service(resourceType: try string(), resource: try string())
        case 2: return .activity
        case let other: throw EventCodingError(reason: "unknown family of events \(other)")
        }
    }

    mutating func event(id: Int) throws(EventCodingError) -> Event {
        let previous = try int()
        lastTimestamp &+= try signed()
        let time = Timestamp(milliseconds: lastTimestamp)
        let frame = try int()
        let retry = try optional { (decoder) throws(EventCodingError) in
            Event.Retry(
                frame: try decoder.int(), retrier: try decoder.int(), at: try decoder.timestamp(),
                previous: try decoder.int())
        }
        let tag = try byte()
        guard let tag = EventTag(rawValue: tag) else { throw EventCodingError(reason: "unknown event \(tag)") }
        return Event(
            id: id, previous: previous, timestamp: time, frame: frame, kind: try kind(tag), retry: retry)
    }

    private mutating func kind(_ tag: EventTag) throws(EventCodingError) -> Event.Kind {
        switch tag {
        case .executionStarted:
            return .executionStarted(
                ExecutionStarted(
                    input: try payload(), roleARN: try string(), deadline: try optionalTimestamp(), seed: try uint()))
        case .executionStartedNested:
            return .executionStarted(
                ExecutionStarted(
                    input: try payload(), roleARN: try string(), deadline: try optionalTimestamp(), seed: try uint(),
                    depth: try int()))
        case .executionSucceeded: return .executionSucceeded(output: try payload())
        case .executionFailed: return .executionFailed(try failure())
        case .executionAborted: return .executionAborted(try failure())
        case .executionTimedOut: return .executionTimedOut(try failure())
        case .stateEntered:
            var entered = StateEntered(type: try type(), name: try string(), input: try payload())
            let wait = try byte()
            guard wait <= 2 else { throw EventCodingError(reason: "unknown kind \(wait) of a wait") }
            if wait != 0 { entered.waitUntil = try timestamp() }
            entered.waitsForDate = wait == 2
            return .stateEntered(entered)
        case .stateExited: return .stateExited(try exited())
        case .stateExitedAssigning:
            var exited = try exited()
            for _ in 0..<(try count(within: 1...100_000, "variables")) {
                exited.assigned.append(AssignedVariable(name: try string(), value: try payload()))
            }
            return .stateExited(exited)
        case .executionRedriven:
            return .executionRedriven(
                ExecutionRedriven(
                    count: try int(), deadline: try optionalTimestamp(), clientToken: try optionalString()))
        case .taskScheduled, .taskStarted, .activityStarted, .taskSubmitted, .taskSubmitFailed, .taskSucceeded,
            .taskFailed, .taskTimedOut:
            return try taskKind(tag)
        case .stateAborted: return .stateAborted(try type())
        case .parallelStateStarted:
            return .parallelStateStarted(branches: try count(within: 1...1_000_000, "branches"), input: try payload())
        case .parallelStateSucceeded: return .parallelStateSucceeded
        case .parallelStateFailed: return .parallelStateFailed
        case .mapStateStarted:
            return .mapStateStarted(
                MapStateStarted(
                    length: try count(within: 0...1_000_000, "items"), items: try payload(),
                    concurrency: try count(within: 1...1_000_000, "iterations at once")))
        case .mapStateSucceeded: return .mapStateSucceeded
        case .mapStateFailed: return .mapStateFailed
        case .mapIterationStarted: return .mapIterationStarted(try iteration(), input: try payload())
        case .mapIterationSucceeded: return .mapIterationSucceeded(try iteration())
        case .mapIterationFailed: return .mapIterationFailed(try iteration())
        case .mapIterationAborted: return .mapIterationAborted(try iteration())
        case .evaluationFailed:
            return .evaluationFailed(
                EvaluationFailed(state: try string(), location: try optionalString(), failure: try failure()))
        }
    }

    private mutating func taskKind(_ tag: EventTag) throws(EventCodingError) -> Event.Kind {
        switch tag {
        case .taskScheduled: return .taskScheduled(try scheduled())
        case .taskStarted: return .taskStarted(try family())
        case .activityStarted: return .activityStarted(workerName: try optionalString())
        case .taskSubmitted: return .taskSubmitted(try family(), output: try payload())
        case .taskSubmitFailed: return .taskSubmitFailed(try family(), try failure())
        case .taskSucceeded: return .taskSucceeded(try family(), output: try payload())
        case .taskFailed: return .taskFailed(try family(), try failure())
        case .taskTimedOut: return .taskTimedOut(try family(), try failure())
        default: throw EventCodingError(reason: "\(tag) is no task's event")
        }
    }

    /// Reads a count. The ranges are sanity checks of the stored format, far above what an execution can hold.
    private mutating func count(within range: ClosedRange<Int>, _ what: String) throws(EventCodingError) -> Int {
        let count = try int()
        guard range.contains(count) else { throw EventCodingError(reason: "\(count) \(what)") }
        return count
    }

    private mutating func exited() throws(EventCodingError) -> StateExited {
        StateExited(type: try type(), name: try string(), output: try payload(), transition: try transition())
    }

    private mutating func iteration() throws(EventCodingError) -> MapIteration {
        MapIteration(name: try string(), index: try count(within: 0...1_000_000, "as an index"))
    }

    private mutating func scheduled() throws(EventCodingError) -> TaskScheduled {
        TaskScheduled(
            family: try family(), resource: try string(), input: try payload(), timeoutSeconds: try optionalInt(),
            heartbeatSeconds: try optionalInt(), credentialsRoleARN: try optionalString(),
            deadline: try optionalTimestamp())
    }
}
