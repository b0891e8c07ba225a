// What one execution has for another.

package import Core
package import States
import Storage
import Synchronization

/// A message to an execution in a slot. It is stored by the commit of the turn that sends it and deleted by the commit
/// of the turn that takes it, so that it is neither lost nor taken twice.
package struct Message: Sendable {
    /// Of its row.
    package var id: Int64
    /// Of the receiver.
    package var slot: Int64
    package var body: Body

    package enum Body: Sendable {
        /// To the slot of the new execution, where its name is checked.
        indirect case startChild(ChildStart)
        case childStarted(TaskID, StartedChild)
        case childRejected(TaskID, Failure)
        /// The task waits for the end of the execution (`.sync`), which may have come already.
        case awaitChild(Int64, parent: TaskID)
        indirect case childClosed(TaskID, ExecutionSummary)
        /// The task no longer waits for the execution that it has started. `cause` is that of the stop.
        case stopChild(Int64, parent: TaskID, cause: String)
    }
}

/// The start of an execution by a task of another one.
package struct ChildStart: Sendable {
    /// Its id is given by the shard that starts the execution.
    package var command: StartCommand
    /// Of the new execution.
    package var slot: Int64
    package var parent: TaskID
    /// An execution of that name is the task's own, started by an earlier delivery: the name derives from the attempt.
    package var adoptsExisting: Bool
    /// The task waits for the end of the execution (`.sync`).
    package var hasJob: Bool
    /// The commit of an earlier turn that took it failed, and may be stored all the same. Not part of a message.
    package var isRepeated = false
    /// Of the attempt, for the text of an error.
    package var requestID: String
}

/// An execution that a task has started.
package struct StartedChild: Sendable, Equatable {
    package var id: Int64
    package var arn: String
    package var startDate: Timestamp
    /// The task waits for its end.
    package var hasJob: Bool
}

/// An execution that has closed, as a task that waits for it sees it.
package struct ExecutionSummary: Sendable, Equatable {
    package var arn: String
    package var name: String
    package var machineARN: String
    /// JSON text; `nil` where the history is damaged.
    package var input: String?
    package var outcome: Execution.Status
    package var startDate: Timestamp
    package var stopDate: Timestamp
    package var redriveCount: Int
    package var redriveDate: Timestamp?
    /// In AWS's words; `nil` where it may be redriven.
    package var reasonAgainstRedrive: String?
}

extension Message.Body {
    /// Whether the message ends its receiver.
    var isStop: Bool { if case .stopChild = self { true } else { false } }

    /// The execution that takes the message; `nil` where none has to be read for that.
    var receiver: Int64? {
        switch self {
        case .childStarted(let task, _), .childRejected(let task, _), .childClosed(let task, _): task.execution
        case .stopChild(let child, _, _): child
        case .startChild, .awaitChild: nil
        }
    }
}

/// The numbers of messages: each is given once in the life of a process.
package final class MessageIDs: Sendable {
    private let last: Atomic<Int64>

    /// `last`: the highest one in the store.
    package init(after last: Int64) { self.last = Atomic(last) }

    func next() -> Int64 { last.add(1, ordering: .relaxed).newValue }
}
