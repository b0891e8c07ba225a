// Bounds of metrics and logs.

extension Limits {
    /// Bounds of metrics and logs.
    package enum Telemetry {
        /// State machines with series of their own; the others share one.
        package static let machines = 200
        /// State machines whose executions are counted to find the busiest; beyond it the count of those without series
        /// begins again.
        package static let countedMachines = 10_000
        /// Targets of tasks with series of their own; the others share one.
        package static let taskTargets = 200
        /// Label sets of one metric; further ones share a series with the label `overflow="true"`.
        package static let seriesPerMetric = 1_000
    }
}
