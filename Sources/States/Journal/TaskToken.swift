// Task tokens: what names an attempt to those outside who end it (api.md §2, task token).

import Core
import Crypto
import Expressions

/// Names one attempt at a task for ever: the execution and the id of its Scheduled event. A redelivery after a crash
/// carries the same id.
package struct TaskID: Sendable, Hashable {
    package var execution: Int64
    package var scheduledEvent: Int

    package init(execution: Int64, scheduledEvent: Int) {
        self.execution = execution
        self.scheduledEvent = scheduledEvent
    }
}

/// Makes and reads task tokens. A token is the attempt with a MAC over it: it cannot be guessed, belongs to one attempt
/// and needs no row of its own, so it holds for as long as its key does.
package struct TaskTokens: Sendable {
    private let key: SymmetricKey
    private static let idBytes = 12
    private static let version: UInt8 = 1

    /// The secret must be the same after a restart; what knows it can end any task.
    package init(secret: String) {
        key = SymmetricKey(data: SHA256.hash(data: Array("newel task token\n\(secret)".utf8)))
    }

    /// The token of an attempt: Base64, 60 characters.
    package func token(of task: TaskID) -> String {
        var bytes: [UInt8] = [Self.version]
        withUnsafeBytes(of: task.execution.bigEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: task.scheduledEvent).bigEndian) { bytes.append(contentsOf: $0) }
        return Base64.encode(bytes + HMAC<SHA256>.authenticationCode(for: bytes, using: key))
    }

    /// The attempt that a token names; `nil` for a text that was not made with this key.
    package func task(of token: String) -> TaskID? {
        guard let bytes = Base64.decode(token), bytes.count == 1 + Self.idBytes + SHA256.byteCount,
            bytes[0] == Self.version
        else { return nil }
        let id = bytes[...Self.idBytes]
        // Compares in constant time.
        guard HMAC<SHA256>.isValidAuthenticationCode(bytes[id.endIndex...], authenticating: id, using: key) else {
            return nil
        }
        let execution = id[1...8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let event = id[9...].reduce(0) { $0 << 8 | Int($1) }
        return TaskID(execution: Int64(bitPattern: execution), scheduledEvent: event)
    }
}
