// The lanes of one life of the daemon: one thread, and work whose order the seed chooses.

import Core
import Expressions

/// Runs works one at a time when the world says so. Each lane is serial and keeps the order in which its works came;
/// which lane is next is drawn among those whose first work is due, so that lanes interleave differently in each world.
final class VirtualExecutor: LaneExecutor, @unchecked Sendable {
    private struct Work {
        var at: Int64
        var order: Int
        var body: @Sendable () -> Void
    }

    private struct Queue {
        var lane: Lane
        var works: [Work] = []
        /// A work of the lane is under way: it waits, and works of other lanes run meanwhile.
        var isRunning = false
    }

    private let time: VirtualTime
    private let life: Life
    /// In the order of the lanes' first works, which a dictionary would not keep.
    private var queues: [Queue] = []
    private var order = 0
    /// The lane whose work runs now.
    private(set) var current: Lane?
    /// The next delayed work of the timers' lane that comes from a shard is dropped.
    var losesTimer = false

    init(time: VirtualTime, life: Life) {
        self.time = time
        self.life = life
    }

    func run(on lane: Lane, after milliseconds: Int64, _ work: @escaping @Sendable () -> Void) {
        guard life.call(.executor) else { return }
        if losesTimer, lane == .timers, milliseconds > 0, case .shard = current {
            losesTimer = false
            return life.world.met(.timerSignalLost)
        }
        order += 1
        let work = Work(at: time.milliseconds + max(0, milliseconds), order: order, body: work)
        let index = index(of: lane)
        let works = queues[index].works
        queues[index].works.insert(work, at: (works.lastIndex { $0.at <= work.at } ?? -1) + 1)
    }

    private func index(of lane: Lane) -> Int {
        if let index = queues.firstIndex(where: { $0.lane == lane }) { return index }
        queues.append(Queue(lane: lane))
        return queues.count - 1
    }

    /// Runs one work that is due; `false` where there is none.
    func step() -> Bool {
        let due = queues.indices.filter { index in
            !queues[index].isRunning && (queues[index].works.first?.at ?? .max) <= time.milliseconds
        }
        guard !due.isEmpty else { return false }
        let index = due[life.world.chance.number(below: due.count)]
        let work = queues[index].works.removeFirst()
        let lane = queues[index].lane
        life.world.trace.note("work", lane.number, work.order)
        let before = current
        current = lane
        queues[index].isRunning = true
        work.body()
        if !life.isOver { queues[index].isRunning = false }
        current = before
        return true
    }

    /// When the next work is due that may run.
    var nextDue: Int64? { queues.filter { !$0.isRunning }.compactMap { $0.works.first?.at }.min() }

    /// Whether works wait that do not come round by themselves every few seconds.
    func isBusy(within milliseconds: Int64) -> Bool {
        queues.contains { queue in
            ![Lane.timers, .background].contains(queue.lane)
                && (queue.works.first?.at ?? .max) <= time.milliseconds + milliseconds
        }
    }

    /// Whether an evaluation of an execution waits or runs.
    var isEvaluating: Bool {
        queues.contains { queue in
            if case .evaluation(0...1) = queue.lane { queue.isRunning || !queue.works.isEmpty } else { false }
        }
    }

    /// Drops all works: the process has ended.
    func drop() { queues = [] }
}

extension Lane {
    /// A number for traces: the same in each process.
    fileprivate var number: Int {
        switch self {
        case .shard(let number): number
        case .evaluation(let number): 100 + number
        case .reader(let number): 200 + number
        case .committer: 300
        case .timers: 301
        case .background: 302
        }
    }
}
