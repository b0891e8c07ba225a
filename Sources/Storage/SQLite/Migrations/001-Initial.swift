// Schema 1: machines, executions, their events and open tasks.

import Core

extension Migration {
    /// Times are milliseconds since 1970. Every index is paid for at every write of its table: each names its query.
    static let initial = Migration(
        number: 1, name: "Initial",
        sql: """
            CREATE TABLE meta (
                id        INTEGER PRIMARY KEY CHECK (id = 1),
                -- Counts the processes that have held the store; every commit checks it.
                epoch     INTEGER NOT NULL,
                -- Executions by status, kept by each commit so that no count reads the table.
                running   INTEGER NOT NULL DEFAULT 0,
                succeeded INTEGER NOT NULL DEFAULT 0,
                failed    INTEGER NOT NULL DEFAULT 0,
                timed_out INTEGER NOT NULL DEFAULT 0,
                aborted   INTEGER NOT NULL DEFAULT 0
            ) STRICT;
            INSERT INTO meta (id, epoch) VALUES (1, 0);

            CREATE TABLE machines (
                id            INTEGER PRIMARY KEY,
                arn           TEXT NOT NULL UNIQUE,
                name          TEXT NOT NULL,
                type          TEXT NOT NULL,
                creation_date INTEGER NOT NULL,
                deletion_date INTEGER,
                tags          TEXT NOT NULL,
                -- The newest one.
                revision      INTEGER NOT NULL REFERENCES revisions (id) DEFERRABLE INITIALLY DEFERRED
            ) STRICT;

            CREATE TABLE revisions (
                id            INTEGER PRIMARY KEY,
                machine       INTEGER NOT NULL REFERENCES machines (id),
                revision_id   TEXT,
                definition    TEXT NOT NULL,
                role_arn      TEXT NOT NULL,
                creation_date INTEGER NOT NULL,
                logging       TEXT NOT NULL,
                tracing       TEXT NOT NULL,
                encryption    TEXT NOT NULL
            ) STRICT;

            CREATE TABLE executions (
                id            INTEGER PRIMARY KEY,
                machine       INTEGER NOT NULL,
                revision      INTEGER NOT NULL,
                name          TEXT NOT NULL,
                -- 0 RUNNING, 1 SUCCEEDED, 2 FAILED, 3 TIMED_OUT, 4 ABORTED
                status        INTEGER NOT NULL,
                start_date    INTEGER NOT NULL,
                stop_date     INTEGER,
                last_event_id INTEGER NOT NULL,
                wake_at       INTEGER,
                trace_header  TEXT,
                -- StartExecution's idempotency, and every call that names an execution by its ARN.
                UNIQUE (machine, name)
            ) STRICT;
            -- ListExecutions.
            CREATE INDEX executions_by_start ON executions (machine, start_date);
            -- ListExecutions with statusFilter RUNNING: few rows among many.
            CREATE INDEX executions_running ON executions (machine, start_date) WHERE status = 0;
            -- Timers.
            CREATE INDEX executions_by_wake ON executions (wake_at) WHERE wake_at IS NOT NULL;

            -- One row for each execution and turn. `position` is (execution << 26) | first_id: a row of a table that is
            -- kept by such a number is found by one comparison of integers, appended at the end of the tree when the
            -- execution is new, and keeps up to 4 KB in its page, where a WITHOUT ROWID table would keep 1 KB.
            CREATE TABLE events (
                position INTEGER PRIMARY KEY,
                last_id  INTEGER NOT NULL,
                body     BLOB NOT NULL
            ) STRICT;

            -- Tasks that were let out and have no outcome yet; `position` is (execution << 26) | scheduled event.
            CREATE TABLE tasks (
                position INTEGER PRIMARY KEY
            ) STRICT;
            """)
}
