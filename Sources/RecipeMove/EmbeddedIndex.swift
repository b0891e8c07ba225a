// The embedded search index: SQLite's FTS5 in a file of its own.

import JSON

/// A full-text index with the version rules of an external_gte index: lower versions are skipped, deletions leave a
/// tombstone that keeps the version for ever.
final class EmbeddedIndex: Sendable {
    private let database: Database

    /// The file is a mirror: what a power cut takes from it is written again from the rows (`RecipeMove.init`), so its
    /// commits need no sync.
    init(path: String) throws {
        database = try Database(path: path, synchronous: .normal) { connection in
            try connection.transaction {
                guard try connection.first("PRAGMA user_version", map: { $0.int(0) }) == 0 else { return }
                try connection.execute(
                    """
                    CREATE TABLE docs (
                        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, doc_id INTEGER NOT NULL,
                        version INTEGER NOT NULL, deleted INTEGER NOT NULL, source TEXT NOT NULL,
                        UNIQUE (kind, doc_id))
                    """)
                try connection.execute(
                    "CREATE VIRTUAL TABLE words USING fts5(body, tokenize = 'unicode61 remove_diacritics 2')")
                try connection.execute("PRAGMA user_version=1")
            }
        }
    }

    func close() { database.close() }

    var isOpen: Bool { database.isOpen }

    func write(_ document: Document) throws -> SearchIndex.WriteResult {
        try database.with { connection in
            try connection.transaction {
                let stored = try connection.first(
                    "SELECT id, version, deleted FROM docs WHERE kind = ? AND doc_id = ?",
                    .text(document.kind.rawValue), .int(document.id)
                ) { (id: $0.int(0), version: $0.int(1), deleted: $0.int(2) != 0) }
                if let stored, stored.version > document.version { return .skipped }
                try Self.replace(stored?.id, with: document, on: connection)
                if document.source == nil { return .deleted }
                return stored.map { !$0.deleted } ?? false ? .updated : .created
            }
        }
    }

    private static func replace(_ id: Int64?, with document: Document, on connection: Connection) throws {
        if let id { try connection.execute("DELETE FROM words WHERE rowid = ?", .int(id)) }
        try connection.execute(
            """
            INSERT INTO docs (kind, doc_id, version, deleted, source) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (kind, doc_id) DO UPDATE SET
                version = excluded.version, deleted = excluded.deleted, source = excluded.source
            """, .text(document.kind.rawValue), .int(document.id), .int(document.version),
            .int(document.source == nil ? 1 : 0), .text(document.source?.text ?? ""))
        guard let source = document.source else { return }
        try connection.execute(
            "INSERT INTO words (rowid, body) SELECT id, ? FROM docs WHERE kind = ? AND doc_id = ?",
            .text(words(of: source).joined(separator: "\n")), .text(document.kind.rawValue), .int(document.id))
    }

    /// Every string in the document, as Elasticsearch's default fields.
    private static func words(of value: JSONValue) -> [String] {
        switch value {
        case .string(let text): [text]
        case .array(let elements): elements.flatMap(words)
        case .object(let object): object.values.flatMap(words)
        default: []
        }
    }

    func document(_ kind: DocumentKind, _ id: Int64) throws -> Document? {
        try database.with { connection in
            try connection.first(
                "SELECT version, source FROM docs WHERE kind = ? AND doc_id = ? AND NOT deleted",
                .text(kind.rawValue), .int(id)
            ) { Document(kind: kind, id: id, version: $0.int(0), source: try? JSONValue.parse($0.text(1))) }
        }
    }

    func search(_ query: String, limit: Int) throws -> JSONValue {
        let match = Self.matchExpression(query)
        let condition = match == nil ? "docs.deleted = 0" : "words MATCH ?"
        let order = match == nil ? "docs.kind, docs.doc_id" : "rank, docs.kind, docs.doc_id"
        let from = "FROM words JOIN docs ON docs.id = words.rowid WHERE \(condition)"
        let value = match.map { [SQLValue.text($0)] } ?? []
        return try database.with { connection in
            let total = try connection.rows("SELECT count(*) \(from)", value) { $0.int(0) }.first ?? 0
            let hits = try connection.rows(
                "SELECT docs.kind, docs.doc_id, docs.version, docs.source \(from) ORDER BY \(order) LIMIT \(limit)",
                value
            ) { row in
                SearchHit.json(
                    index: (DocumentKind(rawValue: row.text(0)) ?? .recipe).table, id: "\(row.int(1))",
                    version: Int(row.int(2)), source: (try? JSONValue.parse(row.text(3))) ?? .null)
            }
            return ["total": .int(Int(total)), "hits": .array(hits)]
        }
    }

    /// Every word quoted, so that FTS5's own operators in a query are only words; `nil` for a query without words.
    static func matchExpression(_ query: String) -> String? {
        let words = query.split { !$0.isLetter && !$0.isNumber }.map { "\"\($0)\"" }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }
}

/// One found document as the search route returns it.
enum SearchHit {
    static func json(index: String, id: String, version: Int, source: JSONValue) -> JSONValue {
        ["index": .string(index), "id": .string(id), "version": .int(version), "source": source]
    }
}
