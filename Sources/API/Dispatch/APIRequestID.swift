// Ids of requests: unique, in a UUID's form, and cheap.

import Core
import Engine
import Synchronization
import System

/// Makes the `x-amzn-RequestId` of each answer. The head is chosen once for each process and the tail counts, so that
/// no request costs a system call for randomness.
package final class APIRequestIDs: Sendable {
    /// `xxxxxxxx-xxxx-4xxx-yxxx-`
    private let head: String
    private let next: Atomic<UInt64>

    package init() {
        let id = UUIDText.random()
        head = String(id.prefix(24))
        next = Atomic(UInt64(id.suffix(12), radix: 16) ?? 0)
    }

    package func make() -> String {
        let number = next.wrappingAdd(1, ordering: .relaxed).newValue
        return String(unsafeUninitializedCapacity: 36) { bytes in
            _ = bytes.initialize(fromContentsOf: head.utf8)
            for position in 24..<36 {
                let digit = UInt8(truncatingIfNeeded: number >> UInt64((35 - position) * 4)) & 15
                bytes.initializeElement(at: position, to: digit < 10 ? 0x30 + digit : 0x57 + digit)
            }
            return 36
        }
    }
}
