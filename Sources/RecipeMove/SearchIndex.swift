// The search index: embedded, or a server that speaks Elasticsearch's document API.

import JSON

/// Where documents go. Writes carry the row's version and win only against older ones (`external_gte`), so a repeated
/// write is harmless and writes may arrive in any order.
enum SearchIndex: Sendable {
    case embedded(EmbeddedIndex)
    case server(SearchServer)

    enum WriteResult: String, Sendable {
        case created
        case updated
        case deleted
        /// A newer version was there already.
        case skipped
    }

    /// Writes the document, or removes it if its row was deleted. Throws `FunctionError` of type `Search.Unavailable`
    /// (try again) or `Search.Rejected` (do not).
    func write(_ document: Document) throws -> WriteResult {
        switch self {
        case .embedded(let index): try index.write(document)
        case .server(let server): try server.write(document)
        }
    }

    /// The document as stored, with the version that the index keeps for it.
    func document(_ kind: DocumentKind, _ id: Int64) throws -> Document? {
        switch self {
        case .embedded(let index): try index.document(kind, id)
        case .server(let server): try server.document(kind, id)
        }
    }

    /// `{"total","hits":[{"index","id","version","source"}]}`; documents that have every word of the query.
    func search(_ query: String, limit: Int) throws -> JSONValue {
        switch self {
        case .embedded(let index): try index.search(query, limit: limit)
        case .server(let server): try server.search(query, limit: limit)
        }
    }

    func close() {
        switch self {
        case .embedded(let index): index.close()
        // Its connections are closed with its last reference.
        case .server: break
        }
    }
}
