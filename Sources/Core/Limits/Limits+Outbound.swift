// Bounds of calls of other services.

extension Limits {
    /// Bounds of calls of other services over HTTP.
    package enum Outbound {
        /// Bytes of a response, unless the service has a quota of its own. The HTTP client takes 4 GiB at most.
        package static let maximumResponseBytes = 16 << 20
        /// Connections to one host, unless the configuration says otherwise.
        package static let connections = 8
        /// Milliseconds to make a connection, unless the configuration says otherwise.
        package static let connectTimeoutMilliseconds = 5_000
    }
}
