// The documents of the search index, read from the rows they mirror.

import JSON

/// The kinds of documents; each has a table and an index.
package enum DocumentKind: String, Sendable, CaseIterable {
    case recipe
    case user

    /// Table and index have one name.
    var table: String { self == .recipe ? "recipes" : "users" }
    var notFound: String { self == .recipe ? "Recipe.NotFound" : "User.NotFound" }
}

/// A row as a document, with the version that orders its writes.
struct Document: Sendable, Equatable {
    var kind: DocumentKind
    var id: Int64
    var version: Int64
    /// `nil` for a row that was deleted.
    var source: JSONValue?
}

extension Connection {
    /// The document of a row as it is now, its tombstone if it was deleted, `nil` if it never was.
    func document(_ kind: DocumentKind, _ id: Int64) throws(DatabaseError) -> Document? {
        let found = kind == .recipe ? try recipeDocument(id) : try userDocument(id)
        if let found { return found }
        return try first(
            "SELECT version FROM tombstones WHERE kind = ? AND doc_id = ?", .text(kind.rawValue), .int(id)
        ) { Document(kind: kind, id: id, version: $0.int(0), source: nil) }
    }

    private func recipeDocument(_ id: Int64) throws(DatabaseError) -> Document? {
        try first("SELECT user_id, title, ingredients, minutes, version FROM recipes WHERE id = ?", .int(id)) { row in
            let ingredients = row.text(2).split(separator: "\n").map { JSONValue.string(String($0)) }
            let source: JSONValue = [
                "id": .int(Int(id)), "title": .string(row.text(1)), "ingredients": .array(ingredients),
                "minutes": .int(Int(row.int(3))), "user_id": .int(Int(row.int(0))), "version": .int(Int(row.int(4))),
            ]
            return Document(kind: .recipe, id: id, version: row.int(4), source: source)
        }
    }

    /// Moves alone change the list of recipes, and each bumps the version of both users: the version orders this too.
    private func userDocument(_ id: Int64) throws(DatabaseError) -> Document? {
        let recipes = try query("SELECT id FROM recipes WHERE user_id = ? ORDER BY id", .int(id)) {
            JSONValue.int(Int($0.int(0)))
        }
        return try first("SELECT name, recipe_count, version FROM users WHERE id = ?", .int(id)) { row in
            let source: JSONValue = [
                "id": .int(Int(id)), "name": .string(row.text(0)), "recipe_count": .int(Int(row.int(1))),
                "recipes": .array(recipes), "version": .int(Int(row.int(2))),
            ]
            return Document(kind: .user, id: id, version: row.int(2), source: source)
        }
    }

    /// Ids of every row of a kind.
    func ids(_ kind: DocumentKind) throws(DatabaseError) -> [Int64] {
        try query("SELECT id FROM \(kind.table) ORDER BY id") { $0.int(0) }
    }
}
