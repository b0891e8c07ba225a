// Tells systemd that the engine turns, as long as it does.

import API
import Engine
import Logging
import ServiceLifecycle

/// Asks every shard and the committer for a sign of life and passes it on. A shard that hangs, or a disk that does not
/// come back from a sync, ends in silence, and systemd restarts the daemon.
struct Watchdog: Service {
    let engine: Engine
    let systemd: Systemd
    let logger: Logger

    func run() async throws {
        guard let microseconds = systemd.watchdogMicroseconds else { return try await gracefulShutdown() }
        // systemd's advice: half of the time at most. A third leaves room for one slow turn.
        let interval = Duration.microseconds(microseconds / 3)
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let began = ContinuousClock.now
                await awaited { engine.ping($0) }
                let took = ContinuousClock.now - began
                systemd.watchdog()
                if took > interval { logger.warning("The engine took long to turn", metadata: ["took": "\(took)"]) }
                try? await Task.sleep(for: interval)
            }
        }
    }
}
