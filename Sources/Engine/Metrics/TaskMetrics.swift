// What is measured of tasks.

import Core
import Integrations
import Metrics
import States
import Synchronization

/// Attempts by target: `lambda:function`, `activity`, or service and action of an integration, `lambda:invoke`. Targets
/// beyond a bound share an empty name.
package final class TaskMetrics: Sendable {
    private let targets = Mutex<[String: Target]>([:])

    private struct Target {
        var succeeded: Counter
        var failed: Counter
        var redelivered: Counter
        var duration: Timer

        init(_ name: String) {
            let label = [("target", name)]
            let attempts = MetricName.taskAttempts.rawValue
            succeeded = Counter(label: attempts, dimensions: label + [("result", "succeeded")])
            failed = Counter(label: attempts, dimensions: label + [("result", "failed")])
            redelivered = Counter(label: MetricName.taskRedeliveries.rawValue, dimensions: label)
            duration = Timer(label: MetricName.taskDuration.rawValue, dimensions: label)
        }
    }

    package init() {}

    func redelivered(_ task: TaskScheduled) { target(of: task).redelivered.increment() }

    func ended(_ task: TaskScheduled, _ outcome: TaskOutcome, nanoseconds: Int64) {
        let target = target(of: task)
        target.duration.recordNanoseconds(nanoseconds)
        switch outcome {
        case .succeeded, .submitted: target.succeeded.increment()
        case .failed: target.failed.increment()
        }
    }

    private func target(of task: TaskScheduled) -> Target {
        let name = Self.name(of: task)
        return targets.withLock { targets in
            // Definitions name the actions of the SDK integration.
            let name = targets[name] == nil && targets.count >= Limits.Telemetry.taskTargets ? "" : name
            if let target = targets[name] { return target }
            let target = Target(name)
            targets[name] = target
            return target
        }
    }

    private static func name(of task: TaskScheduled) -> String {
        switch task.family {
        case .lambdaFunction: "lambda:function"
        case .activity: "activity"
        // Without the pattern: `startExecution.sync:2` is an attempt of `startExecution`.
        case .service(let type, let resource): "\(type):\(resource.prefix { $0 != "." })"
        }
    }
}
