// The checksum of a stored row.

import Core
import States

/// 32 bits over everything that a row holds, its key included. Computed from the record when it is written and again
/// when it is read: a row that a disk has changed is reported and never served.
///
/// Rows rather than pages: a damaged row takes down one execution and not its neighbours in the page, and the file may
/// be edited with any SQLite. Each 8 bytes are folded in by one 64-bit multiplication, so that a changed bit changes
/// about half of the state: a row of P1 costs less than 0.1 µs, four bytes and no system call. Damage to indexes and to
/// the structure of pages is found by `StructureCheck` when the store is opened.
struct RowChecksum {
    /// One for each table: a row never passes for one of another table. The values are stored; never renumber.
    enum Table: UInt64 {
        case meta = 1
        case machines
        case revisions
        case versions
        case aliases
        case executions
        case events
        case tasks
        case activities
        case quarantine
        case messages
    }

    private var state: UInt64

    init(_ table: Table) { state = table.rawValue &* 0xD6E8_FEB8_6659_FD93 }

    private mutating func mix(_ word: UInt64) {
        let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        // The rotation keeps equal words from cancelling out.
        let folded = product.high ^ product.low &+ 0xA076_1D64_78BD_642F
        state = folded << 23 | folded >> 41
    }

    mutating func add(_ value: Int64) { mix(UInt64(bitPattern: value)) }

    mutating func add(_ value: Int64?) {
        mix(value == nil ? 0 : 1)
        if let value { add(value) }
    }

    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    mutating func add(_ text: String?) {
        mix(text == nil ? 0 : 1)
        if let text { add(text) }
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        mix(UInt64(bytes.count))
        var offset = 0
        while offset + 8 <= bytes.count {
            mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        var rest: UInt64 = 0
        while offset < bytes.count {
            rest = rest << 8 | UInt64(bytes[offset])
            offset += 1
        }
        mix(rest)
    }

    /// The value of the column `checksum`: a signed 32-bit number, which SQLite keeps in four bytes.
    var value: Int64 { Int64(Int32(truncatingIfNeeded: state ^ state >> 32)) }
}

extension MachineRecord {
    /// The revision is a row of its own; only its id is covered.
    var checksum: Int64 {
        var sum = RowChecksum(.machines)
        sum.add(id)
        sum.add(arn)
        sum.add(name)
        sum.add(type)
        sum.add(creationDate.milliseconds)
        sum.add(deletionDate?.milliseconds)
        sum.add(tags)
        sum.add(revision.id)
        sum.add(Int64(lastVersion))
        return sum.value
    }
}

extension RevisionRecord {
    var checksum: Int64 {
        var sum = RowChecksum(.revisions)
        sum.add(id)
        sum.add(machine)
        sum.add(revisionID)
        sum.add(definition)
        sum.add(roleARN)
        sum.add(creationDate.milliseconds)
        sum.add(loggingConfiguration)
        sum.add(tracingConfiguration)
        sum.add(encryptionConfiguration)
        return sum.value
    }
}

extension VersionRecord {
    var checksum: Int64 {
        var sum = RowChecksum(.versions)
        sum.add(machine)
        sum.add(Int64(number))
        sum.add(revision)
        sum.add(description)
        sum.add(creationDate.milliseconds)
        return sum.value
    }
}

extension AliasRecord {
    var checksum: Int64 {
        var sum = RowChecksum(.aliases)
        sum.add(machine)
        sum.add(name)
        sum.add(description)
        for route in routes {
            sum.add(Int64(route.version))
            sum.add(Int64(route.weight))
        }
        sum.add(creationDate.milliseconds)
        sum.add(updateDate.milliseconds)
        return sum.value
    }
}

extension ExecutionRecord {
    var checksum: Int64 {
        var sum = RowChecksum(.executions)
        sum.add(id)
        sum.add(machine)
        sum.add(revision)
        sum.add(name)
        sum.add(status.number)
        sum.add(startDate.milliseconds)
        sum.add(stopDate?.milliseconds)
        sum.add(Int64(lastEventID))
        sum.add(wakeAt?.milliseconds)
        sum.add(traceHeader)
        sum.add(Int64(redriveCount))
        sum.add(redriveDate?.milliseconds)
        sum.add(version.map { Int64($0) })
        sum.add(alias)
        return sum.value
    }
}

extension EventsRecord {
    var checksum: Int64 {
        var sum = RowChecksum(.events)
        sum.add(execution)
        sum.add(Int64(firstID))
        sum.add(Int64(lastID))
        body.withUnsafeBytes { sum.add($0) }
        return sum.value
    }
}

extension OpenTaskRecord {
    var checksum: Int64 {
        var sum = RowChecksum(.tasks)
        sum.add(execution)
        sum.add(Int64(scheduledEvent))
        sum.add(Int64(isDelivered ? 1 : 0))
        sum.add(heartbeat?.milliseconds)
        // Rows of schema 5 have no job.
        if let job { sum.add(job) }
        return sum.value
    }
}

extension MessageRecord {
    var checksum: Int64 {
        var sum = RowChecksum(.messages)
        sum.add(id)
        sum.add(slot)
        body.withUnsafeBytes { sum.add($0) }
        return sum.value
    }
}

extension ActivityRecord {
    var checksum: Int64 {
        var sum = RowChecksum(.activities)
        sum.add(arn)
        sum.add(name)
        sum.add(creationDate.milliseconds)
        sum.add(tags)
        return sum.value
    }
}

extension QuarantineRecord {
    var checksum: Int64 {
        var sum = RowChecksum(.quarantine)
        sum.add(execution)
        sum.add(date.milliseconds)
        sum.add(reason.rawValue)
        sum.add(details)
        return sum.value
    }
}

extension MetaRecord {
    var checksum: Int64 {
        var sum = RowChecksum(.meta)
        sum.add(epoch)
        for count in counts.values { sum.add(count) }
        return sum.value
    }
}
