// A frame of an execution: where one thread of control is.

package import Core
package import Expressions
package import JSON

/// One thread of control: the execution itself, a branch or an iteration.
package struct Frame: Sendable {
    package var id: FrameID
    /// The frame whose Parallel or Map this is a branch or iteration of, and which; `nil` for the execution itself.
    package var parent: Parent?
    /// The event that the next one of this frame points back to.
    package var lastEvent: Int
    /// The raw input of the current state.
    package var input: Payload
    /// The current state, `nil` before the first.
    package var state: Visit?
    package var phase: Phase
    /// Every variable that the frame can see, those of the frames around it as they were when it began.
    package var variables: VariableTable = [:]
    /// Sizes of the variables that it has assigned itself.
    var variableBytes: [CodeUnits: Int] = [:]
    /// Size of its input; 0 as long as that is the one of the frame around it.
    var inputBytes = 0

    /// Makes a state's output the input of what comes next, and returns by how many bytes the frame grows. An output
    /// of the size of the input is taken to be the input, which most states that do not change it hand on.
    mutating func hold(_ output: Payload) -> Int {
        let size = output.size
        let growth = size == input.size ? 0 : size - inputBytes
        inputBytes += growth
        input = output
        return growth
    }

    package struct Parent: Sendable, Equatable {
        package var frame: FrameID
        package var index: Int
    }

    /// One visit to a state. Retriers count within it and begin anew at the next.
    package struct Visit: Sendable, Equatable {
        package var name: String
        package var type: StateType
        package var enteredEvent: Int
        /// What the Entered event points back to: a failed evaluation that follows points there too (history.md §2).
        package var enteredPrevious: Int
        package var enteredAt: Timestamp
        /// Retries used up, by Retrier.
        package var retries: [Int: Int] = [:]

        /// All retries of this visit: the context object's `State.RetryCount`.
        package var retryCount: Int { retries.values.reduce(0, +) }
    }

    package enum Phase: Sendable, Equatable {
        /// To enter the named state, or the graph's `StartAt` where none is named.
        case entering(String?)
        /// Entered; its work is to be begun (again, after a retry).
        case working
        /// `isDate`: until a point of the calendar; else of the engine's clock.
        case waiting(until: Timestamp, isDate: Bool)
        /// Boxed: it is rare and large, and frames are moved about all the time.
        indirect case task(OpenTask)
        /// The task's result is here; the state is to be left.
        case result(Payload)
        /// A Retrier matched.
        case retrying(at: Timestamp)
        /// Branches run; outputs come in at their index.
        case parallel(children: [FrameID], open: Int, startedEvent: Int)
        /// Iterations run; `Execution.maps` has them.
        case map
        /// The frame has ended with this output.
        case ended(Payload)
    }

    /// A task in flight.
    package struct OpenTask: Sendable, Equatable {
        /// Id of the Scheduled event: names the attempt.
        package var scheduledEvent: Int
        package var scheduled: TaskScheduled
        /// When `TimeoutSeconds` run out; `nil` without a timeout, and for an activity's task until a worker has it.
        package var deadline: Timestamp?
        /// When the attempt times out unless its worker is heard of; an activity's from when a worker has it.
        package var heartbeatDeadline: Timestamp?
        package var progress = Progress.scheduled

        package enum Progress: Sendable, Equatable {
            case scheduled
            /// An activity's task that a worker has.
            case taken
            /// The action has answered; the job's end or the token is waited for.
            case submitted
        }
    }
}

extension Frame.OpenTask {
    /// Begins the heartbeat clock anew.
    mutating func beat(at time: Timestamp) {
        heartbeatDeadline = scheduled.heartbeatSeconds.map { time.adding(seconds: $0) }
    }
}

extension Frame {
    /// When this frame wants to be woken, by the engine's clock.
    func wake(clockOffset: Int64) -> Timestamp? {
        switch phase {
        case .waiting(let until, let isDate): isDate ? until.adding(milliseconds: -clockOffset) : until
        case .retrying(let at): at
        case .task(let task):
            switch (task.deadline, task.heartbeatDeadline) {
            case (let deadline?, let heartbeat?): min(deadline, heartbeat)
            case (let deadline, let heartbeat): deadline ?? heartbeat
            }
        case .entering, .working, .result, .parallel, .map, .ended: nil
        }
    }
}
