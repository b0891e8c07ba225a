// Writes records as RecordDecoder reads them.

import Core
import JSON

struct RecordEncoder {
    var bytes: [UInt8] = []
    var lastTimestamp: Int64 = 0
    private var strings: [String] = []

    /// How far back a string is looked for.
    private static let window = 6  // The stored format allows any distance.

    init() { bytes.reserveCapacity(512) }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

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

    mutating func optional<Value>(_ value: Value?, _ body: (inout RecordEncoder, Value) -> Void) {
        bytes.append(value == nil ? 0 : 1)
        if let value { body(&self, value) }
    }

    mutating func payload(_ payload: Payload) { string(payload.text) }

    mutating func iteration(_ iteration: MapIteration) {
        string(iteration.name)
        int(iteration.index)
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

    mutating func record(_ record: JournalRecord) {
        int(record.previous)
        signed(record.timestamp.milliseconds - lastTimestamp)
        lastTimestamp = record.timestamp.milliseconds
        int(record.frame)
        optional(record.retry) { encoder, retry in
            encoder.int(retry.frame)
            encoder.int(retry.retrier)
            encoder.timestamp(retry.at)
            encoder.int(retry.previous)
        }
        record.kind.encode(to: &self)
    }

    mutating func body(_ body: some RecordBody) {
        bytes.append(body.tag.rawValue)
        body.encode(to: &self)
    }
}
