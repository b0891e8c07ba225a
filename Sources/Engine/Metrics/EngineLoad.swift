// How much the engine holds at a moment.

/// Numbers that go up and down.
package struct EngineLoad: Sendable, Equatable {
    /// Commands that wait, by shard.
    package var commandsQueued: [Int]
    /// Executions in memory. Shards that plan a turn at that moment are not counted.
    package var residentExecutions: Int
    /// Attempts of tasks that have no durable outcome.
    package var tasksInFlight: Int
    /// Workers that wait in GetActivityTask.
    package var pollers: Int
    /// Tasks of activities that wait for a worker.
    package var activityTasks: Int
}
