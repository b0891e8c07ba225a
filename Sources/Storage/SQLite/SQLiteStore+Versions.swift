// Writing tags, versions and aliases of machines.

import Core
import States

extension Writer {
    func applyToMachine(_ change: Change) throws(StoreError) {
        switch change {
        case .tagMachine(let id, let tags):
            guard var machine = try machine(id), machine.deletionDate == nil else {
                throw StoreError(.failed, "There is no machine \(id) to tag")
            }
            machine.tags = tags
            try replace(machine)
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
        guard var machine = try machine(record.machine), machine.deletionDate == nil,
            machine.lastVersion < record.number
        else {
            throw StoreError(.failed, "Machine \(record.machine) takes no version \(record.number)")
        }
        machine.lastVersion = record.number
        try replace(machine)
        let statement = statements.versions.insertVersion
        statement.bind(1, record.machine)
        statement.bind(2, Int64(record.number))
        statement.bind(3, record.revision)
        statement.bind(4, record.description)
        statement.bind(5, record.creationDate.milliseconds)
        statement.bind(6, record.checksum)
        try run(statement)
    }

    private func put(_ record: AliasRecord) throws(StoreError) {
        guard let first = record.routes.first else {
            throw StoreError(.failed, "The alias \(record.name) leads nowhere")
        }
        let second = record.routes.dropFirst().first
        var record = record
        statements.versions.alias.bind(1, record.machine)
        statements.versions.alias.bind(2, record.name)
        let before = try sql { () throws(SQLiteFailure) in
            try statements.versions.alias.row { row throws(SQLiteFailure) in try row.alias() }
        }
        if let before { record.creationDate = before.creationDate }
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
        statement.bind(10, record.checksum)
        try run(statement)
    }
}

/// The statements for them, prepared once.
struct VersionStatements {
    let insertVersion: Statement
    let deleteVersion: Statement
    let deleteVersions: Statement
    let alias: Statement
    let putAlias: Statement
    let deleteAlias: Statement
    let deleteAliases: Statement

    init(_ connection: Connection) throws(SQLiteFailure) {
        insertVersion = try connection.prepare(
            """
            INSERT INTO versions (machine, number, revision, description, creation_date, checksum)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """)
        deleteVersion = try connection.prepare("DELETE FROM versions WHERE machine = ?1 AND number = ?2")
        deleteVersions = try connection.prepare("DELETE FROM versions WHERE machine = ?1")
        alias = try connection.prepare(
            "SELECT \(Statement.aliasColumns) FROM aliases WHERE machine = ?1 AND name = ?2")
        putAlias = try connection.prepare(
            """
            INSERT INTO aliases (machine, name, description, version, weight, second_version, second_weight,
                creation_date, update_date, checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT (machine, name) DO UPDATE SET description = ?3, version = ?4, weight = ?5, second_version = ?6,
                second_weight = ?7, creation_date = ?8, update_date = ?9, checksum = ?10
            """)
        deleteAlias = try connection.prepare("DELETE FROM aliases WHERE machine = ?1 AND name = ?2")
        deleteAliases = try connection.prepare("DELETE FROM aliases WHERE machine = ?1")
    }
}
