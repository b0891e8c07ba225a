// Ids of executions: a number that no other execution of the store has, and the slot that decides its shard.

/// The slot is the low part of the execution's id, found from its ARN, so that everything that happens to an execution,
/// its start included, meets in one place, whatever the number of shards.
package enum Slot {
    package static let count = 64
    package static let bits: Int64 = 6

    /// The highest number that an execution can have: 12 years at 23,500 starts a second.
    package static let lastNumber: Int64 = (1 << 43) - 1  // Of the stored key.

    /// Returns the slot of an execution that is about to start. FNV-1a: stable over processes, unlike Swift's hashes.
    package static func of(arn: String) -> Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in arn.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int64((hash ^ hash >> 32) % UInt64(count))
    }

    /// Returns the slot of an execution with that id.
    package static func of(execution: Int64) -> Int64 { execution & (Int64(count) - 1) }

    /// Returns the number of an execution with that id.
    package static func number(of execution: Int64) -> Int64 { execution >> bits }

    /// Returns the id of the execution with that number in that slot.
    package static func execution(number: Int64, slot: Int64) -> Int64 { number << bits | slot }
}
