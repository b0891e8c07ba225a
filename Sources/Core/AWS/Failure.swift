// Why a task, a state or an execution has failed.

/// `Error` and `Cause` of a failure; either may be absent (history.md §1).
package struct Failure: Error, Sendable, Equatable {
    package var error: String?
    package var cause: String?

    package init(error: String? = nil, cause: String? = nil) {
        self.error = error
        self.cause = cause
    }
}
