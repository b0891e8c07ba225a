// Functions of a world: their outcomes come at once, late, twice or never.

import Core
import Engine
import Expressions
import Integrations
import JSON
import States

/// Holds every attempt until the world lets it end.
final class ScriptedRunner: TaskRunner, @unchecked Sendable {
    struct Attempt {
        var request: TaskRequest
        var completion: @Sendable (TaskOutcome) -> Void
        /// Not before then.
        var at: Int64
        /// `nil` for one that ends in time.
        var fault: Fault?
    }

    private unowned let life: Life
    private(set) var held: [Attempt] = []

    init(life: Life) { self.life = life }

    func run(_ request: TaskRequest, completion: @escaping @Sendable (TaskOutcome) -> Void) {
        guard life.call(.runner) else { return }
        let world = life.world
        world.trace.note("run", Int(request.id.execution), request.id.scheduledEvent)
        world.willRun(request, in: life)
        if let token = request.input.value["Payload"]?["token"]?.stringValue { world.workers.gotToken(token) }
        var attempt = Attempt(request: request, completion: completion, at: world.time.milliseconds)
        if world.hasFaults {
            switch world.chance.number(below: 24) {
            case 0:
                attempt.fault = .outcomeLate
                attempt.at += Int64(5_000 + world.chance.number(below: 60_000))
            case 1: attempt.fault = .outcomeTwice
            case 2 where world.chance.number(below: 3) == 0:
                attempt.fault = .outcomeNever
                world.met(.outcomeNever)
            default: break
            }
        }
        held.append(attempt)
    }

    /// Some stop when their task is cancelled, others continue; their outcome then comes too late.
    func cancel(_ id: TaskID) {
        guard life.call(.runner) else { return }
        life.world.trace.note("cancel", Int(id.execution), id.scheduledEvent)
        guard life.world.chance.number(below: 2) == 0 else { return }
        held.removeAll { $0.request.id == id && $0.fault != .outcomeNever }
    }

    /// Attempts whose outcome may come now.
    private var ready: [Int] {
        held.indices.filter { held[$0].fault != .outcomeNever && held[$0].at <= life.world.time.milliseconds }
    }

    /// Lets any attempt end; `false` where none is ready.
    func finishOne() -> Bool {
        let ready = ready
        guard !ready.isEmpty else { return false }
        let world = life.world
        let index = ready[world.chance.number(below: ready.count)]
        let attempt = held.remove(at: index)
        world.trace.note("outcome", Int(attempt.request.id.execution), attempt.request.id.scheduledEvent)
        if attempt.fault == .outcomeLate { world.met(.outcomeLate) }
        attempt.completion(outcome())
        guard attempt.fault == .outcomeTwice, !life.isOver else { return true }
        if world.chance.number(below: 2) == 0 {
            world.met(.outcomeTwice)
            attempt.completion(outcome())
        } else {
            held.append(
                Attempt(
                    request: attempt.request,
                    completion: { [unowned world] outcome in
                        world.met(.outcomeTwice)
                        attempt.completion(outcome)
                    }, at: world.time.milliseconds + Int64(world.chance.number(below: 5_000))))
        }
        return true
    }

    /// When the next of those that come late is ready.
    var nextReady: Int64? { held.filter { $0.fault != .outcomeNever }.map(\.at).min() }

    /// The attempts that never end.
    var never: [TaskID] { held.filter { $0.fault == .outcomeNever }.map(\.request.id) }

    private func outcome() -> TaskOutcome {
        switch life.world.chance.number(below: 10) {
        case 0...6: .succeeded(Payload(["ok": true]))
        case 7...8: .failed(Failure(error: "Transient", cause: "try again"))
        default: .failed(Failure(error: "Permanent"))
        }
    }
}
