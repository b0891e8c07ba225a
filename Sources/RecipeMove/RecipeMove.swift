// The recipe move: its functions, and its routes of the gateway.

package import Functions
package import JSON
import Synchronization

/// The handlers `update-recipe`, `index-recipe` and `index-user` over the recipes' database and the search index.
///
/// Every function blocks: call it on a worker thread. All handlers may run any number of times, in any order, at once.
package struct RecipeMove: Sendable {
    let database: Database
    let index: SearchIndex
    private let configuration: RecipeMoveConfiguration
    private let reconciliation = Reconciliation()

    /// Whether the embedded index has been compared with the rows since the start.
    private final class Reconciliation: Sendable {
        let isDone = Atomic(false)
    }

    /// Opens the database and the index, makes and seeds them at the first start, and writes into the embedded index
    /// whatever it lacks. Throws `DatabaseError`, but not for a file that another process holds: that is opened, and
    /// the index compared, by later calls. Until then functions throw `Db.Busy`.
    package init(configuration: RecipeMoveConfiguration) throws {
        self.configuration = configuration
        database = try Database(path: configuration.databasePath, synchronous: .full) { try Cookbook.prepare($0) }
        if let server = configuration.server {
            index = .server(SearchServer(server, wait: configuration.wait))
        } else {
            index = .embedded(try EmbeddedIndex(path: configuration.searchPath))
        }
        guard isOpen else { return }
        do { try reconcile() } catch let error as DatabaseError where error.isBusy {
            // The next sweep compares them.
        }
    }

    /// Whether no other process has kept the files from being opened.
    package var isOpen: Bool {
        switch index {
        case .embedded(let index): database.isOpen && index.isOpen
        case .server: database.isOpen
        }
    }

    /// The files that must not be removed or replaced while the daemon runs.
    package var files: [String] {
        [configuration.databasePath] + (configuration.server == nil ? [configuration.searchPath] : [])
    }

    /// The three handlers, for `Functions`.
    package var functions: [InProcessFunction] {
        [
            InProcessFunction(name: "update-recipe") { input, context in
                try handling { try updateRecipe(input, token: context.executionARN) }
            },
            InProcessFunction(name: "index-recipe") { input, _ in
                try handling { try indexDocument(.recipe, "id", input) }
            },
            InProcessFunction(name: "index-user") { input, _ in
                try handling { try indexDocument(.user, "user_id", input) }
            },
        ]
    }

    /// The recipe's row with its owner, `nil` if there is none. Throws `DatabaseError`.
    package func recipe(_ id: String) throws -> JSONValue? {
        guard let id = Int64(id) else { return nil }
        return try database.with { connection in
            guard var recipe = try connection.document(.recipe, id)?.source?.objectValue else { return nil }
            let owner = recipe["user_id"]?.intValue ?? 0
            let name = try connection.first("SELECT name FROM users WHERE id = ?", .int(Int64(owner))) { $0.text(0) }
            recipe["user"] = ["id": .int(owner), "name": .string(name ?? "")]
            return .object(recipe)
        }
    }

    /// The user's row with the ids of the user's recipes, `nil` if there is none. Throws `DatabaseError`.
    package func user(_ id: String) throws -> JSONValue? {
        guard let id = Int64(id) else { return nil }
        return try database.with { try $0.document(.user, id)?.source }
    }

    /// `{"total","hits":[{"index","id","version","source"}]}` from the search index. Throws `FunctionError` of type
    /// `Search.Unavailable` or `Search.Rejected`.
    package func search(_ query: String, limit: Int = 20) throws -> JSONValue {
        try index.search(query, limit: limit)
    }

    /// Closes files and connections. Nothing may be called after it.
    package func close() {
        index.close()
        database.close()
    }

    /// Turns what the database throws into the error names that the state machine knows.
    private func handling(_ body: () throws -> JSONValue) throws -> JSONValue {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw FunctionError(type: error.isBusy ? "Db.Busy" : "Db.Failed", message: error.description)
        }
    }
}

extension RecipeMove {
    /// `{"id","user_id","token"?,"expected_user_id"?}`; without a token the execution's ARN is the token.
    func updateRecipe(_ input: JSONValue, token executionARN: String) throws -> JSONValue {
        let request = MoveRequest(
            token: input["token"]?.stringValue ?? executionARN,
            recipe: try Self.id(input, "id", notFound: "Recipe.NotFound"),
            user: try Self.id(input, "user_id", notFound: "User.NotFound"),
            expectedUser: try input["expected_user_id"].map { _ in
                try Self.id(input, "expected_user_id", notFound: "Move.Conflict")
            })
        let move = try database.with { connection in
            try connection.move(request) { try configuration.probe(.beforeCommit) }
        }
        try configuration.probe(.afterCommit)
        return move.json
    }

    /// `{"id" or "user_id","version"?}`: writes the document of the row as it is now, which is at least that version.
    func indexDocument(_ kind: DocumentKind, _ member: String, _ input: JSONValue) throws -> JSONValue {
        let id = try Self.id(input, member, notFound: kind.notFound)
        let (document, result) = try write(kind, id, atLeast: input["version"]?.intValue)
        return [
            "index": .string(kind.table), "id": .int(Int(id)), "version": .int(Int(document.version)),
            "result": .string(result.rawValue),
        ]
    }

    private func write(
        _ kind: DocumentKind, _ id: Int64, atLeast required: Int?
    ) throws -> (Document, SearchIndex.WriteResult) {
        guard let document = try database.with({ try $0.document(kind, id) }) else {
            throw FunctionError(type: kind.notFound, message: "There is no \(kind.rawValue) \(id).")
        }
        if let required, document.version < required {
            throw FunctionError(
                type: "Db.Stale",
                message: "The \(kind.rawValue) \(id) is at version \(document.version), before \(required).")
        }
        try configuration.probe(.afterRead)
        let result = try index.write(document)
        try configuration.probe(.afterWrite)
        try forget(document)
        try configuration.probe(.afterOutbox)
        return (document, result)
    }

    /// Takes what the document has overtaken out of the outbox. A power cut may bring the row back: it is then indexed
    /// once more, which changes nothing.
    private func forget(_ document: Document) throws {
        try database.with { connection in
            _ = try connection.transaction(durable: false) {
                try connection.execute(
                    "DELETE FROM outbox WHERE kind = ? AND doc_id = ? AND version <= ?",
                    .text(document.kind.rawValue), .int(document.id), .int(document.version))
            }
        }
    }

    /// An id as a number or as its text. A text that is no number names nothing.
    private static func id(_ input: JSONValue, _ member: String, notFound: String) throws -> Int64 {
        guard let value = input[member], !value.isNull else {
            throw FunctionError(type: "Move.InvalidInput", message: "The input has no \(member): \(input.text)")
        }
        if let number = value.intValue { return Int64(number) }
        if let number = value.stringValue.flatMap({ Int64($0) }) { return number }
        throw FunctionError(type: notFound, message: "\(member) \(value.text) names nothing.")
    }
}

extension RecipeMove {
    /// Indexes what executions left behind: documents that wait in the outbox for longer than `seconds`. Gives how many
    /// it wrote; throws at the first that the index does not take.
    @discardableResult
    package func sweepOutbox(olderThan seconds: Int = 5, limit: Int = 500) throws -> Int {
        try reconcile()
        let waiting = try database.with { connection in
            try connection.query(
                """
                SELECT kind, doc_id, min(seq) FROM outbox WHERE at <= \(Cookbook.now) - ?
                GROUP BY kind, doc_id ORDER BY min(seq) LIMIT ?
                """, .int(Int64(seconds) * 1000), .int(Int64(limit))
            ) { (kind: DocumentKind(rawValue: $0.text(0)), id: $0.int(1)) }
        }
        for case (let kind?, let id) in waiting { _ = try write(kind, id, atLeast: nil) }
        return waiting.count
    }

    /// Writes into the embedded index every document that it lacks or has at another version, once after the start.
    private func reconcile() throws {
        guard configuration.server == nil, !reconciliation.isDone.load(ordering: .relaxed) else { return }
        for kind in DocumentKind.allCases {
            for id in try database.with({ try $0.ids(kind) }) {
                let row = try database.with { try $0.document(kind, id) }
                let stored = try index.document(kind, id)
                if let row, row.version != stored?.version { _ = try write(kind, id, atLeast: nil) }
            }
        }
        reconciliation.isDone.store(true, ordering: .relaxed)
    }

    /// Returns the violations of the rules that hold between the tables and the documents at rest, in words.
    package func verify() -> [String] {
        do {
            return try rowViolations() + documentViolations()
        } catch {
            return ["cannot verify: \(error)"]
        }
    }

    private func rowViolations() throws -> [String] {
        try database.with { connection in
            var found: [String] = []
            let miscounted = try connection.query(
                """
                SELECT id, recipe_count, (SELECT count(*) FROM recipes WHERE user_id = users.id) AS owned
                FROM users WHERE recipe_count != owned
                """
            ) { "user \($0.int(0)) counts \($0.int(1)) recipes and owns \($0.int(2))" }
            found += miscounted
            let sums = try connection.first(
                "SELECT (SELECT sum(recipe_count) FROM users), (SELECT count(*) FROM recipes)"
            ) { ($0.int(0), $0.int(1)) }
            if let (counted, recipes) = sums, counted != recipes {
                found.append("users count \(counted) recipes, there are \(recipes)")
            }
            found += try connection.query("SELECT kind, doc_id, version FROM outbox ORDER BY seq") {
                "\($0.text(0)) \($0.int(1)) version \($0.int(2)) waits in the outbox"
            }
            return found
        }
    }

    private func documentViolations() throws -> [String] {
        var found: [String] = []
        for kind in DocumentKind.allCases {
            for id in try database.with({ try $0.ids(kind) }) {
                let row = try database.with { try $0.document(kind, id) }
                let stored = try index.document(kind, id)
                guard let stored else {
                    found.append("\(kind.rawValue) \(id) has no document")
                    continue
                }
                guard stored != row else { continue }
                found.append(
                    "\(kind.rawValue) \(id) is \(row?.source?.text ?? "-") at version \(row?.version ?? 0), "
                        + "its document \(stored.source?.text ?? "-") at \(stored.version)")
            }
        }
        return found
    }
}
