// Schema 5: an index of the executions that failed, timed out or were aborted.

extension Migration {
    static let unsuccessfulExecutions = Migration(
        number: 5, name: "UnsuccessfulExecutions",
        sql: """
            -- ListExecutions with a status filter. Partial: an execution that succeeds does not pay for it.
            CREATE INDEX executions_unsuccessful ON executions (machine, status, start_date) WHERE status >= 2;
            """)
}
