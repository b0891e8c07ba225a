// What the recipe move needs to know of its surroundings.

import Core

package struct RecipeMoveConfiguration: Sendable {
    /// A search server over HTTP.
    package struct Server: Sendable {
        /// Base URL without a trailing slash, for example `http://127.0.0.1:9200`.
        package var url: String
        package var authentication: Authentication
        /// Before the names `recipes` and `users`.
        package var indexPrefix: String
        package var timeoutMilliseconds: Int
        package var connections: Int
        /// How often one step asks a server that answers 429 or 5xx with a `Retry-After`.
        package var tries: Int
        /// Longer waits are left to the state machine's Retry.
        package var longestRetryAfterSeconds: Int

        package init(
            url: String, authentication: Authentication = .none, indexPrefix: String = "",
            timeoutMilliseconds: Int = 10_000, connections: Int = 8, tries: Int = 3, longestRetryAfterSeconds: Int = 2
        ) {
            self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
            self.authentication = authentication
            self.indexPrefix = indexPrefix
            self.timeoutMilliseconds = timeoutMilliseconds
            self.connections = connections
            self.tries = tries
            self.longestRetryAfterSeconds = longestRetryAfterSeconds
        }
    }

    package enum Authentication: Sendable, Equatable {
        case none
        case basic(user: String, password: String)
        /// `id` and `key` as the server gave them out.
        case apiKey(id: String, key: String)
        case bearer(String)
    }

    /// The recipes' SQLite file; made and seeded when it is not there.
    package var databasePath: String
    /// The embedded index's SQLite file, used when there is no server.
    package var searchPath: String
    package var server: Server?

    /// Called at the points where a crash would matter; throwing there is the crash. For tests.
    var probe: @Sendable (Probe) throws -> Void = { _ in }
    /// Blocks for so many milliseconds. For tests.
    var wait: @Sendable (Int) -> Void = { sleepMilliseconds($0) }

    package init(databasePath: String, searchPath: String, server: Server? = nil) {
        self.databasePath = databasePath
        self.searchPath = searchPath
        self.server = server
    }
}

/// Where a handler may die.
enum Probe: String, Sendable, CaseIterable {
    case beforeCommit
    case afterCommit
    case afterRead
    case afterWrite
    case afterOutbox
}

extension RecipeMoveConfiguration.Authentication {
    /// The `Authorization` header.
    var header: String? {
        switch self {
        case .none: nil
        case .basic(let user, let password): "Basic " + Base64.encode(Array("\(user):\(password)".utf8))
        case .apiKey(let id, let key): "ApiKey " + Base64.encode(Array("\(id):\(key)".utf8))
        case .bearer(let token): "Bearer \(token)"
        }
    }
}
