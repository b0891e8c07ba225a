// Writing tags, versions and aliases of machines.

import States

extension Writer {
    func applyToMachine(_ change: Change) throws(StoreError) {
        switch change {
        case .tagMachine(let id, let tags):
            statements.versions.tagMachine.bind(1, id)
            statements.versions.tagMachine.bind(2, tags)
            try run(statements.versions.tagMachine)
            guard connection.changes == 1 else { throw StoreError(.failed, "There is no machine \(id) to tag") }
        case .createVersion(let record): try create(record)
        case .deleteVersion(let machine, let number):
            statements.versions.deleteVersion.bind(1, machine)
            statements.versions.deleteVersion.bind(2, Int64(number))
            try run(statements.versions.deleteVersion)
        case .putAlias(let record): try put(record)
        case .deleteAlias(let machine, let name):
            statements.versions.deleteAlias.bind(1, machine)
            statements.versions.deleteAlias.bind(2, name)
            try run(statements.versions.deleteAlias)
        default: preconditionFailure("\(change) is not about a machine")
        }
    }

    private func run(_ statement: Statement) throws(StoreError) {
        try sql { () throws(SQLiteFailure) in try statement.run() }
    }

    private func create(_ record: VersionRecord) throws(StoreError) {
        statements.versions.raiseVersion.bind(1, record.machine)
        statements.versions.raiseVersion.bind(2, Int64(record.number))
        try run(statements.versions.raiseVersion)
        guard connection.changes == 1 else {
            throw StoreError(.failed, "Machine \(record.machine) takes no version \(record.number)")
        }
        let statement = statements.versions.insertVersion
        statement.bind(1, record.machine)
        statement.bind(2, Int64(record.number))
        statement.bind(3, record.revision)
        statement.bind(4, record.description)
        statement.bind(5, record.creationDate.milliseconds)
        try run(statement)
    }

    private func put(_ record: AliasRecord) throws(StoreError) {
        guard let first = record.routes.first else {
            throw StoreError(.failed, "The alias \(record.name) leads nowhere")
        }
        let second = record.routes.dropFirst().first
        let statement = statements.versions.putAlias
        statement.bind(1, record.machine)
        statement.bind(2, record.name)
        statement.bind(3, record.description)
        statement.bind(4, Int64(first.version))
        statement.bind(5, Int64(first.weight))
        statement.bind(6, second.map { Int64($0.version) })
        statement.bind(7, second.map { Int64($0.weight) })
        statement.bind(8, record.creationDate.milliseconds)
        statement.bind(9, record.updateDate.milliseconds)
        try run(statement)
    }
}

/// The statements for them, prepared once.
struct VersionStatements {
    let tagMachine: Statement
    let raiseVersion: Statement
    let insertVersion: Statement
    let deleteVersion: Statement
    let deleteVersions: Statement
    let putAlias: Statement
    let deleteAlias: Statement
    let deleteAliases: Statement

    init(_ connection: Connection) throws(SQLiteFailure) {
        tagMachine = try connection.prepare("UPDATE machines SET tags = ?2 WHERE id = ?1 AND deletion_date IS NULL")
        raiseVersion = try connection.prepare(
            "UPDATE machines SET last_version = ?2 WHERE id = ?1 AND deletion_date IS NULL AND last_version < ?2")
        insertVersion = try connection.prepare(
            """
            INSERT INTO versions (machine, number, revision, description, creation_date) VALUES (?1, ?2, ?3, ?4, ?5)
            """)
        deleteVersion = try connection.prepare("DELETE FROM versions WHERE machine = ?1 AND number = ?2")
        deleteVersions = try connection.prepare("DELETE FROM versions WHERE machine = ?1")
        putAlias = try connection.prepare(
            """
            INSERT INTO aliases (machine, name, description, version, weight, second_version, second_weight,
                creation_date, update_date) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT (machine, name) DO UPDATE SET description = ?3, version = ?4, weight = ?5, second_version = ?6,
                second_weight = ?7, update_date = ?9
            """)
        deleteAlias = try connection.prepare("DELETE FROM aliases WHERE machine = ?1 AND name = ?2")
        deleteAliases = try connection.prepare("DELETE FROM aliases WHERE machine = ?1")
    }
}
