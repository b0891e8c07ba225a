// The move of a recipe to another owner, once for each token.

import Functions
import JSON

/// What a move asks for.
struct MoveRequest: Sendable {
    var token: String
    var recipe: Int64
    var user: Int64
    /// Who must own the recipe, where the caller says so.
    var expectedUser: Int64?
}

/// A row of `recipe_moves`: what happened, and what a repetition is told again.
struct Move: Sendable, Equatable {
    var recipe: Int64
    var fromUser: Int64
    var toUser: Int64
    var recipeVersion: Int64
    var fromUserVersion: Int64
    var toUserVersion: Int64
    /// False when the recipe was its new owner's already.
    var moved: Bool

    var json: JSONValue {
        [
            "id": .int(Int(recipe)), "moved": .bool(moved), "version": .int(Int(recipeVersion)),
            "previous_user_id": .int(Int(fromUser)), "previous_user_version": .int(Int(fromUserVersion)),
            "new_user_id": .int(Int(toUser)), "new_user_version": .int(Int(toUserVersion)),
        ]
    }
}

extension Connection {
    /// Moves the recipe, or says again what the token's first move did. One transaction: the row, both users, the
    /// token and the outbox change together or not at all.
    func move(_ request: MoveRequest, beforeCommit: () throws -> Void) throws -> Move {
        try transaction {
            if let done = try recordedMove(request.token) {
                guard done.recipe == request.recipe, done.toUser == request.user else {
                    throw FunctionError(
                        type: "Move.TokenReused",
                        message: "token \(request.token) moved recipe \(done.recipe) to user \(done.toUser) before")
                }
                return done
            }
            let move = try performMove(request)
            try record(move, token: request.token)
            try beforeCommit()
            return move
        }
    }

    private func recordedMove(_ token: String) throws(DatabaseError) -> Move? {
        try first(
            """
            SELECT recipe_id, from_user, to_user, recipe_version, from_user_version, to_user_version, moved
            FROM recipe_moves WHERE token = ?
            """, .text(token)
        ) {
            Move(
                recipe: $0.int(0), fromUser: $0.int(1), toUser: $0.int(2), recipeVersion: $0.int(3),
                fromUserVersion: $0.int(4), toUserVersion: $0.int(5), moved: $0.int(6) != 0)
        }
    }

    private func performMove(_ request: MoveRequest) throws -> Move {
        let found = try first("SELECT user_id, version FROM recipes WHERE id = ?", .int(request.recipe)) {
            (owner: $0.int(0), version: $0.int(1))
        }
        guard let (owner, version) = found else {
            throw FunctionError(type: "Recipe.NotFound", message: "There is no recipe \(request.recipe).")
        }
        guard let userVersion = try versionOfUser(request.user), let ownerVersion = try versionOfUser(owner) else {
            throw FunctionError(type: "User.NotFound", message: "There is no user \(request.user).")
        }
        if let expected = request.expectedUser, expected != owner {
            throw FunctionError(
                type: "Move.Conflict",
                message: "Recipe \(request.recipe) belongs to user \(owner), not to user \(expected).")
        }
        guard owner != request.user else {
            return Move(
                recipe: request.recipe, fromUser: owner, toUser: owner, recipeVersion: version,
                fromUserVersion: ownerVersion, toUserVersion: ownerVersion, moved: false)
        }
        try execute(
            "UPDATE recipes SET user_id = ?, version = version + 1 WHERE id = ?", .int(request.user),
            .int(request.recipe))
        let change = "UPDATE users SET recipe_count = recipe_count + ?, version = version + 1 WHERE id = ?"
        try execute(change, .int(-1), .int(owner))
        try execute(change, .int(1), .int(request.user))
        return Move(
            recipe: request.recipe, fromUser: owner, toUser: request.user, recipeVersion: version + 1,
            fromUserVersion: ownerVersion + 1, toUserVersion: userVersion + 1, moved: true)
    }

    private func versionOfUser(_ user: Int64) throws(DatabaseError) -> Int64? {
        try first("SELECT version FROM users WHERE id = ?", .int(user)) { $0.int(0) }
    }

    private func record(_ move: Move, token: String) throws(DatabaseError) {
        try execute(
            "INSERT INTO recipe_moves VALUES (?, ?, ?, ?, ?, ?, ?, ?, \(Cookbook.now))", .text(token),
            .int(move.recipe), .int(move.fromUser), .int(move.toUser), .int(move.recipeVersion),
            .int(move.fromUserVersion), .int(move.toUserVersion), .int(move.moved ? 1 : 0))
        guard move.moved else { return }
        for (kind, id, version) in [
            (DocumentKind.recipe, move.recipe, move.recipeVersion), (.user, move.fromUser, move.fromUserVersion),
            (.user, move.toUser, move.toUserVersion),
        ] {
            try execute(
                "INSERT INTO outbox (kind, doc_id, version, token, at) VALUES (?, ?, ?, ?, \(Cookbook.now))",
                .text(kind.rawValue), .int(id), .int(version), .text(token))
        }
    }
}
