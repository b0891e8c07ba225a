// What the store is asked, on the connections that only read.

package import Core

extension SQLiteStore {
    // MARK: Machines

    package func machines() throws(StoreError) -> [MachineRecord] {
        try read("list the machines") { reader throws(SQLiteFailure) in
            try reader.statement(.machines).undamagedRows(limit: .max, report) {
                row throws(SQLiteFailure) in try row.machine()
            }
        }
    }

    package func deletingMachines() throws(StoreError) -> [MachineRecord] {
        try read("list the machines") { reader throws(SQLiteFailure) in
            try reader.statement(.deletingMachines).undamagedRows(limit: .max, report) {
                row throws(SQLiteFailure) in try row.machine()
            }
        }
    }

    package func versions() throws(StoreError) -> [VersionRecord] {
        try read("list the versions") { reader throws(SQLiteFailure) in
            try reader.statement(.versions).undamagedRows(limit: .max, report) {
                row throws(SQLiteFailure) in try row.version()
            }
        }
    }

    package func aliases() throws(StoreError) -> [AliasRecord] {
        try read("list the aliases") { reader throws(SQLiteFailure) in
            try reader.statement(.aliases).undamagedRows(limit: .max, report) {
                row throws(SQLiteFailure) in try row.alias()
            }
        }
    }

    package func machine(arn: String) throws(StoreError) -> MachineRecord? {
        try read("read a machine") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.machineByARN)
            statement.bind(1, arn)
            return try statement.row { row throws(SQLiteFailure) in try row.machine() }
        }
    }

    package func machine(id: Int64) throws(StoreError) -> MachineRecord? {
        try read("read a machine") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.machineByID)
            statement.bind(1, id)
            return try statement.row { row throws(SQLiteFailure) in try row.machine() }
        }
    }

    package func nameOfMachine(id: Int64) throws(StoreError) -> (arn: String, type: String)? {
        try read("read a machine") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.machineWithoutRevision)
            statement.bind(1, id)
            return try statement.row { row throws(SQLiteFailure) in
                let record = try row.machineWithoutRevision()
                return (record.arn, record.type)
            }
        }
    }

    package func revision(_ id: Int64) throws(StoreError) -> RevisionRecord? {
        try read("read a revision") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.revision)
            statement.bind(1, id)
            return try statement.row { row throws(SQLiteFailure) in try row.revision() }
        }
    }

    // MARK: Activities

    package func activities() throws(StoreError) -> [ActivityRecord] {
        try read("list the activities") { reader throws(SQLiteFailure) in
            try reader.statement(.activities).undamagedRows(limit: .max, report) {
                row throws(SQLiteFailure) in try row.activity()
            }
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
            case .succeeded?: statement = try reader.statement(.executionsSucceeded)
            case let status?:
                statement = try reader.statement(.executionsUnsuccessful)
                statement.bind(5, status.number)
            }
            statement.bind(1, query.machine)
            statement.bind(2, query.after?.startDate.milliseconds ?? .max)
            statement.bind(3, query.after?.id ?? .max)
            statement.bind(6, query.version.map { Int64($0) })
            statement.bind(7, query.alias)
            statement.bind(8, query.closedSince?.milliseconds)
            return try statement.undamagedRows(limit: query.limit, report) { row throws(SQLiteFailure) in
                try row.execution()
            }
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
            let rows = try statement.rows { row throws(SQLiteFailure) in try row.events(of: execution) }
            for (row, next) in zip(rows, rows.dropFirst()) where next.firstID != row.lastID + 1 {
                throw SQLiteFailure(
                    damaged: DamagedRow(
                        table: "events", key: "\(execution >> Slot.bits), after event \(row.lastID)",
                        execution: execution))
            }
            // The nearest row before `from` may end before it, when nothing has been written from there on.
            return rows.filter { $0.lastID >= from }
        }
    }

    package func executions(behind id: Int64, limit: Int) throws(StoreError) -> [ExecutionRecord] {
        try read("list the executions") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.executionsBehind)
            statement.bind(1, id)
            return try statement.undamagedRows(limit: limit, report) { row throws(SQLiteFailure) in
                try row.execution()
            }
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

    package func due(at now: Timestamp, limit: Int) throws(StoreError) -> [ExecutionRecord] {
        try read("look for what is due") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.due)
            statement.bind(1, now.milliseconds)
            return try statement.undamagedRows(limit: limit, report) { row throws(SQLiteFailure) in
                try row.execution()
            }
        }
    }

    package func nextWake() throws(StoreError) -> Timestamp? {
        try read("look for the next wake-up") { reader throws(SQLiteFailure) in
            let damaged = damagedExecutions
            let statement = try reader.statement(.nextWake)
            defer { statement.reset() }
            // `due` never returns a damaged row: its time would be looked up for ever.
            while try statement.step() {
                if !damaged.contains(statement.integer(1)) { return statement.time(0) }
            }
            return nil
        }
    }

    package func highestIDs() throws(StoreError) -> HighestIDs {
        try read("read the highest ids") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.highestIDs)
            // A damaged id may be any number; beyond the last one it would refuse every start.
            statement.bind(1, EventPosition.lastExecution)
            let ids = try statement.row { row in
                HighestIDs(
                    machine: row.integer(0), revision: row.integer(1), execution: row.integer(2),
                    message: row.integer(3))
            }
            return ids ?? HighestIDs(machine: 0, revision: 0, execution: 0)
        }
    }

    package func executionCounts() throws(StoreError) -> [ExecutionStatus: Int] {
        try read("count the executions") { reader throws(SQLiteFailure) in
            let meta = try reader.statement(.counts).row { row throws(SQLiteFailure) in try row.meta() }
            return ExecutionStatus.allCases.reduce(into: [:]) { counts, status in
                if let count = meta?.counts[status], count > 0 { counts[status] = Int(count) }
            }
        }
    }
}
