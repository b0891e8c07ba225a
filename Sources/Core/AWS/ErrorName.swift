// The predefined error names of the language (language.md §7).

/// Names starting `States.` that the interpreter itself raises or matches.
package enum ErrorName {
    package static let all = "States.ALL"
    package static let timeout = "States.Timeout"
    package static let heartbeatTimeout = "States.HeartbeatTimeout"
    package static let taskFailed = "States.TaskFailed"
    package static let permissions = "States.Permissions"
    /// A step of ResultPath or ItemsPath cannot be applied. The language names States.ResultPathMatchFailure, which AWS
    /// does not raise (M).
    package static let referencePathConflict = "States.ReferencePathConflict"
    package static let intrinsicFailure = "States.IntrinsicFailure"
    package static let queryEvaluationError = "States.QueryEvaluationError"
    package static let dataLimitExceeded = "States.DataLimitExceeded"
    package static let exceedToleratedFailureThreshold = "States.ExceedToleratedFailureThreshold"
    package static let runtime = "States.Runtime"
}
