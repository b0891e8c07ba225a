// The names of all metrics, with their units, labels and help texts.

/// A metric of `/metrics`. Names end in their unit; counters end in `_total`. Labels have a bounded number of values.
package enum MetricName: String, CaseIterable, Sendable {
    // HTTP
    case httpRequestDuration = "newel_http_request_duration_seconds"
    case httpDenied = "newel_http_denied_total"
    case httpConnections = "newel_http_connections"

    // Executions
    case executionsStarted = "newel_executions_started_total"
    case executionsRejected = "newel_executions_rejected_total"
    case executionsClosed = "newel_executions_closed_total"
    case executionsRunning = "newel_executions_running"
    case executionsQuarantined = "newel_executions_quarantined"
    case executionDuration = "newel_execution_duration_seconds"
    case machineExecutions = "newel_machine_executions_closed_total"
    case stateTransitions = "newel_state_transitions_total"
    case redrives = "newel_redrives_total"

    // Tasks
    case taskAttempts = "newel_task_attempts_total"
    case taskDuration = "newel_task_duration_seconds"
    case taskQueueTime = "newel_task_queue_seconds"
    case tasksInFlight = "newel_tasks_in_flight"
    case tasksQueued = "newel_tasks_queued"
    case taskRedeliveries = "newel_task_redeliveries_total"
    case taskReports = "newel_task_reports_total"
    case activityPollers = "newel_activity_pollers"
    case activityTasksQueued = "newel_activity_tasks_queued"

    // Shards
    case turnDuration = "newel_turn_seconds"
    case commands = "newel_commands_total"
    case commandsQueued = "newel_commands_queued"
    case commandsThrottled = "newel_commands_throttled_total"
    case shardReloads = "newel_shard_reloads_total"
    case residentExecutions = "newel_resident_executions"
    case deferredEvaluations = "newel_deferred_evaluations_total"
    case timerLateness = "newel_timer_lateness_seconds"
    case clockJumps = "newel_clock_jumps_total"

    // Store
    case commitDuration = "newel_store_commit_seconds"
    case commitChanges = "newel_store_commit_changes"
    case readDuration = "newel_store_read_seconds"
    case storeErrors = "newel_store_errors_total"
    case storeSize = "newel_store_size_bytes"
    case damagedRows = "newel_store_damaged_rows_total"

    // Gateway and identity
    case integrationDuration = "newel_gateway_integration_seconds"
    case gatewayRejections = "newel_gateway_rejections_total"
    case authorizationDenials = "newel_authorization_denials_total"

    // Operation
    case recoveryDuration = "newel_recovery_seconds"
    case retentionDeleted = "newel_retention_deleted_total"
    case logDropped = "newel_log_lines_dropped_total"
    case buildInfo = "newel_build_info"
}

extension MetricName {
    /// What the metric counts, as the `# HELP` line of `/metrics`.
    package var help: String {
        switch self {
        case .httpRequestDuration: "Time from a request's end to its response, by listener, operation and status."
        case .httpDenied: "Requests and connections that a listener refused by itself, by reason."
        case .httpConnections: "Open connections, by listener."
        case .executionsStarted: "Executions started, by type."
        case .executionsRejected: "Starts that were refused, by type of error."
        case .executionsClosed: "Executions closed, by type and status."
        case .executionsRunning: "Running executions in the store."
        case .executionsQuarantined: "Executions in quarantine: running, but not advanced."
        case .executionDuration: "Time from the start of an execution to its end, by type and status."
        case .machineExecutions:
            "Executions closed, by state machine and status: the busiest machines, and the others as one."
        case .stateTransitions: "States entered, by type of state."
        case .redrives: "Redrives of executions, by result."
        case .taskAttempts: "Attempts of tasks that ended, by target and result."
        case .taskDuration: "Time from the start of an attempt to its outcome, by target."
        case .taskQueueTime: "Time that calls of functions waited for a free thread or connection."
        case .tasksInFlight: "Attempts of tasks that were started and have no stored outcome."
        case .tasksQueued: "Calls of functions that wait for a free thread or connection."
        case .taskRedeliveries: "Attempts that were sent again after a restart or a failed commit, by target."
        case .taskReports: "Reports of workers about tasks, by kind and result."
        case .activityPollers: "Workers that wait in GetActivityTask."
        case .activityTasksQueued: "Tasks of activities that wait for a worker."
        case .turnDuration: "Time that a shard took to plan a turn."
        case .commands: "Commands that shards took, by kind."
        case .commandsQueued: "Commands that wait for a shard, by shard."
        case .commandsThrottled: "Commands that were refused because a shard's queue was full."
        case .shardReloads: "Turns whose commit failed, after which a shard read its executions again, by reason."
        case .residentExecutions: "Executions that the shards keep in memory."
        case .deferredEvaluations: "Evaluations that took too long for a shard and were moved to an evaluation thread."
        case .timerLateness: "Time from the deadline of a timer to the turn that serves it."
        case .clockJumps: "Jumps of the wall clock that were noticed."
        case .commitDuration: "Time of a commit to the store, its fsync included."
        case .commitChanges: "Changes in a commit."
        case .readDuration: "Time of a read of the store for a client, the wait for a reader included."
        case .storeErrors: "Errors of the store, by operation and code."
        case .storeSize: "Bytes of the store's files, by part."
        case .damagedRows: "Damaged rows that were found in the store, by table."
        case .integrationDuration: "Time of an integration of the gateway, by type."
        case .gatewayRejections: "Requests that the gateway answered by itself, by type of gateway response."
        case .authorizationDenials: "Calls that no policy allows, by service."
        case .recoveryDuration: "Time that the last start took to continue what was in flight."
        case .retentionDeleted: "Expired executions that were deleted."
        case .logDropped: "Log events that were dropped because their destination was too slow, by destination."
        case .buildInfo: "1, with the version of the program."
        }
    }

    /// The upper bounds of the buckets of a histogram: seconds, unless the metric counts something else.
    package var buckets: [Double] {
        switch self {
        case .commitChanges: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000]
        case .executionDuration, .taskDuration:
            [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400]
        default: Self.seconds
        }
    }

    /// OpenTelemetry's bounds for HTTP durations, with finer ones below them for commits.
    package static let seconds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ]
}
