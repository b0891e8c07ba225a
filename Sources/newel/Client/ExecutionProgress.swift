// How far an execution has come, folded from the events of its history.

import JSON

/// The visits of its states, in the order in which they began.
struct ExecutionProgress {
    struct Visit {
        var state: String
        /// `Task`, `Map`, …
        var type: String
        var entered: Double
        var left: Double?
        var mark = Mark.running
        /// Of a Task: how often it was scheduled.
        var attempts = 0
        /// Of a Map: iterations that have ended, and all of them.
        var iterations: (ended: Int, all: Int)?
        var error: String?
        /// A Parallel or a Map whose branch or iteration has failed.
        var hasFailed = false
    }

    enum Mark: String {
        case running = "▶"
        case done = "✓"
        /// Failed, and a Catcher took the execution elsewhere.
        case caught = "↪"
        case failed = "✗"
        case aborted = "■"

        var colour: Colour {
            switch self {
            case .running: .blue
            case .done: .green
            case .caught: .yellow
            case .failed: .red
            case .aborted: .grey
            }
        }
    }

    private(set) var visits: [Visit] = []
    /// The id of the last event that was taken, 0 before the first.
    private(set) var lastID = 0
    /// The last event was one that ends the execution.
    private(set) var isOver = false
    private var began: Double?
    /// The visit that each event belongs to.
    private var visitOf: [Int: Int] = [:]

    /// Takes the next event; gives a line about it where it is worth one.
    @discardableResult
    mutating func take(_ event: JSONValue) -> String? {
        let type = event["type"]?.stringValue ?? ""
        let time = event["timestamp"]?.doubleValue ?? 0
        let details = event.objectValue?.first { $0.key.hasSuffix("EventDetails") }?.value
        lastID = event["id"]?.intValue ?? lastID
        began = began ?? time
        isOver = ["ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"].contains(type)
        if type.hasSuffix("StateEntered") { return entered(type, details, time) }
        let visit = place(event, type, details)
        visitOf[lastID] = visit
        if type.hasPrefix("Execution") { return executionEvent(type, details, time, visit) }
        guard let visit else { return nil }
        if type.hasSuffix("StateExited") {
            let isCaught = visits[visit].error != nil || visits[visit].hasFailed
            if visits[visit].hasFailed { closeStates(in: visit, time) }
            return left(visit, isCaught ? .caught : .done, time)
        }
        if type.hasSuffix("StateAborted") { return left(visit, .aborted, time) }
        return inside(visit, type, details, time)
    }

    /// The visit that the event is of: that of the event before it, unless the event names another state.
    private func place(_ event: JSONValue, _ type: String, _ details: JSONValue?) -> Int? {
        let before = event["previousEventId"]?.intValue.flatMap { visitOf[$0] }
        // Points back to the state in the branch or iteration that failed.
        if type == "ParallelStateFailed" || type == "MapStateFailed" {
            let kind = type.dropLast("StateFailed".count)
            return visits.lastIndex { $0.type == kind && $0.left == nil && !$0.hasFailed } ?? before
        }
        // May point to the event before the state's Entered, which is of the state before.
        if type == "EvaluationFailed", let state = details?["state"]?.stringValue {
            return visits.lastIndex { $0.state == state && $0.left == nil } ?? before
        }
        guard let name = details?["name"]?.stringValue, type.hasPrefix("MapIteration") || type.hasSuffix("StateExited")
        else { return before }
        if let before, visits[before].state == name { return before }
        return visits.lastIndex { $0.state == name && $0.left == nil } ?? before
    }

    private mutating func entered(_ type: String, _ details: JSONValue?, _ time: Double) -> String {
        let visit = Visit(
            state: details?["name"]?.stringValue ?? "", type: String(type.dropLast("StateEntered".count)), entered: time
        )
        visits.append(visit)
        visitOf[lastID] = visits.count - 1
        return line(time, "\(Mark.running.rawValue) \(visit.state) (\(visit.type))")
    }

    private mutating func left(_ visit: Int, _ mark: Mark, _ time: Double) -> String {
        visits[visit].mark = mark
        visits[visit].left = time
        return line(time, "\(mark.rawValue) \(visits[visit].state) \(Moment.span(time - visits[visit].entered))")
    }

    private mutating func executionEvent(
        _ type: String, _ details: JSONValue?, _ time: Double, _ visit: Int?
    ) -> String {
        if isOver {
            let open = visits.indices.filter { visits[$0].left == nil }
            // States.Runtime has no event of its own: the state is the one that the end points back to.
            let pointedAt = visit.flatMap { visits[$0].left == nil ? $0 : nil }
            let isInside = pointedAt.map { visits[$0].hasFailed } ?? true
            let inner = isInside ? open.last { visits[$0].error != nil || visits[$0].type == "Fail" } : nil
            let failed = inner ?? pointedAt ?? open.last
            for index in open {
                let isFailed = type == "ExecutionFailed" && (index == failed || visits[index].hasFailed)
                visits[index].mark = isFailed ? .failed : .aborted
                visits[index].left = time
            }
        }
        let why = details?["error"]?.stringValue.map { ": \($0)" } ?? ""
        return line(time, type + why)
    }

    /// Ends what is open in the branches or iterations of a state whose failure was caught.
    private mutating func closeStates(in container: Int, _ time: Double) {
        for index in visits.indices where index > container && visits[index].left == nil {
            let isFailed = visits[index].error != nil || visits[index].hasFailed || visits[index].type == "Fail"
            visits[index].mark = isFailed ? .failed : .aborted
            visits[index].left = time
        }
    }

    private mutating func inside(_ visit: Int, _ type: String, _ details: JSONValue?, _ time: Double) -> String? {
        switch type {
        case "MapStateStarted":
            visits[visit].iterations = (0, details?["length"]?.intValue ?? 0)
            visits[visit].hasFailed = false
        case "ParallelStateStarted": visits[visit].hasFailed = false
        case "MapStateFailed", "ParallelStateFailed": visits[visit].hasFailed = true
        case "MapIterationSucceeded", "MapIterationFailed", "MapIterationAborted":
            visits[visit].iterations?.ended += 1
            guard let (ended, all) = visits[visit].iterations, Self.isWorthALine(ended, all) else { return nil }
            return line(time, "  \(visits[visit].state) \(Self.share(ended, all))")
        default:
            if type.hasSuffix("Scheduled") {
                visits[visit].attempts += 1
                visits[visit].error = nil
                return visits[visit].attempts > 1
                    ? line(time, "↻ \(visits[visit].state) attempt \(visits[visit].attempts)") : nil
            }
            guard let error = details?["error"]?.stringValue else { return nil }
            visits[visit].error = error
            return line(time, "  \(visits[visit].state) \(type): \(error)")
        }
        return nil
    }

    /// Of a long Map every twentieth part, of a short one every iteration.
    private static func isWorthALine(_ ended: Int, _ all: Int) -> Bool {
        ended == all || all <= 20 || ended % (all / 20) == 0
    }

    private static func share(_ ended: Int, _ all: Int) -> String {
        "\(ended)/\(all)" + (all > 0 ? " (\(ended * 100 / all) %)" : "")
    }

    private func line(_ time: Double, _ text: String) -> String {
        let since = Moment.span(time - (began ?? time))
        return String(repeating: " ", count: max(0, 10 - since.count)) + since + "  " + text
    }

    // MARK: - To show

    /// A headline and a line for each visit.
    func lines(_ described: JSONValue, inColour isColoured: Bool = false) -> [String] {
        let open = visits.count { $0.left == nil }
        let took = Moment.duration(from: described["startDate"], to: described["stopDate"])
        let head =
            "\(described["name"]?.plain ?? "")  \(described["status"]?.plain ?? "")  \(took)  "
            + "\(visits.count - open) states done, \(open) open, \(lastID) events"
        return [head]
            + visits.map { visit in
                let mark = Colour.text(visit.mark.rawValue, visit.mark.colour, isColoured)
                return "  \(mark) \(visit.state)  \(Self.notes(visit))"
            }
    }

    func table(inColour isColoured: Bool = false) -> Table {
        Table(
            head: ["", "STATE", "TYPE", "TOOK", ""],
            rows: visits.map { visit in
                let took = visit.left.map { Moment.span($0 - visit.entered) } ?? "-"
                return [visit.mark.rawValue, visit.state, visit.type, took, Self.notes(visit, withTime: false)]
            }, colours: visits.map { isColoured ? $0.mark.colour : nil })
    }

    private static func notes(_ visit: Visit, withTime: Bool = true) -> String {
        var notes: [String] = []
        if withTime { notes.append(Moment.duration(from: .double(visit.entered), to: visit.left.map { .double($0) })) }
        if let (ended, all) = visit.iterations { notes.append(share(ended, all)) }
        if visit.attempts > 1 { notes.append("attempt \(visit.attempts)") }
        if let error = visit.error { notes.append(error) }
        return notes.joined(separator: "  ")
    }
}
