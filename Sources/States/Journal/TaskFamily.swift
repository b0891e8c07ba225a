// The families of the events that tasks write (history.md §1).

/// Which family of events a task's resource writes: `LambdaFunction…`, `Activity…` or `Task…`.
package enum TaskFamily: Sendable, Equatable {
    case lambdaFunction
    case activity
    /// A service integration: `resourceType` `lambda`, `resource` `invoke`.
    case service(resourceType: String, resource: String)

    /// What the names of the family's events begin with.
    package var prefix: String {
        switch self {
        case .lambdaFunction: "LambdaFunction"
        case .activity: "Activity"
        case .service: "Task"
        }
    }
}
