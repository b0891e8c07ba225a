// An engine over SQLite in a folder of its own, and its API, for tests of what calls them.

package import API
package import Core
package import Engine
import EngineSupport
import Foundation
import Functions
import Identity
package import JSON
package import Logging
package import NIOCore
import States
import Storage
import Synchronization
import System
import Tasks
import Testing

/// Gone, folder and all, with its last reference.
package final class APIWorld: Sendable {
    package let engine: Engine
    package let dispatcher: APIDispatcher
    package let clock: MovableClock
    private let store: SQLiteStore
    private let folder: String

    private init(engine: Engine, dispatcher: APIDispatcher, clock: MovableClock, store: SQLiteStore, folder: String) {
        self.engine = engine
        self.dispatcher = dispatcher
        self.clock = clock
        self.store = store
        self.folder = folder
    }

    /// With functions `echo`, which gives its input back, and `broken`, which throws.
    package static func open(
        identity documents: [(file: String, json: JSONValue)] = [], throttle: Throttle? = nil,
        logGroups: LogGroupLookup? = nil,
        configuration: EngineConfiguration = EngineConfiguration(), logger: Logger = quiet
    ) async throws -> APIWorld {
        let folder = NSTemporaryDirectory() + "newel-api-\(UUID().uuidString)"
        let store = try SQLiteStore.open(folder: folder)
        let functions = [
            InProcessFunction(name: "echo") { input, _ in input },
            InProcessFunction(name: "broken") { _, _ in throw FunctionError(type: "Broken", message: "on purpose") },
        ]
        let runner = TaskRouter(
            functions: FunctionRunner(configuration: FunctionsConfiguration(), inProcess: functions))
        let engine = try await Engine.open(
            store: store, runner: runner, configuration: configuration, logger: logger
        ) { fatalError("\($0)") }
        let clock = MovableClock()
        let identity = try IdentityCatalog(account: "000000000000", region: "us-east-1", documents: documents)
        let dispatcher = APIDispatcher(
            engine: engine, pageTokens: PageTokens(secret: "test"), identity: Current(identity), throttle: throttle,
            logGroups: logGroups, logger: logger, clock: { clock.now })
        return APIWorld(engine: engine, dispatcher: dispatcher, clock: clock, store: store, folder: folder)
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// From now on no read of the store succeeds.
    package func closeStore() { store.close() }

    package static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Calls an operation; gives the status and the body.
    package func call(_ operation: String, _ input: JSONValue, scope: Scope? = nil) async throws -> (Int, JSONValue) {
        try await send(operation, ByteBuffer(bytes: input.bytes), scope: scope)
    }

    package func send(_ operation: String, _ body: ByteBuffer, scope: Scope? = nil) async throws -> (Int, JSONValue) {
        let scope = scope ?? Scope()
        let answer = await dispatcher.call(
            operation: operation, body: body, scope: scope, caller: .root(account: scope.account))
        return (answer.status, try JSONValue.parse(Array(answer.body.readableBytesView)))
    }

    /// Calls an operation that must succeed.
    package func ok(_ operation: String, _ input: JSONValue, scope: Scope? = nil) async throws -> JSONValue {
        let (status, body) = try await call(operation, input, scope: scope)
        try #require(status == 200, "\(operation): \(body)")
        return body
    }

    /// Makes a machine and gives its ARN.
    package func machine(_ name: String, _ definition: JSONValue, type: String = "STANDARD") async throws -> String {
        let made = try await ok(
            "CreateStateMachine",
            [
                "name": .string(name), "definition": .string(definition.text), "roleArn": .string(Self.role),
                "type": .string(type),
            ])
        return try #require(made["stateMachineArn"]?.stringValue)
    }

    /// Starts an execution and gives its ARN.
    package func start(_ machine: String, name: String? = nil, input: String? = nil) async throws -> String {
        var request = JSONObject([("stateMachineArn", .string(machine))])
        if let name { request["name"] = .string(name) }
        if let input { request["input"] = .string(input) }
        return try #require(try await ok("StartExecution", .object(request))["executionArn"]?.stringValue)
    }

    /// The execution's description once it has closed.
    package func closed(_ execution: String, scope: Scope? = nil) async throws -> JSONValue {
        for _ in 0..<10_000 {
            let description = try await ok(
                "DescribeExecution", ["executionArn": .string(execution)], scope: scope)
            if description["status"] != "RUNNING" { return description }
            // Every ping is a turn of all shards: no waiting by the clock.
            await engine.ping()
        }
        Issue.record("\(execution) does not end")
        return .null
    }

    package static let role = "arn:aws:iam::000000000000:role/test"

    package static let pass: JSONValue = ["StartAt": "A", "States": ["A": ["Type": "Pass", "End": true]]]
    package static let fail: JSONValue = [
        "StartAt": "A", "States": ["A": ["Type": "Fail", "Error": "No", "Cause": "because"]],
    ]
    package static let wait: JSONValue = [
        "StartAt": "A", "States": ["A": ["Type": "Wait", "Seconds": 3600, "End": true]],
    ]
}

/// The time of the dispatcher: now, and as much later as a test says.
package final class MovableClock: Sendable {
    private let ahead = Atomic<Int64>(0)

    package init() {}

    package var now: Timestamp { Timestamp.now.adding(milliseconds: ahead.load(ordering: .relaxed)) }

    package func advance(hours: Int) { ahead.wrappingAdd(Int64(hours) * 3_600_000, ordering: .relaxed) }
}
