// Counts the listeners until all are open.

import Synchronization

/// The addresses that the listeners have, ports filled in.
struct OpenListeners: Sendable, Equatable {
    var api: ListenAddress
    var gateway: ListenAddress?
    var admin: ListenAddress
}

/// Known to everybody who waits for the daemon to be ready.
final class Readiness: Sendable {
    enum Listener: Sendable, Hashable {
        case api
        case gateway
        case admin
        case socket
    }

    private struct State {
        var ports: [Listener: Int] = [:]
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
        var nextTicket = 0
    }

    private let expected: Int
    private let state = Mutex(State())

    init(expected: Int) { self.expected = expected }

    func opened(_ listener: Listener, port: Int) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, any Error>] in
            state.ports[listener] = port
            guard state.ports.count == expected else { return [] }
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    /// The addresses of all listeners, once they are open. Throws `CancellationError` when one of them cannot open.
    func listeners(_ listen: Configuration.Listen) async throws -> OpenListeners {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.ports.count < expected { state.waiting[ticket] = continuation }
                    return state.ports.count >= expected
                }
                if isReady { continuation.resume() }
                if Task.isCancelled { cancel(ticket) }
            }
        } onCancel: {
            cancel(ticket)
        }
        let ports = state.withLock(\.ports)
        func address(_ listener: Listener, _ address: ListenAddress) -> ListenAddress {
            ListenAddress(host: address.host, port: ports[listener] ?? address.port)
        }
        return OpenListeners(
            api: address(.api, listen.api), gateway: listen.gateway.map { address(.gateway, $0) },
            admin: address(.admin, listen.admin))
    }
    private func cancel(_ ticket: Int) {
        state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume(throwing: CancellationError())
    }
}
