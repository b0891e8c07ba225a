// The recipes' database: its tables and the small cookbook it starts with.

/// What a first start finds on the shelf.
enum Cookbook {
    /// A move's token makes it happen once. Versions order the documents, and the outbox lists those that are stale.
    static let schema = [
        """
        CREATE TABLE users (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, recipe_count INTEGER NOT NULL DEFAULT 0,
            version INTEGER NOT NULL DEFAULT 1)
        """,
        """
        CREATE TABLE recipes (
            id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id), title TEXT NOT NULL,
            ingredients TEXT NOT NULL, minutes INTEGER NOT NULL, version INTEGER NOT NULL DEFAULT 1)
        """,
        "CREATE INDEX recipes_of_user ON recipes(user_id)",
        """
        CREATE TABLE recipe_moves (
            token TEXT PRIMARY KEY, recipe_id INTEGER NOT NULL, from_user INTEGER NOT NULL, to_user INTEGER NOT NULL,
            recipe_version INTEGER NOT NULL, from_user_version INTEGER NOT NULL, to_user_version INTEGER NOT NULL,
            moved INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID
        """,
        """
        CREATE TABLE outbox (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, doc_id INTEGER NOT NULL,
            version INTEGER NOT NULL, token TEXT NOT NULL, at INTEGER NOT NULL, UNIQUE (kind, doc_id, version))
        """,
        """
        CREATE TABLE tombstones (
            kind TEXT NOT NULL, doc_id INTEGER NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (kind, doc_id))
            WITHOUT ROWID
        """,
        "PRAGMA user_version=1",
    ]

    static let users = ["Ada Brandt", "Bruno Castellani", "Chiara Demir", "Daniel Eriksen", "Elif Fischer"]

    /// Owner, title, ingredients, minutes. The ids count from 1.
    static let recipes: [(user: Int64, title: String, ingredients: [String], minutes: Int64)] = [
        (1, "Leek and potato soup", ["3 leeks", "500 g floury potatoes", "1 l vegetable stock", "butter"], 40),
        (1, "Lentil stew with bacon", ["250 g brown lentils", "150 g bacon", "2 carrots", "1 celery stick"], 60),
        (1, "Apple crumble", ["6 apples", "150 g flour", "100 g butter", "80 g sugar", "cinnamon"], 50),
        (2, "Risotto with saffron", ["320 g carnaroli rice", "1 onion", "saffron", "80 g parmesan"], 35),
        (2, "Spaghetti aglio e olio", ["400 g spaghetti", "6 garlic cloves", "olive oil", "chilli"], 20),
        (2, "Tiramisù", ["500 g mascarpone", "4 eggs", "ladyfingers", "espresso", "cocoa"], 30),
        (3, "Red lentil soup", ["200 g red lentils", "1 onion", "tomato paste", "cumin", "lemon"], 30),
        (3, "Stuffed aubergines", ["4 aubergines", "300 g minced lamb", "2 tomatoes", "parsley"], 70),
        (4, "Gravlax with mustard sauce", ["1 kg salmon fillet", "salt", "sugar", "dill", "mustard"], 25),
        (4, "Cardamom buns", ["500 g flour", "25 g yeast", "250 ml milk", "cardamom", "butter"], 120),
        (5, "Cheese spaetzle", ["400 g flour", "4 eggs", "250 g mountain cheese", "2 onions"], 45),
        (5, "Börek with spinach", ["yufka pastry", "500 g spinach", "200 g feta", "1 egg"], 55),
    ]

    /// Milliseconds since 1970 in SQL; `unixepoch('subsec')` came after Debian 12's SQLite.
    static let now = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"

    /// Makes the tables and fills them, once: a crash on the way leaves nothing. Every document of the seed starts in
    /// the outbox.
    static func prepare(_ connection: Connection) throws {
        try connection.transaction {
            guard try connection.first("PRAGMA user_version", map: { $0.int(0) }) == 0 else { return }
            for statement in schema { try connection.execute(statement) }
            for (index, name) in users.enumerated() {
                try connection.execute(
                    "INSERT INTO users (id, name) VALUES (?, ?)", .int(Int64(index + 1)), .text(name))
            }
            for (index, recipe) in recipes.enumerated() {
                try connection.execute(
                    "INSERT INTO recipes (id, user_id, title, ingredients, minutes) VALUES (?, ?, ?, ?, ?)",
                    .int(Int64(index + 1)), .int(recipe.user), .text(recipe.title),
                    .text(recipe.ingredients.joined(separator: "\n")), .int(recipe.minutes))
            }
            try connection.execute(
                "UPDATE users SET recipe_count = (SELECT count(*) FROM recipes WHERE user_id = users.id)")
            for kind in DocumentKind.allCases {
                try connection.execute(
                    "INSERT INTO outbox (kind, doc_id, version, token, at) SELECT ?, id, version, 'seed', 0 "
                        + "FROM \(kind.table)", .text(kind.rawValue))
            }
        }
    }
}
