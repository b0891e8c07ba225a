// Who makes a call of the API.

/// The caller that a call is authorized for. Every call names one: there is no default.
package enum Caller: Sendable, Equatable {
    /// The root user of an account, whom policies do not restrict within that account.
    case root(account: String)
    /// A user, or the session of a role.
    case principal(Principal)
    /// Newel itself, for what its configuration or a caller that was authorized asks of it.
    case daemon
}
