// What can go wrong with the store, for callers and for the operator.

package struct StoreError: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        /// A process with a newer epoch has the store.
        case fenced
        /// An execution of that name is there already.
        case conflict
        /// The store must not be written to any more; the process is to end and recover at its next start.
        case fatal
        /// The disk has no space for this. Nothing was changed; the same can be tried again.
        case full
        /// Another process holds the state folder.
        case locked
        /// The store was written by a newer version.
        case newerSchema
        /// What was read cannot be true, or what was to be written needs it. Nothing was changed; what needs other
        /// rows can be read and written.
        case corrupt
        /// This operation failed and changed nothing.
        case failed
    }

    package var code: Code
    package var message: String
    /// What the operator can do.
    package var hint: String
    /// Set with `.corrupt` where one row is damaged.
    package var row: DamagedRow?

    package init(_ code: Code, _ message: String, hint: String = "") {
        self.code = code
        self.message = message
        self.hint = hint
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String { hint.isEmpty ? message : "\(message). \(hint)" }
}
