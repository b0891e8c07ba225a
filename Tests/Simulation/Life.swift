// One life of the daemon: what is lost when its process ends.

import Core
import Engine
import States

/// An engine with its lanes and its runner. When it is over nothing that it still does has any effect.
final class Life: @unchecked Sendable {
    /// What an engine does outside of itself. The process may end at each of these.
    enum Call {
        case executor
        case runner
        case store
        case reply
    }

    unowned let world: World
    let number: Int
    private(set) var executor: VirtualExecutor!
    private(set) var runner: ScriptedRunner!
    private(set) var tasks: LaneTasks!
    /// `nil` until the engine is open.
    var engine: Engine?
    private(set) var isOver = false
    /// After so many calls the process ends, in the middle of what it does.
    var fuse: Int?
    /// Attempts that the runner got in this life.
    var attempts: Set<TaskID> = []

    init(_ world: World, number: Int) {
        self.world = world
        self.number = number
        executor = VirtualExecutor(time: world.time, life: self)
        runner = ScriptedRunner(life: self)
        tasks = LaneTasks(executor)
    }

    /// Whether the call has an effect; it has none once the process has ended.
    func call(_ call: Call) -> Bool {
        if isOver { return false }
        guard let left = fuse else { return true }
        fuse = left - 1
        if left > 0 { return true }
        world.end(by: .crash)
        return false
    }

    /// The process ends; nothing that waited in it is done.
    func end() {
        isOver = true
        executor.drop()
        engine = nil
    }
}
