// Replies to commands: who waits is a number, and what it gets is data.

package import Core
import States
import Storage

/// Who waits for the reply to a command. `PendingReplies` has the caller under this number.
package struct ReplyTo: Sendable, Hashable {
    package var request: UInt64

    package init(request: UInt64) { self.request = request }
}

/// The reply to a command.
package enum Reply: Sendable {
    case started(StartedExecution)
    /// The stop date, also that of an execution that had ended before.
    case stopped(Timestamp)
    /// The redrive date; that of the earlier redrive when the client's token is one that is known.
    case redriven(Timestamp)
    /// The end of an execution that a caller waits for.
    indirect case ended(SyncExecution)
    /// The command's changes are stored; for commands without a value of their own.
    case done
    case rejected(ServiceError)
}

/// A reply that a turn gives once its changes are stored.
package struct TurnReply: Sendable {
    package var to: ReplyTo
    package var reply: Reply
    /// Where the commit fails the input is taken again, and its caller waits on.
    var isRepeated = false

    /// The reply after a failed commit; `nil` where the input is taken again.
    func afterFailure(_ error: StoreError) -> TurnReply? {
        if isRepeated { return nil }
        if case .rejected = reply { return self }
        return TurnReply(to: to, reply: .rejected(error.asServiceError))
    }
}

/// What follows a turn when its commit has returned.
package struct TurnEnd: Sendable {
    package var replies: [TurnReply] = []
    /// For the shard's next turns.
    package var inputs: [ShardInput] = []
}

extension Reply {
    /// The reply to a start.
    var started: Result<StartedExecution, ServiceError> {
        if case .started(let execution) = self { return .success(execution) }
        return .failure(error ?? .unexpectedReply)
    }

    /// The reply to a stop or a redrive.
    var date: Result<Timestamp, ServiceError> {
        switch self {
        case .stopped(let date), .redriven(let date): .success(date)
        default: .failure(error ?? .unexpectedReply)
        }
    }

    /// The reply to a start whose caller waits for the end.
    var ended: Result<SyncExecution, ServiceError> {
        if case .ended(let execution) = self { return .success(execution) }
        return .failure(error ?? .unexpectedReply)
    }

    /// Why the command was rejected; `nil` where it was not.
    var error: ServiceError? {
        if case .rejected(let error) = self { return error }
        return nil
    }
}

extension ServiceError {
    /// A reply that does not belong to its command: a defect.
    fileprivate static let unexpectedReply = internalFailure("The command got the reply to another one.")
}
