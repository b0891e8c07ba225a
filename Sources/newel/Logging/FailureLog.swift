// A warning for each execution that failed.

import Core
import Dispatch
import Engine
import Logging
import ServiceLifecycle
import States
import Storage
import Synchronization

/// Writes a `warning` line for each execution that failed or timed out.
final class FailureLog: Sendable {
    /// `log.failures`.
    enum Extent: String, Sendable, CaseIterable {
        /// A line for each.
        case all
        /// The first lines of each machine in every ten seconds, then a line with the number of the others.
        case sampled
        case off
    }

    /// Lines of one machine in one window of `sampled`.
    static let linesPerWindow = 10
    /// In seconds.
    static let window = 10
    /// Characters of a cause in a line.
    private static let longestCause = 300
    /// Lines that wait to be written; what comes beyond is counted alone.
    private static let mostWaiting = 10_000

    private let extent: Extent
    private let logger: Logger
    private let queue = DispatchQueue(label: "newel.failure-log")
    private let waiting = Atomic(0)
    private let windows = Mutex<[String: Int]>([:])
    init(_ extent: Extent, logger: Logger) {
        self.extent = extent
        self.logger = logger
    }

    /// Takes the ends of one turn. Called on the engine's threads, so that lines are written elsewhere.
    func take(_ ended: ClosedExecutions) {
        for failure in ended.failures {
            if isWritten(failure) { write(failure) }
        }
    }

    /// Whether the failure has a line of its own. Counts it in its machine's window.
    private func isWritten(_ failure: ClosedExecutions.Failed) -> Bool {
        switch extent {
        case .all: true
        case .off: false
        case .sampled:
            windows.withLock { windows in
                windows[failure.machine, default: 0] += 1
                return windows[failure.machine, default: 0] <= Self.linesPerWindow
            }
        }
    }

    private func write(_ failure: ClosedExecutions.Failed) {
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= Self.mostWaiting else {
            waiting.wrappingSubtract(1, ordering: .relaxed)
            return
        }
        queue.async { [self] in
            waiting.wrappingSubtract(1, ordering: .relaxed)
            logger.warning("An execution failed", metadata: Self.metadata(failure))
        }
    }

    private static func metadata(_ failure: ClosedExecutions.Failed) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "machine": "\(failure.machine)", "name": "\(failure.name)", "execution": "\(failure.arn)",
            "status": "\(failure.status.rawValue)",
        ]
        metadata["state"] = failure.state.map { "\($0)" }
        metadata["error"] = failure.error.map { "\($0)" }
        metadata["cause"] = failure.cause.map { cause in
            cause.count > longestCause ? "\(cause.prefix(longestCause))…" : "\(cause)"
        }
        metadata["hint"] = failure.error.flatMap(FailureHint.of).map { "\($0)" }
        return metadata
    }

    /// Ends the window of `sampled`: a line for each machine with more failures than had lines.
    func endWindow() {
        let ended = windows.withLock { windows in
            defer { windows = [:] }
            return windows
        }
        for (machine, count) in ended.sorted(by: { $0.key < $1.key }) where count > Self.linesPerWindow {
            logger.warning(
                "More executions failed",
                metadata: ["machine": "\(machine)", "executions": "\(count - Self.linesPerWindow)"])
        }
    }

    /// Writes what waits.
    func finish() {
        endWindow()
        queue.sync {}
    }
}

/// What the operator can do about an error that only this daemon's configuration explains.
enum FailureHint {
    static func of(_ error: String) -> String? {
        switch error {
        case "Lambda.ResourceNotFoundException":
            "This daemon knows no such function: name its endpoint in functions.map or functions.defaultEndpoint."
        default: nil
        }
    }
}

/// Ends the windows of the failure log.
struct FailureLogKeeper: Service {
    let log: FailureLog

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(FailureLog.window))
                log.endWindow()
            }
        }
        log.finish()
    }
}
