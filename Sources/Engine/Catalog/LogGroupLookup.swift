// Whether the log group that a machine names is there: asked where log events go to a service that has groups.

/// What is known of a log group.
package enum LogGroupPresence: Sendable {
    case present
    case absent
    /// The service does not let Newel look.
    case forbidden
    /// The service did not answer. A machine is not refused for it: logging holds no execution up either.
    case unknown
}

/// Looks for a log group by its name.
package typealias LogGroupLookup = @Sendable (_ name: String) async -> LogGroupPresence
