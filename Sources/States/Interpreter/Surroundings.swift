// What the interpreter knows of what is around the execution: values, handed in like `now`.

package import JSON

package struct Surroundings: Sendable {
    package var tokens: TaskTokens
    /// ARNs of the activities that there are: a Task for another one fails before it is scheduled (history.md §2).
    package var activities: Set<CodeUnits>

    /// ARNs of the machines that are being deleted: an execution of one fails at its next transition.
    package var deletedMachines: Set<CodeUnits>

    /// By how many milliseconds the wall clock is ahead of `now`. Deadlines are given by `now`, which no setting of the
    /// wall clock moves; what is shown, and dates that are waited for, by the wall clock.
    package var clockOffset: Int64

    package init(
        tokens: TaskTokens = TaskTokens(secret: ""), activities: Set<CodeUnits> = [],
        deletedMachines: Set<CodeUnits> = [],
        clockOffset: Int64 = 0
    ) {
        self.clockOffset = clockOffset
        self.deletedMachines = deletedMachines
        self.tokens = tokens
        self.activities = activities
    }
}
