// One seed, one world: an engine over a store that fails, clients, workers, a clock that is set, crashes. One thread
// and virtual time; the engine is the one of production.

import Core
import Engine
import EngineSupport
import Expressions
import Logging
import States
import Storage

/// Everything that happens follows from the seed. `run` reports what was found wrong; an empty list is a good world.
package final class World: @unchecked Sendable {
    package let seed: UInt64
    let kind: Kind
    let store = MemoryStore()
    let time = VirtualTime()
    let clock: VirtualClock
    let trace: Trace
    let ledger = Ledger()
    let tokens = TaskTokens(secret: "simulation")
    private(set) var workers: Workers!
    private(set) var life: Life!
    var chance: Chance
    var matrix = Matrix()
    var journal = CommitLog()
    /// Faults are off: whatever is there comes to its end.
    var isCalm = false
    var hasFaults: Bool { kind.isFaulty && !isCalm }
    /// The next reply is lost.
    var losesReply = false
    /// Calls of clients without a reply, with the operation that each belongs to.
    var calls: [Int: Operation] = [:]
    var lastCall = 0
    var names = 0
    /// How many executions have ended, as the engine's `executionsClosed` reports.
    private(set) var closed = (standard: 0, express: 0)
    /// How many Express executions clients have started.
    var expressStarts = 0
    private var lives = 0
    private var crashes = 0

    /// What one world went through.
    package struct Report: Sendable {
        package var violations: [String] = []
        package var executions = 0
        package var events = 0
        package var crashes = 0
        package var failedCommits = 0
        package var trace: UInt64 = 0
        package var lines: [String] = []
        package var matrix = Matrix()

        package init() {}
    }

    /// What a world has of faults and of bounds.
    struct Kind {
        /// One world in eight is without faults: there every request succeeds, and all numbers add up.
        var isFaulty: Bool
        var setsClock: Bool
        /// How long a commit may take, in milliseconds.
        var slowest: Int
        var configuration: EngineConfiguration

        init(seed: UInt64, tokens: TaskTokens) {
            var chance = Chance(seed: seed ^ 0x51AB_1E55)
            isFaulty = seed % 8 != 0
            setsClock = isFaulty && chance.number(below: 3) == 0
            slowest = isFaulty ? [50, 3_000, 90_000][chance.number(below: 3)] : 0
            var limits = Limits()
            limits.language.historyEvents = 400
            limits.turn.events = 12
            limits.turn.maximumEvents = 60
            limits.turn.maximumInputs = 20
            // So few that some states are deferred.
            limits.evaluation.quickSteps = 40
            limits.evaluation.extendedSteps = 80
            configuration = EngineConfiguration(
                limits: limits, tokens: tokens, activityPollTime: 20_000,
                retention: chance.number(below: 3) == 0 ? 300_000 : nil, shards: 1 + chance.number(below: 3),
                // A heartbeat's time begins again each time that an execution is read after the clock was set.
                residentExecutions: setsClock ? 10_000 : chance.number(below: 8))
        }
    }

    /// - Parameter keepsLines: the report has what happened, line by line.
    package init(seed: UInt64, keepsLines: Bool = false) throws {
        self.seed = seed
        chance = Chance(seed: seed)
        trace = Trace(keepsLines: keepsLines)
        clock = VirtualClock(time)
        kind = Kind(seed: seed, tokens: tokens)
        try createMachines()
        workers = Workers(self)
        observeStore()
        begin()
    }

    // MARK: - A run

    /// Lets `steps` things happen, then lets everything come to its end without faults, and checks.
    package func run(steps: Int = 2_500) -> Report {
        for _ in 0..<steps { step() }
        settle()
        var report = Report()
        Checker(world: self).check(&report)
        report.crashes = crashes
        report.failedCommits = journal.failed
        report.trace = trace.hash
        report.lines = trace.lines
        report.matrix = matrix
        life.end()
        return report
    }

    /// One thing happens.
    func step() {
        if life.isOver { return begin() }
        switch chance.number(below: 200) {
        case 0..<24: request()
        case 24..<40: _ = life.runner.finishOne()
        case 40..<52: _ = workers.act()
        case 52..<55: if kind.isFaulty { injectFault() }
        case 55..<58: passTime(upTo: kind.isFaulty && chance.number(below: 12) == 0 ? 60_000 : 2_000)
        default: if !life.executor.step() { passTime(upTo: 500) }
        }
    }

    /// Lets time pass; works that become due meanwhile are late.
    private func passTime(upTo bound: Int) { time.milliseconds += Int64(chance.number(below: bound)) }

    /// Lets time pass while a work is under way, and other things happen.
    func pause(_ milliseconds: Int64) {
        let life = life
        let end = time.milliseconds + milliseconds
        while life?.isOver == false, time.milliseconds < end {
            if isCalm { time.milliseconds = end } else { step() }
        }
    }

    // MARK: - Lives

    /// The daemon starts and takes the store.
    func begin() {
        lives += 1
        store.restart()
        let life = Life(self, number: lives)
        self.life = life
        trace.note("begin", lives)
        let recovery = call(.recovery)
        let runtime = Runtime(clock: clock, random: SeededSource(seed: chance.next()), executor: life.executor)
        life.open { [unowned self] () throws(StoreError) in
            try await Engine.open(
                store: store, runner: life.runner, configuration: kind.configuration, runtime: runtime,
                logger: Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() }),
                executionsClosed: { [unowned self] closed in ended(closed, in: life) },
                fatal: { [unowned self] _ in if !life.isOver { end(by: nil) } })
        } reply: { [unowned self] result in
            guard answered(recovery, in: life, mayBeLost: false) else { return }
            switch result {
            case .success(let engine): life.engine = engine
            // A daemon that cannot open its store ends and is started again.
            case .failure: end(by: nil)
            }
        }
    }

    /// The process ends.
    func end(by fault: Fault?) {
        guard !life.isOver else { return }
        trace.note("end", life.number)
        if let fault { met(fault) }
        crashes += 1
        life.end()
        store.close()
        store.clearFaults()
        calls = [:]
    }

    private func ended(_ closed: ClosedExecutions, in life: Life) {
        guard !life.isOver else { return }
        let express = closed.ends.filter { $0.type == .express }.count
        self.closed.express += express
        self.closed.standard += closed.ends.count - express
    }

    /// The runner gets an attempt: once in a life, and not before the store has it.
    func willRun(_ request: TaskRequest, in life: Life) {
        let task = request.id
        if !life.attempts.insert(task).inserted { ledger.violate("task \(task) was dispatched twice") }
        // An Express execution with a caller that waits is in no store.
        if request.executionARN.contains(":express:") { return }
        let last = store.peek { $0.executions[task.execution]?.lastEventID ?? 0 }
        if last < task.scheduledEvent { ledger.violate("task \(task) was dispatched before it was stored") }
    }

    // MARK: - What is under way

    /// A client's call begins.
    func call(_ operation: Operation) -> Int {
        lastCall += 1
        calls[lastCall] = operation
        matrix.count(operation)
        trace.note("call", lastCall, Int(time.milliseconds), text: operation.rawValue)
        return lastCall
    }

    /// A call got its reply; `false` where the client does not get it.
    func answered(_ call: Int, in life: Life, mayBeLost: Bool = true) -> Bool {
        guard !life.isOver, life.call(.reply) else { return false }
        trace.note("reply", call)
        guard calls[call] != nil else {
            ledger.violate("call \(call) has had its reply already")
            return false
        }
        if losesReply, mayBeLost {
            losesReply = false
            met(.replyLost)
            calls[call] = nil
            return false
        }
        calls[call] = nil
        return true
    }

    /// A fault takes effect: all that is under way meets it.
    func met(_ fault: Fault) {
        trace.note("fault", text: fault.rawValue)
        for operation in calls.values { matrix.count(operation, fault) }
        for operation in Set(journal.open.values) { matrix.count(operation, fault) }
        if life?.executor.isEvaluating == true { matrix.count(.deferredEvaluation, fault) }
    }
}
