// Is the process alive, is it ready: the checks of /livez and /readyz.

import API
package import Engine
package import Storage
import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// One question to the process. `run` returns `nil` when all is well, else what is wrong.
package struct HealthCheck: Sendable {
    package var name: String
    /// Whether a failure means that the process must be restarted; every check counts for readiness.
    package var isForLiveness: Bool
    package var run: @Sendable () async -> String?

    package init(name: String, isForLiveness: Bool, run: @escaping @Sendable () async -> String?) {
        self.name = name
        self.isForLiveness = isForLiveness
        self.run = run
    }
}

extension HealthCheck {
    /// Every shard turns and the committer commits within `seconds`.
    package static func engine(_ engine: Engine, seconds: Int = 5) -> HealthCheck {
        HealthCheck(name: "engine", isForLiveness: true) {
            await Deadline.met(by: { await awaited { engine.ping($0) } }, seconds: seconds)
                ? nil : "no turn has been committed within \(seconds) s"
        }
    }

    /// The engine takes work.
    package static func accepting(_ engine: Engine) -> HealthCheck {
        HealthCheck(name: "accepting", isForLiveness: false) {
            engine.isDraining ? "the server is shutting down" : nil
        }
    }

    /// The store can be read from its disk, takes commits, and has space for new executions.
    package static func store(_ store: any Store, engine: Engine) -> HealthCheck {
        HealthCheck(name: "store", isForLiveness: false) {
            if let refusal = engine.refusedCommit { return refusal }
            if store.refusesStarts { return "the disk of the state folder is almost full" }
            return await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    do throws(StoreError) {
                        try store.probe()
                        continuation.resume(returning: nil)
                    } catch {
                        continuation.resume(returning: error.message)
                    }
                }
            }
        }
    }

    /// More than `percent` of the file system that holds `folder` is free.
    package static func disk(folder: String, percent: Int = 5) -> HealthCheck {
        HealthCheck(name: "disk", isForLiveness: false) {
            var status = statvfs()
            guard statvfs(folder, &status) == 0 else { return "\(folder) cannot be read" }
            let free = Double(status.f_bavail) / Double(max(status.f_blocks, 1)) * 100
            return free > Double(percent) ? nil : "less than \(percent) % of the disk is free"
        }
    }
}

/// The checks of the process. Those that need the engine are added when it is open; until then it is not ready.
package final class Health: Sendable {
    private let state = Mutex(State())

    private struct State {
        var checks: [HealthCheck] = []
        var isReady = false
    }

    package init() {}

    package func add(_ check: HealthCheck) { state.withLock { $0.checks.append(check) } }

    /// Recovery is done and the listeners are open; `false` again when the process stops.
    package func setReady(_ isReady: Bool) { state.withLock { $0.isReady = isReady } }

    struct Finding: Sendable {
        var name: String
        var problem: String?
    }

    func findings(livenessOnly: Bool) async -> [Finding] {
        let (checks, isReady) = state.withLock { ($0.checks, $0.isReady) }
        var findings: [Finding] = []
        if !livenessOnly {
            findings.append(Finding(name: "recovery", problem: isReady ? nil : "the server is starting or stopping"))
        }
        for check in checks where check.isForLiveness || !livenessOnly {
            findings.append(Finding(name: check.name, problem: await check.run()))
        }
        return findings
    }
}

/// Waits for something, but not for ever.
private enum Deadline {
    /// Whether `work` came to its end in time. Work that does not is left to itself.
    static func met(by work: @escaping @Sendable () async -> Void, seconds: Int) async -> Bool {
        await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
            let once = Once(continuation)
            Task {
                await work()
                once.resume(true)
            }
            DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds)) { once.resume(false) }
        }
    }

    private final class Once: Sendable {
        private let continuation: Mutex<CheckedContinuation<Bool, Never>?>

        init(_ continuation: CheckedContinuation<Bool, Never>) { self.continuation = Mutex(continuation) }

        func resume(_ value: Bool) {
            let waiting = continuation.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }
            waiting?.resume(returning: value)
        }
    }
}
