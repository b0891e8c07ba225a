// What the store is asked, on the connections that only read.

package import States

extension SQLiteStore {
    // MARK: Machines

    package func machines() throws(StoreError) -> [MachineRecord] {
        try read("list the machines") { reader throws(SQLiteFailure) in
            try reader.statement(.machines).rows { row in row.machine() }
        }
    }

    package func deletingMachines() throws(StoreError) -> [MachineRecord] {
        try read("list the machines") { reader throws(SQLiteFailure) in
            try reader.statement(.deletingMachines).rows { row in row.machine() }
        }
    }

    package func versions() throws(StoreError) -> [VersionRecord] {
        try read("list the versions") { reader throws(SQLiteFailure) in
            try reader.statement(.versions).rows { row in row.version() }
        }
    }

    package func aliases() throws(StoreError) -> [AliasRecord] {
        try read("list the aliases") { reader throws(SQLiteFailure) in
            try reader.statement(.aliases).rows { row in row.alias() }
        }
    }

    package func machine(arn: String) throws(StoreError) -> MachineRecord? {
        try read("read a machine") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.machineByARN)
            statement.bind(1, arn)
            return try statement.row { row in row.machine() }
        }
    }

    package func machine(id: Int64) throws(StoreError) -> MachineRecord? {
        try read("read a machine") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.machineByID)
            statement.bind(1, id)
            return try statement.row { row in row.machine() }
        }
    }

    package func revision(_ id: Int64) throws(StoreError) -> RevisionRecord? {
        try read("read a revision") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.revision)
            statement.bind(1, id)
            return try statement.row { row in row.revision() }
        }
    }

    // MARK: Activities

    package func activities() throws(StoreError) -> [ActivityRecord] {
        try read("list the activities") { reader throws(SQLiteFailure) in
            try reader.statement(.activities).rows { row in row.activity() }
        }
    }

    // MARK: Executions

    package func execution(id: Int64) throws(StoreError) -> ExecutionRecord? {
        try read("read an execution") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.execution)
            statement.bind(1, id)
            return try statement.row { row throws(SQLiteFailure) in try row.execution() }
        }
    }

    package func execution(machine: Int64, name: String) throws(StoreError) -> ExecutionRecord? {
        try read("read an execution") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.executionByName)
            statement.bind(1, machine)
            statement.bind(2, name)
            return try statement.row { row throws(SQLiteFailure) in try row.execution() }
        }
    }

    package func executions(_ query: ExecutionQuery) throws(StoreError) -> [ExecutionRecord] {
        try read("list the executions") { reader throws(SQLiteFailure) in
            let statement: Statement
            switch query.status {
            case nil: statement = try reader.statement(.executionsOfMachine)
            case .running?: statement = try reader.statement(.executionsRunning)
            case let status?:
                statement = try reader.statement(.executionsByStatus)
                statement.bind(5, status.number)
            }
            statement.bind(1, query.machine)
            statement.bind(2, query.after?.startDate.milliseconds ?? .max)
            statement.bind(3, query.after?.id ?? .max)
            statement.bind(4, Int64(max(0, query.limit)))
            statement.bind(6, query.version.map { Int64($0) })
            statement.bind(7, query.alias)
            return try statement.rows { row throws(SQLiteFailure) in try row.execution() }
        }
    }

    package func events(
        execution: Int64, from: Int, through: Int, limit: Int
    ) throws(StoreError) -> [EventsRecord] {
        guard EventPosition.fits(execution: execution, event: 0), from <= through else { return [] }
        return try read("read a history") { reader throws(SQLiteFailure) in
            let before = try reader.statement(.eventsBefore)
            before.bind(1, EventPosition(execution: execution, event: 0).value)
            before.bind(2, EventPosition(execution: execution, event: from).value)
            let nearest = try before.row { row in row.optionalInteger(0) } ?? nil
            let statement = try reader.statement(.events)
            statement.bind(1, nearest ?? EventPosition(execution: execution, event: from).value)
            statement.bind(2, EventPosition(execution: execution, event: through).value)
            statement.bind(3, Int64(max(0, limit)))
            // The nearest row before `from` may end before it, when nothing has been written from there on.
            return try statement.rows { row throws(SQLiteFailure) in try row.events() }.filter { $0.lastID >= from }
        }
    }

    package func executions(behind id: Int64, limit: Int) throws(StoreError) -> [ExecutionRecord] {
        try read("list the executions") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.executionsBehind)
            statement.bind(1, id)
            statement.bind(2, Int64(max(0, limit)))
            return try statement.rows { row throws(SQLiteFailure) in try row.execution() }
        }
    }

    package func eventRows(execution: Int64, limit: Int) throws(StoreError) -> [EventRow] {
        try read("look at a history") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.eventRows)
            statement.bind(1, EventPosition(execution: execution, event: 0).value)
            statement.bind(2, EventPosition(execution: execution, event: .max).value)
            statement.bind(3, Int64(max(0, limit)))
            return try statement.rows { row in
                EventRow(firstID: EventPosition(row.integer(0)).event, bytes: Int(row.integer(1)))
            }
        }
    }

    // MARK: Recovery and time

    package func openTasks(after: OpenTaskRecord?, limit: Int) throws(StoreError) -> [OpenTaskRecord] {
        try read("list the open tasks") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.tasks)
            statement.bind(
                1, after.map { EventPosition(execution: $0.execution, event: $0.scheduledEvent).value } ?? -1)
            statement.bind(2, Int64(max(0, limit)))
            return try statement.rows { row in row.task() }
        }
    }

    package func due(at now: Timestamp, limit: Int) throws(StoreError) -> [ExecutionRecord] {
        try read("look for what is due") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.due)
            statement.bind(1, now.milliseconds)
            statement.bind(2, Int64(max(0, limit)))
            return try statement.rows { row throws(SQLiteFailure) in try row.execution() }
        }
    }

    package func nextWake() throws(StoreError) -> Timestamp? {
        try read("look for the next wake-up") { reader throws(SQLiteFailure) in
            try reader.statement(.nextWake).row { row in row.time(0) }
        }
    }

    package func highestIDs() throws(StoreError) -> HighestIDs {
        try read("read the highest ids") { reader throws(SQLiteFailure) in
            let ids = try reader.statement(.highestIDs).row { row in
                HighestIDs(machine: row.integer(0), revision: row.integer(1), execution: row.integer(2))
            }
            return ids ?? HighestIDs(machine: 0, revision: 0, execution: 0)
        }
    }

    package func executionCounts() throws(StoreError) -> [ExecutionStatus: Int] {
        try read("count the executions") { reader throws(SQLiteFailure) in
            let counts = try reader.statement(.counts).row { row in
                ExecutionStatus.allCases.map { ($0, Int(row.integer(Int32($0.number)))) }
            }
            return Dictionary(uniqueKeysWithValues: (counts ?? []).filter { $0.1 > 0 })
        }
    }
}
