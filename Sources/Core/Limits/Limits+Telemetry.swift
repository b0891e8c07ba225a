// Bounds of metrics and logs.

extension Limits {
    /// Bounds of metrics and logs.
    package enum Telemetry {
        /// State machines with series of their own; the others share one.
        package static let machines = 200
        /// Label sets of one metric; further ones share a series with the label `overflow="true"`.
        package static let seriesPerMetric = 1_000
    }
}
