// A row of the store that is not what was written.

/// Found by its checksum when it is read. Its execution cannot be continued; others are not affected.
package struct DamagedRow: Sendable, Hashable {
    /// Name of the table.
    package var table: String
    /// What the row is found by, for the operator.
    package var key: String
    /// The execution that the row belongs to, `nil` for rows of machines and activities.
    package var execution: Int64?

    package init(table: String, key: String, execution: Int64? = nil) {
        self.table = table
        self.key = key
        self.execution = execution
    }
}
