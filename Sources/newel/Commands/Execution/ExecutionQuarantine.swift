// `newel execution quarantine`: executions that are RUNNING and not advanced.

import Admin
import ArgumentParser
import Core
import Engine
import Foundation
import JSON
import NIOHTTP1
import Storage
import System

struct ExecutionQuarantine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "List, stop and release executions in quarantine.",
        discussion: """
            newel execution quarantine list
            newel execution quarantine stop ARN
            newel execution quarantine release ARN

            An execution that was being advanced when the process ended, twice without a completed turn between, or \
            whose rows are damaged, stays RUNNING and is not advanced. These commands speak to the daemon through \
            newel.sock in its state folder; without a daemon they open the store themselves.
            """,
        subcommands: [List.self, Stop.self, Release.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the executions in quarantine.")

        @Flag(help: "Print JSON.")
        var json = false

        @OptionGroup var options: ConfigurationOptions

        func run() async throws {
            let folder = try await options.read().stateFolder
            let executions = try await QuarantineAccess(folder: folder).list()
            if json { return print(JSONValue.array(executions).text) }
            let rows = executions.map { execution in
                [
                    execution["id"]?.plain ?? "-", Moment.text(execution["date"]), execution["reason"]?.plain ?? "-",
                    execution["executionArn"]?.stringValue ?? "-",
                ]
            }
            print(Table(head: ["ID", "SINCE", "REASON", "EXECUTION"], rows: rows).text)
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "stop", abstract: "End an execution in quarantine as ABORTED.")

        @Argument(help: "The execution's ARN, or its id in `quarantine list`.")
        var execution: String

        @OptionGroup var options: ConfigurationOptions

        func run() async throws {
            try await QuarantineAccess(folder: try await options.read().stateFolder).stop(execution)
            print("Stopped.")
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "release", abstract: "Let an execution in quarantine continue.")

        @Argument(help: "The execution's ARN, or its id in `quarantine list`.")
        var execution: String

        @OptionGroup var options: ConfigurationOptions

        func run() async throws {
            try await QuarantineAccess(folder: try await options.read().stateFolder).release(execution)
            print("Released.")
        }
    }
}

/// The quarantine of a state folder: through the daemon that holds it, or in the store if there is none.
struct QuarantineAccess {
    let folder: String

    func list() async throws -> [JSONValue] {
        if let answer = try await AdminSocketClient(folder: folder).call(.GET, "/quarantine") {
            return answer["executions"]?.arrayValue ?? []
        }
        return try inStore { quarantine throws(StoreError) in try quarantine.executions().map(\.json) }
    }

    func stop(_ name: String) async throws {
        try await change(name, "/quarantine/stop") { quarantine, id throws(StoreError) in
            try quarantine.stop(id, at: .now)
        }
    }

    func release(_ name: String) async throws {
        try await change(name, "/quarantine/release") { quarantine, id throws(StoreError) in
            try quarantine.release(id, at: .now)
        }
    }

    private func change(
        _ name: String, _ path: String, _ body: (StoredQuarantine, Int64) throws(StoreError) -> Void
    ) async throws {
        let client = AdminSocketClient(folder: folder)
        if try await client.call(.POST, path, ["execution": .string(name)]) != nil { return }
        let isFound = try inStore { quarantine throws(StoreError) in
            guard let found = try quarantine.executions().first(where: { $0.isNamed(name) }) else { return false }
            try body(quarantine, found.record.execution)
            return true
        }
        if !isFound { throw Exit(.noInput, "No execution \(name) is in quarantine.") }
    }

    private func inStore<Value: Sendable>(
        _ body: (StoredQuarantine) throws(StoreError) -> Value
    ) throws -> Value {
        guard FileManager.default.fileExists(atPath: "\(folder)/newel.db") else {
            throw Exit(
                .noInput,
                "There is no store in \(folder). Name the daemon's configuration with --config, or its folder with "
                    + "--store-url sqlite:FOLDER.")
        }
        do throws(StoreError) {
            let store = try SQLiteStore.open(folder: folder)
            defer { store.close() }
            return try body(try StoredQuarantine(store: store))
        } catch {
            throw Exit(error)
        }
    }
}
