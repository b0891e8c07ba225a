// Workers of activities and holders of task tokens: other processes, which outlive the daemon's.

import Core
import Engine
import Expressions
import States

/// What workers have in hand, and what they do next.
final class Workers: @unchecked Sendable {
    struct Job {
        var token: String
        var task: TaskID
        /// Nothing is done before then.
        var at: Int64
        /// Heartbeats that are sent before the end.
        var heartbeats: Int
    }

    private unowned let world: World
    private(set) var jobs: [Job] = []
    private var outputs = 0

    init(_ world: World) { self.world = world }

    /// A worker has a task, or a callback has its token.
    func gotToken(_ token: String) {
        guard let task = world.tokens.task(of: token) else { return world.ledger.violate("\(token) is no token") }
        if world.hasFaults, world.chance.number(below: 8) == 0 { return world.met(.workerDies) }
        let delay = world.chance.number(below: world.chance.number(below: 4) == 0 ? 40_000 : 3_000)
        jobs.append(
            Job(
                token: token, task: task, at: world.time.milliseconds + Int64(delay),
                heartbeats: world.chance.number(below: 4)))
    }

    /// When the next worker does something.
    var next: Int64? { jobs.map(\.at).min() }

    /// One worker reports; `false` where none has anything to report.
    func act() -> Bool {
        let ready = jobs.indices.filter { jobs[$0].at <= world.time.milliseconds }
        guard world.life.engine != nil, !ready.isEmpty else { return false }
        let index = ready[world.chance.number(below: ready.count)]
        let job = jobs[index]
        if world.hasFaults, world.chance.number(below: 12) == 0 {
            jobs.remove(at: index)
            world.met(.workerDies)
            return true
        }
        if job.heartbeats > 0 {
            jobs[index].heartbeats -= 1
            jobs[index].at += Int64(world.chance.number(below: 3_000))
            world.heartbeat(job)
            return true
        }
        // Some report once more, because they do not know that the first report came.
        if !world.hasFaults || world.chance.number(below: 8) > 0 { jobs.remove(at: index) }
        outputs += 1
        if world.chance.number(below: 4) > 0 {
            world.succeed(job, output: #"{"by":"worker \#(outputs)"}"#)
        } else {
            world.fail(job, cause: "worker \(outputs)")
        }
        return true
    }
}
