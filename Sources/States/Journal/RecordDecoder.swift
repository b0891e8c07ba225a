// Reads records as RecordEncoder wrote them.

import JSON
import Core

struct RecordDecoder {
    private let bytes: [UInt8]
    private var at = 0
    private var lastTimestamp: Int64 = 0
    private var strings: [String] = []
    /// Tag of the record that is read.
    private(set) var tag = RecordTag.executionStarted

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func byte() throws(RecordCodingError) -> UInt8 {
        guard at < bytes.count else { throw RecordCodingError(reason: "cut off at byte \(at)") }
        at += 1
        return bytes[at - 1]
    }

    mutating func uint() throws(RecordCodingError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let byte = try byte()
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw RecordCodingError(reason: "an integer without an end at byte \(at)")
    }

    mutating func signed() throws(RecordCodingError) -> Int64 {
        let value = try uint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func int() throws(RecordCodingError) -> Int { Int(try signed()) }

    mutating func string() throws(RecordCodingError) -> String {
        let reference = try uint()
        if reference > 0 {
            guard reference <= UInt64(strings.count) else {
                throw RecordCodingError(reason: "a reference to string \(reference) of \(strings.count)")
            }
            return strings[Int(reference) - 1]
        }
        let count = try uint()
        guard count <= UInt64(bytes.count - at) else { throw RecordCodingError(reason: "a string beyond the end") }
        let text = String(decoding: bytes[at..<at + Int(count)], as: UTF8.self)
        at += Int(count)
        strings.append(text)
        return text
    }

    mutating func optional<Value>(
        _ body: (inout RecordDecoder) throws(RecordCodingError) -> Value
    ) throws(RecordCodingError) -> Value? {
        switch try byte() {
        case 0: return nil
        case 1: return try body(&self)
        case let other: throw RecordCodingError(reason: "\(other) where there is something or nothing")
        }
    }

    mutating func optionalString() throws(RecordCodingError) -> String? {
        try optional { (decoder) throws(RecordCodingError) in try decoder.string() }
    }

    mutating func optionalInt() throws(RecordCodingError) -> Int? {
        try optional { (decoder) throws(RecordCodingError) in try decoder.int() }
    }

    mutating func timestamp() throws(RecordCodingError) -> Timestamp { Timestamp(milliseconds: try signed()) }

    mutating func optionalTimestamp() throws(RecordCodingError) -> Timestamp? {
        try optional { (decoder) throws(RecordCodingError) in try decoder.timestamp() }
    }

    mutating func payload() throws(RecordCodingError) -> Payload { Payload(stored: try string()) }

    mutating func failure() throws(RecordCodingError) -> Failure {
        Failure(error: try optionalString(), cause: try optionalString())
    }

    mutating func type() throws(RecordCodingError) -> StateType {
        let index = Int(try byte())
        guard StateType.allCases.indices.contains(index) else {
            throw RecordCodingError(reason: "unknown state type \(index)")
        }
        return StateType.allCases[index]
    }

    mutating func transition() throws(RecordCodingError) -> Transition {
        try byte() == 0 ? .end : .next(try string())
    }

    mutating func family() throws(RecordCodingError) -> TaskFamily {
        switch try byte() {
        case 0: return .lambdaFunction
        case 1: return .service(resourceType: try string(), resource: try string())
        case 2: return .activity
        case let other: throw RecordCodingError(reason: "unknown family of records \(other)")
        }
    }

    mutating func record(id: Int) throws(RecordCodingError) -> JournalRecord {
        let previous = try int()
        lastTimestamp &+= try signed()
        let time = Timestamp(milliseconds: lastTimestamp)
        let frame = try int()
        let retry = try optional { (decoder) throws(RecordCodingError) in
            JournalRecord.Retry(
                frame: try decoder.int(), retrier: try decoder.int(), at: try decoder.timestamp(),
                previous: try decoder.int())
        }
        let number = try byte()
        guard let tag = RecordTag(rawValue: number) else { throw RecordCodingError(reason: "unknown record \(number)") }
        self.tag = tag
        return JournalRecord(
            id: id, previous: previous, timestamp: time, frame: frame, kind: try RecordKind(tag, from: &self),
            retry: retry)
    }

    /// Reads a count. The ranges are sanity checks of the stored format, far above what an execution can hold.
    mutating func count(within range: ClosedRange<Int>, _ what: String) throws(RecordCodingError) -> Int {
        let count = try int()
        guard range.contains(count) else { throw RecordCodingError(reason: "\(count) \(what)") }
        return count
    }

    mutating func iteration() throws(RecordCodingError) -> MapIteration {
        MapIteration(name: try string(), index: try count(within: 0...1_000_000, "as an index"))
    }
}
