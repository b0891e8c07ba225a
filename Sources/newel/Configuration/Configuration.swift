// Everything that the daemon can be told, typed and checked.

import API
import Core
import Engine
import Functions
import Identity
import Logging
import RecipeMove
import States
import Storage

/// A whole configuration. Made by `Configuration.read`, which checks all of it before anything opens.
struct Configuration: Sendable {
    struct Listen: Sendable {
        var api: ListenAddress
        /// `nil` when the gateway is off.
        var gateway: ListenAddress?
        var admin: ListenAddress
    }

    struct Machine: Sendable {
        var name: String
        /// A file with the definition, JSON or YAML.
        var definition: String
        var roleARN: String
        /// Whether the configuration names the role, else it is the default.
        var namesRole = false
        var type = MachineType.standard
        /// Values of `${Name}` in the definition.
        var substitutions: [String: String] = [:]
        /// `nil` leaves the machine's logging as it is.
        var logging: MachineLogging?
    }

    /// The `loggingConfiguration` of a machine.
    struct MachineLogging: Sendable, Equatable {
        enum Level: String, CaseIterable, Sendable {
            case off, fatal, error, all
        }

        var level: Level
        var includesData: Bool
        /// A log group's name or ARN.
        var group: String?
    }

    struct Gateway: Sendable {
        /// The OpenAPI file that is the route table.
        var openAPI: String
        var stage: String
        var stageVariables: [String: String]
        var executionLog: ExecutionLogLevel
        /// Whether `/recipes`, `/users` and `/search` answer from the recipe move's own database.
        var nativeRoutes: Bool
    }

    enum ExecutionLogLevel: String, Sendable, CaseIterable {
        case off
        case error
        case info
    }

    struct RecipeMove: Sendable {
        var database: String
        var search: String
        var server: RecipeMoveConfiguration.Server?
    }

    struct Log: Sendable {
        var level: Logger.Level
        var format: LogFormat
        var failures: FailureLog.Extent
    }

    /// Where the events of executions go that are logged; without either into the daemon's own log.
    struct ExecutionLog: Sendable {
        var folder: String?
        /// The URL of an endpoint that speaks the CloudWatch Logs API.
        var cloudWatchLogs: String?
    }

    struct Connections: Sendable {
        var bodyBytes: Int
        var headerBytes: Int
        var connections: Int
        var headerTimeout: Duration
        var bodyTimeout: Duration
        var idleTimeout: Duration
    }

    /// The file it was read from, `nil` when only defaults, environment and flags count.
    var file: String?
    var listen: Listen
    /// The folder that holds all state.
    var stateFolder: String
    var store: SQLiteStore.Options
    var engine: EngineConfiguration
    /// Whether the account and region of a request are those of its credential, else they are always the engine's.
    var takesScopeFromCredentials: Bool
    /// How often each operation may be called; what is not named as often as one likes.
    var rates: [String: Rate]
    var connections: Connections
    var functions: FunctionsConfiguration
    /// `nil` when the recipe move's functions are off.
    var recipeMove: RecipeMove?
    var gateway: Gateway?
    /// The folder of roles, users and policies.
    var identityFolder: String?
    /// Machines that `serve` creates, or brings up to date, at its start.
    var machines: [Machine]
    var log: Log
    var executionLog: ExecutionLog
}

/// `host:port`, the host without brackets.
struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    var host: String
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `127.0.0.1:8083`, `[::1]:8083`, `localhost:8083`; `nil` for anything else.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, host.allSatisfy({ $0.isLetter || $0.isNumber || ".:-_%".contains($0) }) else {
            return nil
        }
        self.init(host: String(host), port: port)
    }

    /// Whether only this machine can reach it.
    var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    var url: String { "http://\(self)" }
}
