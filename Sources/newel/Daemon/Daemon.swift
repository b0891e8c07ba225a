// Wires the house and runs it.

import Dispatch
import Engine
import Foundation
import Identity
import JSON
import Logging
import Metrics
import NIOCore
import RecipeMove
import Server
import ServiceLifecycle
import States
import Storage
import UnixSignals
import Workers

struct Daemon: Sendable {
    let configuration: Configuration
    let logger: Logger
    let sink: LogSink
    let systemd: Systemd
    /// Called once everything is recovered and every listener is open.
    var whenReady: @Sendable (OpenListeners) -> Void = { _ in }
    /// Work to do while the daemon serves; when it returns, the daemon stops.
    var visitor: (@Sendable (OpenListeners) async throws -> Void)?

    /// Runs until a signal ends it. Throws `Findings` or `Exit`.
    func run() async throws {
        let began = ContinuousClock.now
        let catalog = try inspect()
        let metrics = PrometheusRegistry()
        MetricsSystem.bootstrap(metrics)
        systemd.extendTimeout(seconds: 300)
        let rooms = try await open()
        let dispatcher = try dispatcher(rooms, catalog)
        rooms.stepFunctions.connect(dispatcher)
        try await Machines(dispatcher: dispatcher, logger: logger).bring(configuration.machines)
        let ready = Readiness(expected: configuration.listen.gateway == nil ? 2 : 3)
        let health = health(rooms)
        var services = try services(rooms, dispatcher, catalog, metrics, health, ready)
        services.append(
            .init(
                service: Announcer(
                    ready: ready, configuration: configuration, health: health, systemd: systemd, logger: logger,
                    began: began, tasksOut: { rooms.engine.tasksOut }, whenReady: whenReady)))
        if let visitor {
            services.append(
                .init(
                    service: Visit(ready: ready, configuration: configuration, body: visitor),
                    successTerminationBehavior: .gracefullyShutdownGroup))
        }
        try await serve(services)
    }

    /// Everything that the configuration names, checked before anything opens.
    private func inspect() throws -> IdentityCatalog {
        let findings = Inspection.everything(configuration)
        for finding in findings where finding.severity == .warning { logger.warning("\(finding)") }
        if findings.contains(where: { $0.severity == .error }) { throw Findings(list: findings) }
        return try Inspection.catalog(configuration)
    }

    // MARK: - Rooms

    /// What stands behind the doors.
    struct Rooms: Sendable {
        var store: SQLiteStore
        var engine: Engine
        var functions: Functions
        var stepFunctions: StepFunctionsTasks
        var recipeMove: RecipeMove?
        var eventLog: EventLog
        var failureLog: FailureLog
    }

    private func open() async throws -> Rooms {
        do throws(StoreError) {
            let store = try SQLiteStore.open(folder: configuration.stateFolder, options: configuration.store)
            let move = try openRecipeMove()
            let functions = Functions(configuration: configuration.functions, inProcess: move?.functions ?? [])
            let log = try openEventLog()
            let failures = FailureLog(configuration.log.failures, logger: logger)
            let stepFunctions = StepFunctionsTasks(others: functions)
            var engineConfiguration = configuration.engine
            engineConfiguration.tokens = TaskTokens(secret: try secret())
            let engine = try await Engine.open(
                store: store, runner: stepFunctions, configuration: engineConfiguration, logger: logger,
                executionLog: log.take, executionsClosed: failures.take, fatal: die)
            return Rooms(
                store: store, engine: engine, functions: functions, stepFunctions: stepFunctions, recipeMove: move,
                eventLog: log, failureLog: failures)
        } catch {
            throw Exit(error)
        }
    }

    private func openEventLog() throws(StoreError) -> EventLog {
        var destination = EventLog.Destination.daemon
        if let url = configuration.executionLog.cloudWatchLogs {
            destination = .cloudWatchLogs(CloudWatchLogs(endpoint: url, signer: configuration.functions.signer))
        } else if let folder = configuration.executionLog.folder {
            do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
                throw StoreError(
                    .failed,
                    "The folder \(folder) of executionLog.folder cannot be made: \(error.localizedDescription)",
                    hint: "Name a folder that the daemon may write to.")
            }
            destination = .folder(folder)
        }
        return EventLog(destination, region: configuration.engine.scope.region, logger: logger)
    }

    private func openRecipeMove() throws(StoreError) -> RecipeMove? {
        guard let move = configuration.recipeMove else { return nil }
        do {
            return try RecipeMove(
                configuration: RecipeMoveConfiguration(
                    databasePath: move.database, searchPath: move.search, server: move.server))
        } catch {
            throw StoreError(.failed, "The recipes cannot be opened: \(error)", hint: "Look at \(move.database).")
        }
    }

    /// The store has failed for good: nothing may be acknowledged any more. The next start recovers.
    private func die(_ error: StoreError) {
        logger.critical(
            "The store has failed; the process ends and recovers at its next start", metadata: ["error": "\(error)"])
        sink.flush()
        _exit(Exit.Code.inputOutput.rawValue)
    }

    private func secret() throws(StoreError) -> String {
        do { return try StateSecret.read(folder: configuration.stateFolder) } catch {
            throw StoreError(.failed, "The secret of the state folder cannot be read or made: \(error)")
        }
    }

    private func dispatcher(_ rooms: Rooms, _ catalog: IdentityCatalog) throws(StoreError) -> APIDispatcher {
        APIDispatcher(
            engine: rooms.engine, pageTokens: PageTokens(secret: try secret()),
            authorize: { principal, permission in
                var context = RequestContext()
                context.setTime(Int(Timestamp.now.milliseconds / 1000))
                return catalog.decide(
                    AuthorizationRequest(
                        principal: principal, action: permission.action, resource: permission.resource,
                        context: context)
                ).message
            },
            throttle: configuration.rates.isEmpty ? nil : Throttle(rates: configuration.rates),
            logGroups: rooms.eventLog.logGroups)
    }

    // MARK: - Services

    private func health(_ rooms: Rooms) -> Health {
        let health = Health()
        health.add(.engine(rooms.engine))
        health.add(.accepting(rooms.engine))
        health.add(.disk(folder: configuration.stateFolder))
        return health
    }

    /// In the order of their start; they stop in the opposite one: doors first, the engine when nobody asks any more.
    private func services(
        _ rooms: Rooms, _ dispatcher: APIDispatcher, _ catalog: IdentityCatalog, _ metrics: PrometheusRegistry,
        _ health: Health, _ ready: Readiness
    ) throws -> [ServiceGroupConfiguration.ServiceConfiguration] {
        let listen = configuration.listen
        let limits = HTTPLimits(configuration.connections)
        let admin = AdminService(
            health: health, metrics: metrics, host: listen.admin.host, port: listen.admin.port, limits: limits,
            logger: logger, onServerRunning: { ready.opened(.admin, port: $0) })
        let api = APIService(
            dispatcher: dispatcher, takesScopeFromCredentials: configuration.takesScopeFromCredentials,
            host: listen.api.host, port: listen.api.port, limits: limits, logger: logger,
            onServerRunning: { ready.opened(.api, port: $0) })
        var all: [any Service] = [
            admin, EventLogKeeper(log: rooms.eventLog),
            FailureLogKeeper(log: rooms.failureLog, engine: rooms.engine), EngineKeeper(rooms: rooms, logger: logger),
            OutboxSweeper(recipeMove: rooms.recipeMove, logger: logger),
            Pruner(engine: rooms.engine, logger: logger),
            Watchdog(engine: rooms.engine, systemd: systemd, logger: logger), api,
            PollDismissal(engine: rooms.engine),
        ]
        if let address = listen.gateway {
            let door = Door(
                configuration: configuration, dispatcher: dispatcher, catalog: catalog, recipeMove: rooms.recipeMove,
                logger: logger)
            all.append(
                DoorService(
                    door: door.make(), host: address.host, port: address.port, limits: limits, logger: logger,
                    onServerRunning: { ready.opened(.gateway, port: $0) }))
        }
        return all.map { .init(service: $0) }
    }

    private func serve(_ services: [ServiceGroupConfiguration.ServiceConfiguration]) async throws {
        var group = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        group.maximumGracefulShutdownDuration = .seconds(9)
        let signals = SecondSignal(logger: logger, sink: sink)
        let watch = Task { await signals.watch() }
        defer { watch.cancel() }
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as ListenFailure {
            throw Exit(.cannotCreate, "\(error)")
        }
    }

    /// What the service group itself has to say is for debugging.
    private var quiet: Logger {
        var quiet = logger
        if quiet.logLevel < .warning && quiet.logLevel > .debug { quiet.logLevel = .warning }
        return quiet
    }
}

extension HTTPLimits {
    init(_ connections: Configuration.Connections) {
        self.init()
        bodyBytes = connections.bodyBytes
        headerListBytes = connections.headerBytes
        headerFieldBytes = min(headerFieldBytes, connections.headerBytes)
        self.connections = connections.connections
        headerTimeout = .nanoseconds(connections.headerTimeout.nanoseconds)
        bodyTimeout = .nanoseconds(connections.bodyTimeout.nanoseconds)
        idleTimeout = .nanoseconds(connections.idleTimeout.nanoseconds)
        drainTimeout = .seconds(3)
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
