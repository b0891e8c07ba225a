// Schema 2: activities, what is known of open tasks beside their events, redrives.

extension Migration {
    static let activitiesAndRedrives = Migration(
        number: 2, name: "ActivitiesAndRedrives",
        sql: """
            CREATE TABLE activities (
                arn           TEXT PRIMARY KEY,
                name          TEXT NOT NULL,
                creation_date INTEGER NOT NULL,
                tags          TEXT NOT NULL
            ) STRICT, WITHOUT ROWID;

            -- Whether the worker that took the task has been sent it, and when it was last heard of.
            ALTER TABLE tasks ADD COLUMN delivered INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE tasks ADD COLUMN heartbeat INTEGER;

            ALTER TABLE executions ADD COLUMN redrive_count INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE executions ADD COLUMN redrive_date INTEGER;
            """)
}
