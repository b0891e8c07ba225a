// Bounds of calls of functions.

extension Limits {
    /// Bounds of calls of functions.
    package enum Functions {
        /// Bytes of the response of a synchronous call, Lambda's documented quota.
        package static let maximumResponseBytes = 6_291_556
    }
}
