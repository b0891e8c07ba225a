// The handlers one by one: what they answer, and what they refuse.

import Functions
import JSON
import Testing

@testable import RecipeMove

@Suite("The handlers")
struct HandlerTests {
    @Test("The first start makes a cookbook and indexes it; the second finds it.")
    func seed() throws {
        let folder = try Folder()
        let first = try RecipeMove(configuration: folder.configuration)
        #expect(try first.recipe("1")?["user"]?["id"] == 1)
        #expect(try first.recipe("12")?["title"] == "Börek with spinach")
        #expect(try first.recipe("13") == nil)
        #expect(try first.recipe("x") == nil)
        #expect(try (1...5).allSatisfy { try first.user("\($0)") != nil })
        #expect(try first.user("6") == nil)
        #expect(first.verify() == [])
        _ = try first.call("update-recipe", ["id": 1, "user_id": 2])
        first.close()
        let second = try RecipeMove(configuration: folder.configuration)
        #expect(try second.recipe("1")?["user_id"] == 2)
        #expect(try second.user("2")?["recipes"] == [1, 4, 5, 6])
    }

    @Test("The recipes' database syncs each commit, the index does not need to.")
    func pragmas() throws {
        let folder = try Folder()
        let move = try RecipeMove(configuration: folder.configuration)
        _ = try move.call("update-recipe", ["id": 1, "user_id": 2])
        _ = try move.call("index-recipe", ["id": 1])
        let settings = try move.database.with { connection in
            try ["journal_mode", "synchronous", "foreign_keys", "mmap_size"].map {
                try connection.first("PRAGMA \($0)") { $0.text(0) } ?? ""
            }
        }
        #expect(settings == ["wal", "2", "1", "0"])
    }

    @Test("A move answers both owners and the three versions, with ids as numbers or text.")
    func answer() throws {
        for (id, user) in [("1", "2") as (JSONValue, JSONValue), (1, 2), (1.0, "2")] {
            let move = try RecipeMove(configuration: .inMemory)
            #expect(
                try move.call("update-recipe", ["id": id, "user_id": user]) == [
                    "id": 1, "moved": true, "version": 2, "previous_user_id": 1, "previous_user_version": 2,
                    "new_user_id": 2, "new_user_version": 2,
                ])
            #expect(
                try move.call("index-recipe", ["id": id, "version": 2])
                    == ["index": "recipes", "id": 1, "version": 2, "result": "updated"])
            #expect(move.verify().count == 4, "two users and two outbox rows are behind")
            _ = try move.call("index-user", ["user_id": 1, "version": 2])
            _ = try move.call("index-user", ["user_id": user, "version": 2])
            #expect(move.verify() == [])
        }
    }

    @Test("A token repeated answers what its move did, even after later moves.")
    func replay() throws {
        let move = try RecipeMove(configuration: .inMemory)
        let first = try move.call("update-recipe", ["id": 1, "user_id": 2, "token": "A"])
        _ = try move.call("update-recipe", ["id": 1, "user_id": 3, "token": "B"])
        #expect(try move.call("update-recipe", ["id": 1, "user_id": 2, "token": "A"]) == first)
        #expect(try move.recipe("1")?["user_id"] == 3)
    }

    @Test("Without a token in the input, the execution is the token.")
    func executionIsToken() throws {
        let move = try RecipeMove(configuration: .inMemory)
        let first = try move.call("update-recipe", ["id": 1, "user_id": 2], execution: "E")
        #expect(try move.call("update-recipe", ["id": 1, "user_id": 2], execution: "E") == first)
        #expect(try move.call("update-recipe", ["id": 1, "user_id": 2], execution: "F")["moved"] == false)
    }

    static let refusals: [(String, JSONValue, String)] = [
        ("update-recipe", ["id": 99, "user_id": 2], "Recipe.NotFound"),
        ("update-recipe", ["id": "soup", "user_id": 2], "Recipe.NotFound"),
        ("update-recipe", ["id": 1.5, "user_id": 2], "Recipe.NotFound"),
        ("update-recipe", ["id": 1, "user_id": 99], "User.NotFound"),
        ("update-recipe", ["id": 1, "user_id": []], "User.NotFound"),
        ("update-recipe", ["user_id": 2], "Move.InvalidInput"),
        ("update-recipe", ["id": 1, "user_id": nil], "Move.InvalidInput"),
        ("update-recipe", [], "Move.InvalidInput"),
        ("update-recipe", ["id": 1, "user_id": 2, "expected_user_id": 3], "Move.Conflict"),
        ("update-recipe", ["id": 1, "user_id": 2, "expected_user_id": "me"], "Move.Conflict"),
        ("update-recipe", ["id": 1, "user_id": 2, "token": "used"], "Move.TokenReused"),
        ("update-recipe", ["id": 4, "user_id": 3, "token": "used"], "Move.TokenReused"),
        ("index-recipe", ["id": 99], "Recipe.NotFound"),
        ("index-recipe", ["id": 1, "version": 2], "Db.Stale"),
        ("index-user", ["user_id": 99, "version": 1], "User.NotFound"),
        ("index-user", ["user_id": 5, "version": 9], "Db.Stale"),
        ("index-user", ["id": 1], "Move.InvalidInput"),
    ]

    @Test("Each refusal has its name and changes nothing.", arguments: refusals)
    func refusal(_ function: String, _ input: JSONValue, _ type: String) throws {
        let move = try RecipeMove(configuration: .inMemory)
        _ = try move.call("update-recipe", ["id": 4, "user_id": 2, "token": "used"])
        let error = #expect(throws: FunctionError.self) { try move.call(function, input) }
        #expect(error?.type == type)
        #expect(move.verify() == [])
        #expect(try move.recipe("1")?["version"] == 1)
    }

    @Test("A database that another process holds is busy, not broken.")
    func busy() throws {
        let folder = try Folder()
        let move = try RecipeMove(configuration: folder.configuration)
        try move.database.with { try $0.execute("PRAGMA busy_timeout=0") }
        let other = try Connection(path: folder.path + "/recipes.db", synchronous: .full)
        try other.execute("BEGIN IMMEDIATE")
        let error = #expect(throws: FunctionError.self) { try move.call("update-recipe", ["id": 1, "user_id": 2]) }
        #expect(error?.type == "Db.Busy")
        try other.execute("ROLLBACK")
        #expect(try move.call("update-recipe", ["id": 1, "user_id": 2])["moved"] == true)
    }

    @Test("A folder that is not there is an error with the path.")
    func noFolder() {
        let configuration = RecipeMoveConfiguration(
            databasePath: "/nonexistent/recipes.db", searchPath: "/nonexistent/search.db")
        let error = #expect(throws: DatabaseError.self) { try RecipeMove(configuration: configuration) }
        #expect(error?.place == "/nonexistent/recipes.db")
    }

    @Test("A deleted row's document goes, and an older write does not bring it back.")
    func tombstone() throws {
        let move = try RecipeMove(configuration: .inMemory)
        let before = try #require(try move.database.with { try $0.document(.recipe, 1) })
        try move.database.with { connection in
            try connection.execute("DELETE FROM recipes WHERE id = 1")
            try connection.execute("UPDATE users SET recipe_count = 2, version = 2 WHERE id = 1")
            try connection.execute("INSERT INTO tombstones VALUES ('recipe', 1, 2)")
        }
        #expect(try move.call("index-recipe", ["id": 1, "version": 2])["result"] == "deleted")
        #expect(try move.index.write(before) == .skipped)
        #expect(try move.index.document(.recipe, 1) == nil)
        _ = try move.call("index-user", ["user_id": 1])
        #expect(move.verify() == [])
    }

    @Test("The checks name what is wrong.")
    func verifyFinds() throws {
        let move = try RecipeMove(configuration: .inMemory)
        try move.database.with { connection in
            try connection.execute("UPDATE users SET recipe_count = 7 WHERE id = 2")
            try connection.execute("UPDATE recipes SET version = 5 WHERE id = 3")
            try connection.execute("INSERT INTO outbox VALUES (NULL, 'user', 4, 9, 't', 0)")
        }
        let found = move.verify()
        for words in [
            "user 2 counts 7 recipes and owns 3", "users count 16 recipes, there are 12",
            "user 4 version 9 waits in the outbox", "recipe 3 is", "user 2 is",
        ] {
            #expect(found.contains { $0.contains(words) }, "\(words) in \(found)")
        }
        #expect(found.count == 5)
    }

    @Test("The sweeper indexes what executions left, once it is old enough.")
    func sweeper() throws {
        let move = try RecipeMove(configuration: .inMemory)
        _ = try move.call("update-recipe", ["id": 1, "user_id": 2])
        #expect(try move.sweepOutbox(olderThan: 3600) == 0)
        #expect(move.verify().count == 6)
        #expect(try move.sweepOutbox(olderThan: 0) == 3)
        #expect(move.verify() == [])
        #expect(try move.sweepOutbox(olderThan: 0) == 0)
    }

    static let queries: [(String, [String])] = [
        ("leek", ["recipes/1"]), ("LEEK soup", ["recipes/1"]), ("soup", ["recipes/1", "recipes/7"]),
        ("tiramisu", ["recipes/6"]), ("borek", ["recipes/12"]), ("Ada", ["users/1"]), ("leek AND soup", ["recipes/1"]),
        ("leek NOT soup", []),
        ("\"leek* NEAR(", []), ("leek OR", []), ("nothing", []), ("body:leek", []),
    ]

    @Test("The embedded index finds documents that have every word; operators are words.", arguments: queries)
    func search(_ query: String, _ expected: [String]) throws {
        let move = try RecipeMove(configuration: .inMemory)
        let found = try move.search(query)
        let names = found["hits"]?.arrayValue?.map {
            "\($0["index"]?.stringValue ?? "")/\($0["id"]?.stringValue ?? "")"
        }
        #expect(names?.sorted() == expected.sorted())
        #expect(found["total"]?.intValue == expected.count)
    }

    @Test("A query without words finds everything, page-wise.")
    func searchAll() throws {
        let move = try RecipeMove(configuration: .inMemory)
        let found = try move.search(" … ", limit: 4)
        #expect(found["total"] == 17)
        #expect(found["hits"]?.arrayValue?.count == 4)
        #expect(found["hits"]?[0]?["source"]?["title"] == "Leek and potato soup")
    }
}
