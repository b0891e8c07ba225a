// Wires the house and runs it.

import API
import Admin
import Core
import Dispatch
import Engine
import Foundation
import Gateway
import Glibc
import HTTPServer
import Identity
import JSON
import Logging
import Metrics
import NIOCore
import RecipeMove
import ServiceLifecycle
import States
import Storage
import System
import Tasks
import Telemetry
import UnixSignals

struct Daemon: Sendable {
    let configuration: Configuration
    let logger: Logger
    let sink: LogSink
    let systemd: Systemd
    /// Reads the configuration again at SIGHUP; `nil` where it cannot be reloaded.
    var readAgain: (@Sendable () async throws -> Configuration)?
    /// Called once everything is recovered and every listener is open.
    var whenReady: @Sendable (OpenListeners) -> Void = { _ in }
    /// Work to do while the daemon serves; when it returns, the daemon stops.
    var visitor: (@Sendable (OpenListeners) async throws -> Void)?

    /// Runs until a signal ends it. Throws `Findings` or `Exit`.
    func run() async throws {
        let began = ContinuousClock.now
        // Whatever the daemon writes is for its own user.
        umask(0o077)
        // A reload that comes before there is something to reload must not end the process.
        signal(SIGHUP, SIG_IGN)
        try checkOpenFiles()
        let identity = Current(try inspect())
        let metrics = PrometheusRegistry()
        MetricsSystem.bootstrap(metrics)
        Gauge(label: MetricName.buildInfo.rawValue, dimensions: [("version", Version.text)]).record(1)
        systemd.extendTimeout(seconds: 300)
        let components = try await open(identity)
        let dispatcher = dispatcher(components, identity)
        components.tasks.connect(dispatcher)
        try await Machines(dispatcher: dispatcher, logger: logger).bring(configuration.machines)
        let ready = Readiness(expected: configuration.listen.gateway == nil ? 3 : 4)
        let health = health(components)
        var services = try services(components, dispatcher, identity, metrics, health, ready)
        services.append(
            Announcer(
                ready: ready, configuration: configuration, health: health, systemd: systemd, logger: logger,
                began: began, tasksOut: { components.engine.tasksOut }, whenReady: whenReady))
        services.append(Resumption(ready: ready, configuration: configuration, engine: components.engine))
        let visit = visitor.map { Visit(ready: ready, configuration: configuration, body: $0) }
        try await serve(services, visit, components.crashRecord)
    }

    /// A start opens some forty files and sockets. With fewer than it needs it would end in the middle, in words of
    /// whatever comes too short first.
    private func checkOpenFiles() throws {
        let limit = OpenFileLimit.raised()
        if limit < 64 {
            throw Exit(
                .configuration,
                "The process may open \(limit) files and sockets at once; the daemon needs at least 64. "
                    + "Raise LimitNOFILE of the unit, or the hard limit of ulimit -n.")
        }
    }

    /// Everything that the configuration names, checked before anything opens.
    private func inspect() throws -> IdentityCatalog {
        let findings = Inspection.everything(configuration)
        for finding in findings where finding.severity == .warning { logger.warning("\(finding)") }
        if findings.contains(where: { $0.severity == .error }) { throw Findings(list: findings) }
        return try Inspection.catalog(configuration)
    }

    // MARK: - Components

    /// What the listeners serve.
    struct Components: Sendable {
        var store: SQLiteStore
        var engine: Engine
        var functions: FunctionRunner
        var tasks: TaskRouter
        var recipeMove: RecipeMove?
        var eventLog: EventLog
        /// By which tokens are signed.
        var secret: String
        var crashRecord: CrashRecord
        var failureLog: FailureLog
    }

    private func open(_ identity: Current<IdentityCatalog>) async throws -> Components {
        do throws(StoreError) {
            let store = try openStore()
            let crashRecord = CrashRecord(folder: configuration.stateFolder)
            // A backtrace takes the runtime many seconds, with all sockets open. Who asks for one gets it.
            if ProcessInfo.processInfo.environment["SWIFT_BACKTRACE"]?.contains("enable=yes") != true {
                crashRecord.catchDeadlySignals()
            }
            let move = try openRecipeMove()
            let functions = FunctionRunner(configuration: configuration.functions, inProcess: move?.functions ?? [])
            let log = try openEventLog()
            let failures = FailureLog(configuration.log.failures, logger: logger)
            let outcomes = ExecutionOutcomes()
            let tasks = TaskRouter(functions: functions)
            var engineConfiguration = configuration.engine
            engineConfiguration.mayAssume = { identity.value.admits(role: $0, machineRole: $1) }
            let secret = try StateSecret.read(
                folder: configuration.stateFolder, storeWasUsed: store.wasUsed,
                acceptsLoss: configuration.store.acceptsLoss)
            engineConfiguration.tokens = TaskTokens(secret: secret)
            let engine = try await awaited { (completion: @escaping @Sendable (Result<Engine, StoreError>) -> Void) in
                Engine.open(
                    store: store, runner: tasks, configuration: engineConfiguration, crashRecord: crashRecord,
                    logger: logger, executionLog: log.take,
                    executionsClosed: { closed in
                        outcomes.take(closed)
                        failures.take(closed)
                    },
                    fatal: { error in
                        crashRecord.ended()
                        die(error)
                    }, completion: completion)
            }
            return Components(
                store: store, engine: engine, functions: functions, tasks: tasks, recipeMove: move,
                eventLog: log, secret: secret, crashRecord: crashRecord, failureLog: failures)
        } catch {
            throw Exit(error)
        }
    }

    private func openStore() throws(StoreError) -> SQLiteStore {
        var options = configuration.store
        let logger = logger
        options.notice = { logger.warning("\($0)") }
        options.damage = { row in
            var metadata: Logger.Metadata = ["table": "\(row.table)", "row": "\(row.key)"]
            if let execution = row.execution { metadata["execution-id"] = "\(execution)" }
            logger.error("A row of the store is damaged and is not used", metadata: metadata)
            Counter(label: MetricName.damagedRows.rawValue, dimensions: [("table", row.table)]).increment()
        }
        let store = try SQLiteStore.open(folder: configuration.stateFolder, options: options)
        store.lookAtDiskBeforeWork()
        return store
    }

    private func openEventLog() throws(StoreError) -> EventLog {
        var destination = EventLog.Destination.daemon
        if let url = configuration.executionLog.cloudWatchLogs {
            destination = .cloudWatchLogs(CloudWatchLogs(url: url))
        } else if let folder = configuration.executionLog.folder {
            do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
                throw StoreError(
                    .failed,
                    "The folder \(folder) of executionLog.folder cannot be made: \(error.localizedDescription)",
                    hint: "Name a folder that the daemon may write to.")
            }
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            PrivateFiles.correct(names.filter { $0.hasSuffix(".log") }.map { "\(folder)/\($0)" }, logger: logger)
            destination = .folder(folder)
        }
        let scope = configuration.engine.scope
        return EventLog(destination, account: scope.account, region: scope.region, logger: logger)
    }

    private func openRecipeMove() throws(StoreError) -> RecipeMove? {
        guard let move = configuration.recipeMove else { return nil }
        let files = [move.database, move.search].flatMap { [$0, "\($0)-wal", "\($0)-shm"] }
        PrivateFiles.correct(files, logger: logger)
        do {
            let opened = try RecipeMove(
                configuration: RecipeMoveConfiguration(
                    databasePath: move.database, searchPath: move.search, server: move.server))
            if !opened.isOpen {
                logger.warning(
                    "Another process holds the recipes; moves wait until it lets go",
                    metadata: ["database": "\(move.database)"])
            }
            return opened
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

    private func dispatcher(_ components: Components, _ identity: Current<IdentityCatalog>) -> APIDispatcher {
        APIDispatcher(
            engine: components.engine, pageTokens: PageTokens(secret: components.secret), identity: identity,
            throttle: configuration.rates.isEmpty ? nil : Throttle(rates: configuration.rates),
            logGroups: components.eventLog.logGroups, logger: logger)
    }

    // MARK: - Services

    private func health(_ components: Components) -> Health {
        let health = Health()
        health.add(.engine(components.engine))
        health.add(.accepting(components.engine))
        health.add(.disk(folder: configuration.stateFolder))
        health.add(.store(components.store, engine: components.engine))
        return health
    }

    /// In the order of their start. They stop in the opposite one: listeners first, the engine when no client can ask
    /// any more.
    private func services(
        _ components: Components, _ dispatcher: APIDispatcher, _ identity: Current<IdentityCatalog>,
        _ metrics: PrometheusRegistry,
        _ health: Health, _ ready: Readiness
    ) throws -> [any Service] {
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
            admin,
            AdminSocketService(
                folder: configuration.stateFolder, engine: components.engine, limits: limits, logger: logger,
                onServerRunning: { ready.opened(.socket, port: 0) }),
            EventLogKeeper(log: components.eventLog),
            FailureLogKeeper(log: components.failureLog),
            GaugeSampler(engine: components.engine, functions: components.functions),
            EngineKeeper(components: components, logger: logger),
            OutboxSweeper(recipeMove: components.recipeMove, logger: logger), storeGuard(components),
            Pruner(engine: components.engine, logger: logger),
            Watchdog(engine: components.engine, systemd: systemd, logger: logger), api,
            PollDismissal(engine: components.engine),
        ]
        let setup: @Sendable (Configuration) -> GatewaySetup = { [logger] configuration in
            GatewaySetup(
                configuration: configuration, dispatcher: dispatcher, identity: identity,
                recipeMove: components.recipeMove, logger: logger)
        }
        let current = listen.gateway.map { _ in Current(setup(configuration).make()) }
        all.append(
            Reloader(
                configuration: configuration, read: readAgain, identity: identity, gateway: current,
                makeGateway: { setup($0).make($1) }, machines: Machines(dispatcher: dispatcher, logger: logger),
                systemd: systemd, logger: logger))
        if let address = listen.gateway, let current {
            all.append(
                GatewayListener(
                    gateway: current, host: address.host, port: address.port, limits: limits, logger: logger,
                    onServerRunning: { ready.opened(.gateway, port: $0) }))
        }
        all.append(SyncDismissal(engine: components.engine))
        return all
    }

    /// Stops before the engine closes the store.
    private func storeGuard(_ components: Components) -> StoreGuard {
        let folder = configuration.stateFolder
        var files = SQLiteStore.files(in: folder) + ["\(folder)/newel.secret"]
        if let move = configuration.recipeMove {
            files += [move.database, move.search].flatMap { [$0, "\($0)-wal"] }
        }
        return StoreGuard(
            store: components.store, folder: folder, files: FileWatch(files), logger: logger, sink: sink)
    }

    /// Runs until one of the services fails, `visit` is done or a signal ends the daemon.
    private func serve(_ services: [any Service], _ visit: Visit?, _ crashRecord: CrashRecord) async throws {
        // From here on the process ends by itself, unless something ends it.
        defer { crashRecord.ended() }
        var configurations = services.map {
            ServiceGroupConfiguration.ServiceConfiguration(service: NamedService(service: $0))
        }
        if let visit {
            configurations.append(
                .init(
                    service: NamedService(service: visit), successTerminationBehavior: .gracefullyShutdownGroup))
        }
        var group = ServiceGroupConfiguration(
            services: configurations, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        group.maximumGracefulShutdownDuration = .seconds(9)
        let signals = SecondSignal(logger: logger, sink: sink, ending: crashRecord.ended)
        let watch = Task { await signals.watch() }
        defer { watch.cancel() }
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as ListenFailure {
            throw Exit(.cannotCreate, "\(error)")
        } catch is CancellationError {
            // The service group has cancelled what did not end within its time. Nothing is lost by it.
            logger.warning("Nine seconds were not enough to drain; what is left goes on at the next start")
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
