// From the configuration file, environment and flags to a configuration, checked whole.

import API
import Configuration
import Core
import Engine
import Foundation
import Functions
import Gateway
import Logging
import Outbound
import RecipeMove
import States
import Storage

extension Configuration {
    /// Reads everything and throws all that is wrong with it. What the configuration names (definitions, routes,
    /// policies) is checked by `Check`, not here.
    ///
    /// - Parameters:
    ///   - file: a path, `nil` for built-in defaults under environment and flags.
    ///   - flags: settings by their key, `listen.api`.
    static func read(
        file: String?, flags: [String: String] = [:],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws -> Configuration {
        let tree = try file.map { path throws(Findings) in try ConfigurationFile.read(path) }
        if let tree, !tree.findings.isEmpty { throw Findings(list: tree.findings) }
        var parsed: (any ConfigProvider)?
        if let tree, !tree.lines.isEmpty {
            parsed = try await FileProvider<YAMLSnapshot>(config: located("filePath", tree.path))
        }
        var reader = try await SettingReader(file: tree, flags: flags, environment: environment, parsed: parsed)
        let configuration = Configuration(&reader, tree, environment)
        if !reader.findings.isEmpty { throw Findings(list: reader.findings) }
        return configuration
    }

    private init(_ reader: inout SettingReader, _ file: ConfigurationFile?, _ environment: [String: String]) {
        self.file = file?.path
        let base = file?.folder ?? FileManager.default.currentDirectoryPath
        stateFolder = Self.stateFolder(&reader, environment)
        store = Self.store(&reader)
        listen = Self.listen(&reader)
        engine = Self.engine(&reader)
        takesScopeFromCredentials = reader.bool("scope.fromCredentials", default: true)
        rates = Self.rates(&reader)
        engine.nestedStarts = Self.nestedStarts(&reader)
        connections = Self.connections(&reader)
        functions = Self.functions(&reader, engine.scope)
        recipeMove = Self.recipeMove(&reader, stateFolder)
        gateway = Self.gateway(&reader, base)
        identityFolder = reader.text(["identity", "folder"]).map { path($0, in: base) }
        machines = Self.machines(&reader, base, engine.scope)
        log = Log(
            level: reader.choice("log.level", default: .info), format: reader.choice("log.format", default: .auto),
            failures: reader.choice("log.failures", default: .sampled))
        executionLog = Self.executionLog(&reader, stateFolder)
    }

    // MARK: - Sections

    private static func executionLog(_ reader: inout SettingReader, _ folder: String) -> ExecutionLog {
        let log = ExecutionLog(
            folder: reader.text(["executionLog", "folder"]).map { path($0, in: folder) },
            cloudWatchLogs: reader.url(["executionLog", "cloudWatchLogs"]))
        if log.folder != nil, log.cloudWatchLogs != nil {
            reader.report(
                ["executionLog", "folder"], cause: "Events of executions have one destination, and two are given",
                fix: "Leave executionLog.folder or executionLog.cloudWatchLogs out.")
        }
        return log
    }

    private static func stateFolder(_ reader: inout SettingReader, _ environment: [String: String]) -> String {
        let standard =
            environment["STATE_DIRECTORY"].flatMap { $0.split(separator: ":").first.map(String.init) } ?? "newel-data"
        let folder = reader.value(
            ["store", "url"], default: standard, expected: "sqlite:FOLDER; other stores come later"
        ) {
            text -> String? in
            guard text.hasPrefix("sqlite:") else { return nil }
            var folder = text.dropFirst("sqlite:".count)
            if folder.hasPrefix("//") { folder = folder.dropFirst(2) }
            if folder == "newel.db" { folder = "." }
            if folder.hasSuffix("/newel.db") { folder = folder.dropLast("/newel.db".count) }
            return folder.isEmpty ? nil : String(folder)
        }
        return path(folder, in: FileManager.default.currentDirectoryPath)
    }

    private static func store(_ reader: inout SettingReader) -> SQLiteStore.Options {
        var options = SQLiteStore.Options()
        let cache = reader.bytes("store.cache", default: options.writerCacheKiB << 10, in: (256 << 10)...(16 << 30))
        options.writerCacheKiB = cache >> 10
        options.readers = reader.int("store.readers", default: options.readers, in: 1...256)
        options.minimumFree = reader.bytes("store.minimumFree", default: 256 << 20, in: 0...(1 << 50))
        options.reserve = reader.bytes("store.reserve", default: 64 << 20, in: 0...(1 << 40))
        return options
    }

    private static func listen(_ reader: inout SettingReader) -> Listen {
        let expected = "HOST:PORT, such as 127.0.0.1:8083 or [::1]:8083"
        func address(_ name: String, _ port: Int) -> ListenAddress {
            let standard = ListenAddress(host: "127.0.0.1", port: port)
            return reader.value(["listen", name], default: standard, expected: expected) { ListenAddress($0) }
        }
        var listen = Listen(api: address("api", 8083), gateway: nil, admin: address("admin", 8084))
        if !["off", "false", "no"].contains(reader.text(["listen", "gateway"])) {
            listen.gateway = address("gateway", 8080)
        }
        if !reader.bool("listen.allowRemote", default: false) {
            for (name, address) in [("api", listen.api), ("gateway", listen.gateway), ("admin", listen.admin)] {
                guard let address, !address.isLoopback else { continue }
                reader.report(
                    ["listen", name],
                    cause: "\(address) can be reached from other machines, and nobody is asked who he is",
                    fix: "Listen on 127.0.0.1 behind a proxy, or set listen.allowRemote to true.")
            }
        }
        return listen
    }

    private static func engine(_ reader: inout SettingReader) -> EngineConfiguration {
        var scope = Scope()
        scope.account = reader.value(["scope", "account"], default: scope.account, expected: "twelve digits") {
            $0.count == 12 && $0.utf8.allSatisfy { $0 &- 0x30 < 10 } ? $0 : nil
        }
        scope.region = reader.value(
            ["scope", "region"], default: scope.region, expected: "a region, such as us-east-1"
        ) {
            Scope.isRegion($0[...]) ? $0 : nil
        }
        scope.partition = Scope.partition(ofRegion: scope.region)
        let limits = limits(&reader)
        let standard = EngineConfiguration()
        let day = 86_400_000
        let retention = reader.milliseconds("engine.retention", default: 90 * day, in: 60_000...(36_500 * day))
        let evict = reader.milliseconds("engine.evictAfter", default: Int(standard.evictAfter), in: 10...86_400_000)
        return EngineConfiguration(
            scope: scope, limits: limits,
            retention: Int64(retention),
            shards: reader.int("engine.shards", default: standard.shards, in: 1...Slot.count),
            residentExecutions: reader.int(
                "engine.residentExecutions", default: standard.residentExecutions, in: 0...10_000_000),
            evictAfter: Int64(evict))
    }

    private static func limits(_ reader: inout SettingReader) -> Limits {
        var limits = Limits()
        var language = limits.language
        language.payloadBytes = reader.bytes("limits.payload", default: language.payloadBytes, in: 1_024...(64 << 20))
        language.definitionBytes = reader.bytes(
            "limits.definition", default: language.definitionBytes, in: 1_024...(64 << 20))
        language.historyEvents = reader.int("limits.historyEvents", default: language.historyEvents, in: 10...1_000_000)
        language.nestingDepth = reader.int("limits.nestingDepth", default: language.nestingDepth, in: 1...1_000)
        language.stateNameCharacters = reader.int(
            "limits.stateName", default: language.stateNameCharacters, in: 1...10_000)
        language.nestedDepth = reader.int("limits.nestedDepth", default: language.nestedDepth, in: 0...1_000)
        language.mapConcurrency = reader.int("limits.mapConcurrency", default: language.mapConcurrency, in: 1...100_000)
        language.variableBytes = reader.bytes(
            "limits.variable", default: language.variableBytes, in: 1_024...(64 << 20))
        language.allVariableBytes = reader.bytes(
            "limits.variables", default: language.allVariableBytes, in: 1_024...(1 << 30))
        language.expressSeconds =
            reader.milliseconds(
                "limits.express", default: language.expressSeconds * 1_000, in: 1_000...31_536_000_000) / 1_000
        limits.language = language
        limits.api.activityPollers = reader.int(
            "limits.activityPollers", default: limits.api.activityPollers, in: 1...1_000_000)
        limits.turn.queuedCommands = reader.int(
            "limits.queuedCommands", default: limits.turn.queuedCommands, in: 10...10_000_000)
        return limits
    }

    private static let rateForm = "BUCKET/REFILL, such as 1300/300 calls a second"

    /// AWS counts nested starts with those of clients.
    private static func nestedStarts(_ reader: inout SettingReader) -> Rate? {
        let isAWS = reader.bool("throttling.awsRates", default: false)
        return reader.value(
            ["throttling", "nestedStarts"], default: isAWS ? Throttle.awsRates["StartExecution"] : nil,
            expected: rateForm + ", or off"
        ) { text -> Rate?? in
            text == "off" ? .some(nil) : Rate(text).map { .some($0) }
        }
    }

    private static func rates(_ reader: inout SettingReader) -> [String: Rate] {
        var rates = reader.bool("throttling.awsRates", default: false) ? Throttle.awsRates : [:]
        let section = ["throttling", "operations"]
        for name in Throttle.operations {
            rates[name] = reader.value(
                section + [name], default: rates[name], expected: rateForm
            ) { text -> Rate?? in
                if text == "off" { return .some(nil) }
                return Rate(text).map { .some($0) }
            }
        }
        for name in reader.names(below: section) where !Throttle.operations.contains(name) {
            reader.report(
                section + [name], cause: "There is no operation \(name)",
                fix: nearest(to: name, among: Throttle.operations).map { "Did you mean \($0)?" } ?? "Leave it out.")
        }
        return rates
    }

    private static func connections(_ reader: inout SettingReader) -> Connections {
        func time(_ key: String, _ seconds: Int) -> Duration {
            .milliseconds(reader.milliseconds(key, default: seconds * 1_000, in: 100...3_600_000))
        }
        return Connections(
            bodyBytes: reader.bytes("limits.requestBody", default: 2 << 20, in: 1_024...(256 << 20)),
            headerBytes: reader.bytes("limits.requestHeader", default: 32 << 10, in: 1_024...(1 << 20)),
            connections: reader.int("limits.connections", default: 10_000, in: 1...1_000_000),
            headerTimeout: time("limits.headerTimeout", 10), bodyTimeout: time("limits.bodyTimeout", 30),
            idleTimeout: time("limits.idleTimeout", 120))
    }

    private static func functions(_ reader: inout SettingReader, _ scope: Scope) -> FunctionsConfiguration {
        var functions = FunctionsConfiguration(region: scope.region, account: scope.account)
        for name in reader.names(below: ["functions", "map"]) {
            let destination = reader.value(
                ["functions", "map", name], default: FunctionsConfiguration.Destination?.none,
                expected: "in-process:NAME, or the URL of an endpoint that speaks the Lambda Invoke API"
            ) { text -> FunctionsConfiguration.Destination?? in
                if text.hasPrefix("in-process:") { return .inProcess(String(text.dropFirst("in-process:".count))) }
                return isURL(text) ? .endpoint(text) : nil
            }
            functions.map[name] = destination
        }
        functions.defaultEndpoint = reader.url(["functions", "defaultEndpoint"])
        for name in reader.names(below: ["functions", "limits"]) {
            functions.limits[name] = reader.value(
                ["functions", "limits", name], default: 1, expected: "how many calls may run at once, 1 or more"
            ) { Int($0).flatMap { $0 > 0 ? $0 : nil } }
        }
        functions.defaultLimit = reader.int("functions.defaultLimit", default: functions.defaultLimit, in: 1 ... .max)
        functions.width = reader.int("functions.width", default: functions.width, in: 1...512)
        functions.maxConnections = reader.int(
            "functions.maxConnections", default: functions.maxConnections, in: 1...100_000)
        functions.connectTimeoutSeconds = reader.seconds(
            "functions.connectTimeout", default: functions.connectTimeoutSeconds)
        functions.invokeTimeoutMilliseconds = reader.milliseconds(
            "functions.invokeTimeout", default: functions.invokeTimeoutMilliseconds, in: 1_000...3_600_000)
        return functions
    }

    private static func recipeMove(_ reader: inout SettingReader, _ folder: String) -> RecipeMove? {
        guard reader.bool("recipeMove.enabled", default: true) else { return nil }
        var move = RecipeMove(
            database: path(reader.text("recipeMove.database", default: "recipes.db"), in: folder),
            search: path(reader.text("recipeMove.search", default: "search.db"), in: folder), server: nil)
        let prefix = reader.text("recipeMove.searchIndexPrefix", default: "")
        let timeout = reader.milliseconds("recipeMove.searchTimeout", default: 10_000, in: 10...300_000)
        guard let url = reader.url(["recipeMove", "searchURL"]) else { return move }
        var authentication = RecipeMoveConfiguration.Authentication.none
        if let user = reader.text(["recipeMove", "searchUser"]) {
            authentication = .basic(user: user, password: reader.text("recipeMove.searchPassword", default: ""))
        } else if let token = reader.text(["recipeMove", "searchToken"]) {
            authentication = .bearer(token)
        }
        move.server = RecipeMoveConfiguration.Server(
            url: url, authentication: authentication, indexPrefix: prefix, timeoutMilliseconds: timeout)
        return move
    }

    private static func gateway(_ reader: inout SettingReader, _ base: String) -> Gateway? {
        guard let file = reader.text(["gateway", "openapi"]) else { return nil }
        var variables: [String: String] = [:]
        for name in reader.names(below: ["gateway", "stageVariables"]) {
            variables[name] = reader.text(["gateway", "stageVariables", name]) ?? ""
        }
        return Gateway(
            openAPI: path(file, in: base), stage: reader.text("gateway.stage", default: "default"),
            stageVariables: variables, executionLog: reader.choice("gateway.executionLog", default: .error),
            nativeRoutes: reader.bool("gateway.nativeRoutes", default: true))
    }

    private static func machines(_ reader: inout SettingReader, _ base: String, _ scope: Scope) -> [Machine] {
        reader.names(below: ["machines"]).compactMap { name in
            guard let definition = reader.text(["machines", name, "definition"]) else {
                reader.report(
                    ["machines", name], cause: "The machine \(name) has no definition",
                    fix: "Add `definition: FILE`, a file of Amazon States Language.")
                return nil
            }
            let role = reader.text(["machines", name, "role"])
            var machine = Machine(
                name: name, definition: path(definition, in: base),
                roleARN: role ?? "arn:\(scope.partition):iam::\(scope.account):role/\(name)", namesRole: role != nil)
            machine.type = reader.value(
                ["machines", name, "type"], default: .standard, expected: "STANDARD or EXPRESS"
            ) { MachineType(rawValue: $0.uppercased()) }
            for substitution in reader.names(below: ["machines", name, "substitutions"]) {
                machine.substitutions[substitution] =
                    reader.text(["machines", name, "substitutions", substitution]) ?? ""
            }
            machine.logging = logging(&reader, ["machines", name, "logging"])
            return machine
        }
    }

    private static func logging(_ reader: inout SettingReader, _ section: [String]) -> MachineLogging? {
        guard !reader.names(below: section).isEmpty else { return nil }
        let level = reader.value(
            section + ["level"], default: MachineLogging.Level.error, expected: "OFF, ALL, ERROR or FATAL"
        ) { MachineLogging.Level(rawValue: $0.lowercased()) }
        let logging = MachineLogging(
            level: level, includesData: reader.bool(section + ["includeExecutionData"], default: false),
            group: reader.text(section + ["logGroup"]))
        if level != .off, logging.group == nil {
            reader.report(
                section + ["logGroup"], cause: "\(dotted(section)) has no log group",
                fix: "Add `logGroup: /aws/vendedlogs/states/NAME`, or `level: OFF`.")
        }
        return logging
    }
}

extension SettingReader {
    fileprivate mutating func url(_ path: [String]) -> String? {
        value(path, default: nil, expected: "a URL such as http://HOST:PORT or https://HOST/PATH") {
            isURL($0) ? .some($0) : nil
        }
    }

    fileprivate mutating func seconds(_ key: String, default standard: Int) -> Int {
        milliseconds(key, default: standard * 1_000, in: 1_000...3_600_000) / 1_000
    }
}

/// Whether the text is the base URL of a service: a host, a port from 1 to 65535 if any, a path; neither query nor
/// fragment, which the paths of requests would be appended to. A port that is too large ends the process in NIO.
private func isURL(_ text: String) -> Bool {
    guard let url = URL(string: text), let host = url.host(), !host.isEmpty,
        ["http", "https"].contains(url.scheme), url.query == nil, url.fragment == nil
    else { return false }
    return Endpoint(text).hasValidPort
}

/// `path`, seen from `folder` when it does not begin at the root.
private func path(_ path: String, in folder: String) -> String {
    if path.hasPrefix("/") { return path }
    return URL(fileURLWithPath: folder).appendingPathComponent(path).standardizedFileURL.path
}
