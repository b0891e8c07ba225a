// Which operations have met which faults.

/// What a world does.
package enum Operation: String, CaseIterable, Sendable {
    case startNamed = "start, named"
    case startRepeated = "start, repeated"
    case startUnnamed = "start, unnamed"
    case startExpress = "start, Express"
    case startSync = "start, Express, caller waits"
    case stop = "stop"
    case redrive = "redrive"
    case taskSuccess = "SendTaskSuccess"
    case taskFailure = "SendTaskFailure"
    case taskHeartbeat = "SendTaskHeartbeat"
    case poll = "GetActivityTask"
    case createMachine = "create a machine"
    case updateMachine = "update a machine"
    case publishVersion = "publish a version"
    case deleteMachine = "delete a machine"
    case createActivity = "create an activity"
    case deleteActivity = "delete an activity"
    case describe = "describe"
    case list = "list"
    case history = "history"
    case prune = "retention"
    case release = "release from quarantine"
    // What is under way without a client that waits.
    case recovery = "recovery"
    case functionTask = "task of a function"
    case activityTask = "task of an activity"
    case tokenTask = "task with a token"
    case nestedTask = "task with a nested execution"
    case deferredEvaluation = "deferred evaluation"
}

/// What goes wrong in a world.
package enum Fault: String, CaseIterable, Sendable {
    case commitRefused = "commit refused"
    case writtenButFailed = "written, reported failed"
    case commitSlow = "commit slow"
    case storeFatal = "disk fatal"
    case fenced = "fenced"
    case readFailed = "read failed"
    case rowDamaged = "row damaged"
    case timerSignalLost = "timer signal lost"
    case replyLost = "reply lost"
    case crash = "crash"
    case clockSet = "clock set"
    case clockSkewed = "clock skewed"
    case outcomeLate = "outcome late"
    case outcomeTwice = "outcome twice"
    case outcomeNever = "outcome never"
    case workerDies = "worker dies"
}

/// How often an operation was under way when a fault took effect, and how often it was done without.
package struct Matrix: Sendable, Equatable {
    private var cells = [Int](repeating: 0, count: Operation.allCases.count * Fault.allCases.count)
    private var done = [Int](repeating: 0, count: Operation.allCases.count)

    package init() {}

    mutating func count(_ operation: Operation, _ fault: Fault) { cells[Self.index(operation, fault)] += 1 }

    mutating func count(_ operation: Operation) { done[operation.index] += 1 }

    package mutating func add(_ other: Matrix) {
        for index in cells.indices { cells[index] += other.cells[index] }
        for index in done.indices { done[index] += other.done[index] }
    }

    private static func index(_ operation: Operation, _ fault: Fault) -> Int {
        operation.index * Fault.allCases.count + fault.index
    }

    /// Pairs that have never met.
    package var empty: [(Operation, Fault)] {
        Operation.allCases.flatMap { operation in
            Fault.allCases.filter { cells[Self.index(operation, $0)] == 0 }.map { (operation, $0) }
        }
    }

    /// The table, an operation a line, with a legend of the columns.
    package var text: String {
        let width = 30
        let columns = Fault.allCases.indices.map { Self.padded(String(UnicodeScalar(UInt8(65 + $0))), 9) }
        let head = "".padding(to: width) + Self.padded("all", 10) + columns.joined()
        let lines = Operation.allCases.map { operation in
            operation.rawValue.padding(to: width) + Self.padded(String(done[operation.index]), 10)
                + Fault.allCases.map { Self.padded(String(cells[Self.index(operation, $0)]), 9) }.joined()
        }
        let legend = Fault.allCases.enumerated().map { "\(UnicodeScalar(UInt8(65 + $0))) \($1.rawValue)" }
        return ([head] + lines + ["", legend.joined(separator: ", "), Self.notSimulated]).joined(separator: "\n")
    }

    /// What only several nodes, or parts that are not there yet, can meet.
    private static let notSimulated = """
        Not simulated yet: several nodes (a lease that runs out, renewal refused, handover with work in flight, a \
        message that comes late, a node paused beyond its lease), Distributed Map.
        """

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

extension Operation {
    fileprivate var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension Fault {
    fileprivate var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
