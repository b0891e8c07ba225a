// How the records of one turn are stored: one blob, strings once.

/// Codes a turn's records into a row's body and back. The first byte is the version of the form; a version once written
/// is read for ever. Integers are LEB128; a string that occurred before in the same body is a reference to it, so that
/// a state's input costs nothing when it is the last one's output.
package enum RecordCoding {
    static let version: UInt8 = 1

    package static func encode(_ records: [JournalRecord]) -> [UInt8] {
        var encoder = RecordEncoder()
        encoder.bytes.append(version)
        encoder.int(records.first?.id ?? 0)
        encoder.int(records.count)
        encoder.lastTimestamp = 0
        for record in records { encoder.record(record) }
        return encoder.bytes
    }

    /// The records of a body. Throws `RecordCodingError` for a body that no version of Newel wrote.
    package static func decode(_ body: [UInt8]) throws(RecordCodingError) -> [JournalRecord] {
        var decoder = RecordDecoder(bytes: body)
        guard try decoder.byte() == version else { throw RecordCodingError(reason: "unknown version \(body[0])") }
        let first = try decoder.int()
        let count = try decoder.int()
        guard count >= 0, count <= body.count, (0...Int(Int32.max)).contains(first) else {
            throw RecordCodingError(reason: "impossible records \(first), \(count) of them")
        }
        var records: [JournalRecord] = []
        records.reserveCapacity(count)
        for offset in 0..<count { records.append(try decoder.record(id: first + offset)) }
        return records
    }
}

/// A body that cannot be read: the store is damaged or a newer version wrote it.
package struct RecordCodingError: Error, Sendable, Equatable {
    package var reason: String
}
