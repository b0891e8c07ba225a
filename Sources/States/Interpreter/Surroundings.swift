// What the interpreter knows of the house around the execution: values, handed in like `now`.

package struct Surroundings: Sendable {
    package var tokens: TaskTokens
    /// ARNs of the activities that there are: a Task for another one fails before it is scheduled (history.md §2).
    package var activities: Set<String>

    /// ARNs of the machines that are being deleted: an execution of one fails at its next transition.
    package var deletedMachines: Set<String>

    package init(
        tokens: TaskTokens = TaskTokens(secret: ""), activities: Set<String> = [], deletedMachines: Set<String> = []
    ) {
        self.deletedMachines = deletedMachines
        self.tokens = tokens
        self.activities = activities
    }
}
