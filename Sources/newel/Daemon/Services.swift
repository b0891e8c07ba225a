// The small services of the daemon: what says that it is ready, what looks after the engine and the outbox.

import API
import Admin
import Core
import Dispatch
import Engine
import Logging
import Metrics
import RecipeMove
import ServiceLifecycle
import Storage
import Tasks
import Telemetry

/// Says when the daemon is ready and when it stops: to systemd, to /readyz and to the log.
struct Announcer: Service {
    let ready: Readiness
    let configuration: Configuration
    let health: Health
    let systemd: Systemd
    let logger: Logger
    let began: ContinuousClock.Instant
    let tasksOut: @Sendable () -> Int
    let whenReady: @Sendable (OpenListeners) -> Void

    func run() async throws {
        let opened = try? await cancelWhenGracefulShutdown { try await ready.listeners(configuration.listen) }
        guard let listeners = opened else { return }
        health.setReady(true)
        let took = (ContinuousClock.now - began).components
        let milliseconds = took.seconds * 1_000 + took.attoseconds / 1_000_000_000_000_000
        systemd.ready("Serving on \(listeners.api); \(tasksOut()) tasks out")
        logger.info(
            "Ready",
            metadata: [
                "api": "\(listeners.api)", "gateway": "\(listeners.gateway.map(\.description) ?? "off")",
                "admin": "\(listeners.admin)", "state": "\(configuration.stateFolder)", "ms": "\(milliseconds)",
            ])
        whenReady(listeners)
        try? await gracefulShutdown()
        health.setReady(false)
        systemd.stopping("Draining")
        logger.info("Draining")
    }
}

/// A service under the name of its type. ServiceLifecycle describes each service when the group is made: the
/// description of a value with all its members took a quarter of a start, and would show settings that are secret.
struct NamedService: Service, CustomStringConvertible {
    let service: any Service

    var description: String { "\(type(of: service))" }

    func run() async throws { try await service.run() }
}

/// Continues what is in flight once the listeners are open, if the process before ended in the middle of its work.
struct Resumption: Service {
    let ready: Readiness
    let configuration: Configuration
    let engine: Engine

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                _ = try await ready.listeners(configuration.listen)
                do throws(StoreError) { try await resume() } catch { throw Exit(error) }
            }
        } catch is CancellationError {
            // The daemon is to stop, or could not begin: that failure is told elsewhere.
        }
        try? await gracefulShutdown()
    }

    private func resume() async throws(StoreError) {
        let result: Result<Void, StoreError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                engine.resume { continuation.resume(returning: $0) }
            }
        } onCancel: {
            engine.cancelRecovery()
        }
        try result.get()
    }
}

/// Lets the engine and the workers finish what is on its way, when nobody can ask for more.
struct EngineKeeper: Service {
    let components: Daemon.Components
    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
        let left = await components.functions.drain(within: .seconds(3))
        await awaited { components.engine.drain($0) }
        if left == 0 { components.recipeMove?.close() }
        components.store.close()
        logger.info("Stopped", metadata: ["calls-left": "\(left)"])
    }
}

/// Ends the polls of workers when the daemon is to stop, so that the listeners need not wait for them.
struct PollDismissal: Service {
    let engine: Engine

    func run() async throws {
        try? await gracefulShutdown()
        engine.dismissPollers()
    }
}

/// Answers the callers of StartSyncExecution before the listeners close.
struct SyncDismissal: Service {
    let engine: Engine

    func run() async throws {
        try? await gracefulShutdown()
        await awaited { engine.dismissSyncCallers($0) }
    }
}

/// Deletes executions that have been closed for long enough.
struct Pruner: Service {
    let engine: Engine
    let logger: Logger

    private static let interval = Duration.seconds(600)
    /// Between two steps, so that they take a small share of the writer's time.
    private static let rest = Duration.milliseconds(20)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let count = try await engine.prune { try? await Task.sleep(for: Self.rest) }
                    if count > 0 {
                        logger.info("Deleted executions that have expired", metadata: ["executions": "\(count)"])
                    }
                } catch {
                    logger.warning("Expired executions could not be deleted", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}

/// Carries the events of executions to their log; stands until the engine has made its last.
struct EventLogKeeper: Service {
    let log: EventLog

    func run() async throws {
        async let carried: Void = log.run()
        try? await gracefulShutdown()
        log.finish()
        await carried
    }
}

/// Indexes what executions left behind: a document whose execution was stopped between the database and the index.
struct OutboxSweeper: Service {
    let recipeMove: RecipeMove?
    let logger: Logger

    func run() async throws {
        guard let recipeMove else { return try await gracefulShutdown() }
        let queue = BlockingQueue(label: "newel.outbox")
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(5))
                if Task.isCancelled { return }
                do {
                    let count = try await queue.run { try recipeMove.sweepOutbox() }
                    if count > 0 {
                        logger.info("Indexed documents that were left", metadata: ["documents": "\(count)"])
                    }
                } catch {
                    logger.warning("The search index does not take what is left", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}

/// What is done while the daemon serves, for `newel demo`.
struct Visit: Service {
    let ready: Readiness
    let configuration: Configuration
    let body: @Sendable (OpenListeners) async throws -> Void

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                let listeners = try await ready.listeners(configuration.listen)
                try await body(listeners)
            }
        } catch is CancellationError {
            // Someone ended the visit, or the daemon could not begin: that failure is told elsewhere.
        }
    }
}

/// Keeps the gauges of `/metrics` up to date.
struct GaugeSampler: Service {
    let engine: Engine
    let functions: FunctionRunner

    func run() async throws {
        let running = Gauge(label: MetricName.executionsRunning.rawValue)
        let resident = Gauge(label: MetricName.residentExecutions.rawValue)
        let inFlight = Gauge(label: MetricName.tasksInFlight.rawValue)
        let queued = Gauge(label: MetricName.tasksQueued.rawValue)
        let pollers = Gauge(label: MetricName.activityPollers.rawValue)
        let activityTasks = Gauge(label: MetricName.activityTasksQueued.rawValue)
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if let count = engine.runningExecutions() { running.record(count) }
                let load = engine.load
                resident.record(load.residentExecutions)
                inFlight.record(load.tasksInFlight)
                pollers.record(load.pollers)
                activityTasks.record(load.activityTasks)
                queued.record((functions.inProcessCounts + functions.endpointCounts).queued)
                for (shard, count) in load.commandsQueued.enumerated() {
                    Gauge(label: MetricName.commandsQueued.rawValue, dimensions: [("shard", "\(shard)")]).record(count)
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
