// Whether the pages of the database hang together: what checksums of rows cannot see.

import CSQLite

/// SQLite's integrity check: every page is in one place, every row is in its indexes, keys are in order.
enum StructureCheck {
    enum Finding: Equatable {
        case whole
        /// Indexes that do not match their tables. They can be made again from the rows.
        case indexes([String])
        /// In SQLite's words.
        case damaged(String)

        var words: String {
            switch self {
            case .whole: "nothing is wrong"
            case .indexes(let indexes): "indexes \(indexes.joined(separator: ", "))"
            case .damaged(let words): words
            }
        }
    }

    static func run(_ connection: Connection) throws(SQLiteFailure) -> Finding {
        var lines: [String] = []
        do throws(SQLiteFailure) {
            lines = try connection.prepare("PRAGMA integrity_check(50)").rows { $0.text(0) }
        } catch {
            guard error.isCorruption else { throw error }
            return .damaged(error.message)
        }
        return finding(lines.flatMap { $0.split(separator: "\n").map(String.init) })
    }

    static func finding(_ lines: [String]) -> Finding {
        var indexes: [String] = []
        for line in lines where line != "ok" {
            // A value of another type: the row's checksum is wrong too.
            if line.contains(" value in ") { continue }
            guard let index = index(line) else { return .damaged(line) }
            if !indexes.contains(index) { indexes.append(index) }
        }
        return indexes.isEmpty ? .whole : .indexes(indexes)
    }

    private static func index(_ line: String) -> String? {
        for words in [" missing from index ", "wrong # of entries in index ", "non-unique entry in index "] {
            guard let range = line.firstRange(of: words) else { continue }
            return String(line[range.upperBound...])
        }
        return nil
    }

    /// Makes the indexes again. Throws where rows that an index takes for one cannot be told apart.
    static func rebuild(_ indexes: [String], _ connection: Connection) throws(SQLiteFailure) {
        try connection.transaction { () throws(SQLiteFailure) in
            for index in indexes {
                try connection.execute("REINDEX \"\(index.filter { $0 != "\"" })\"")
            }
        }
    }
}
