// What the shell's completion offers: the machines and executions that there are.

import ArgumentParser
import JSON

/// Asks the API that the command would ask; where that fails nothing is offered.
enum Suggestions {
    static let machine = CompletionKind.custom { words, _, _ in await offer(words) { try await machines($0) } }

    /// `MACHINE:` at first, and then its newest executions.
    static let execution = CompletionKind.custom { words, _, prefix in
        await offer(words) { client in
            guard let colon = prefix.firstIndex(of: ":") else { return try await machines(client).map { $0 + ":" } }
            let name = String(prefix[..<colon])
            let arn = JSONValue.string(try await client.machineARN(name))
            let executions = try await client.list(
                "ListExecutions", "executions", ["stateMachineArn": arn], limit: 100)
            return executions.compactMap { $0["name"]?.stringValue.map { "\(name):\($0)" } }
        }
    }

    private static func machines(_ client: APIClient) async throws -> [String] {
        try await client.list("ListStateMachines", "stateMachines", limit: 1000).compactMap { $0["name"]?.stringValue }
    }

    private static func offer(
        _ words: [String], _ names: (APIClient) async throws -> [String]
    ) async -> [String] {
        do { return try await names(try await options(words).client()) } catch { return [] }
    }

    /// The options that stand in the line so far.
    private static func options(_ words: [String]) throws -> ClientOptions {
        var named: [String] = []
        for (word, value) in zip(words, words.dropFirst()) where ["--endpoint", "--region", "--config"].contains(word) {
            named += [word, value]
        }
        return try ClientOptions.parse(named)
    }
}
