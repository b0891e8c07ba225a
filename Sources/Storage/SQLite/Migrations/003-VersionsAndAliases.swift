// Schema 3: versions and aliases of machines, and which of them an execution was started by.

extension Migration {
    static let versionsAndAliases = Migration(
        number: 3, name: "VersionsAndAliases",
        sql: """
            -- Numbers are not given twice, not even when a version is deleted.
            ALTER TABLE machines ADD COLUMN last_version INTEGER NOT NULL DEFAULT 0;

            CREATE TABLE versions (
                machine       INTEGER NOT NULL REFERENCES machines (id),
                number        INTEGER NOT NULL,
                revision      INTEGER NOT NULL REFERENCES revisions (id),
                description   TEXT,
                creation_date INTEGER NOT NULL,
                PRIMARY KEY (machine, number)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE aliases (
                machine        INTEGER NOT NULL REFERENCES machines (id),
                name           TEXT NOT NULL,
                description    TEXT,
                version        INTEGER NOT NULL,
                weight         INTEGER NOT NULL,
                -- The second route, where there is one.
                second_version INTEGER,
                second_weight  INTEGER,
                creation_date  INTEGER NOT NULL,
                update_date    INTEGER NOT NULL,
                PRIMARY KEY (machine, name)
            ) STRICT, WITHOUT ROWID;

            ALTER TABLE executions ADD COLUMN version INTEGER;
            ALTER TABLE executions ADD COLUMN alias TEXT;
            """)
}
