// From completions to `async`, for the callers that are Swift tasks.

/// Returns what the completion that `body` gets is called with, or throws its error.
package func awaited<Value: Sendable, Failure: Error>(
    _ body: (@escaping @Sendable (Result<Value, Failure>) -> Void) -> Void
) async throws(Failure) -> Value {
    try await withCheckedContinuation { continuation in
        body { continuation.resume(returning: $0) }
    }.get()
}

/// Returns when the completion that `body` gets is called.
package func awaited(_ body: (@escaping @Sendable () -> Void) -> Void) async {
    await withCheckedContinuation { continuation in
        body { continuation.resume() }
    }
}
