// Map, inline: one iteration for each item, their outputs as an array in item order (language.md §4, Map).

import Core
import Expressions
import JSON

extension Interpreter {
    mutating func startMap(_ frame: Frame, _ state: State, _ map: State.Map) throws(StateFailure) {
        let input = try effectiveInput(frame, state)
        let scope = scope(frame, input: input)
        var items: JSONValue
        if let read = probe?.itemReaderData {
            items = read
        } else if map.hasItemReader {
            items = []
        } else {
            items = state.jsonata == nil ? try self.items(map.itemsPath, input, scope) : try self.items(of: map, frame)
        }
        probe?.record(.afterItemsPath, items)
        let elements = items.arrayValue ?? []
        let most = try integer(map.maxConcurrency, field: "MaxConcurrency", scope, frame)
        probe?.maxConcurrency = most
        if let count = map.toleratedFailureCount {
            let count = try integer(count, field: "ToleratedFailureCount", scope, frame)
            probe?.toleratedFailureCount = count
        }
        if let percentage = map.toleratedFailurePercentage {
            let percentage = try decimal(percentage, scope, frame)
            probe?.toleratedFailurePercentage = percentage
        }
        let concurrency = most == 0 ? limits.language.mapConcurrency : min(most, limits.language.mapConcurrency)
        let payload = try payload(items, of: state)
        emit(
            .mapStateStarted(
                MapStateStarted(length: elements.count, items: payload, concurrency: max(concurrency, 1))),
            frame: frame.id, previous: frame.lastEvent)
        guard let probe, let outcome = probe.outcome else { return }
        if state.parameters != nil || map.itemSelector != nil {
            var selected: [JSONValue] = []
            for item in elements.enumerated() {
                selected.append(try self.input(of: (item.offset, item.element), frame, state, mapInput: input).value)
            }
            probe.record(.afterItemSelector, .array(selected))
        }
        try finish(frame.id, state, mocked: outcome)
    }

    private mutating func items(
        _ path: ReferencePath?, _ input: JSONValue, _ scope: PathScope
    ) throws(StateFailure) -> JSONValue {
        var items = input
        if let path {
            try checkNull(path.path, input)
            do throws(JSONPathError) { items = try path.applied(to: scope, budget: &budget) } catch {
                if error.code == .budget { throw exceeded(.beyondBudget) }
                guard error.code == .conflict else { throw .notApplicable(path.path, error) }
                throw .conflict(error.message)
            }
        }
        guard items.arrayValue != nil else {
            // AWS names a path into the context object without its first sign.
            let source = path?.source ?? "$"
            let name = source.hasPrefix("$$") ? String(source.dropFirst()) : source
            throw .runtime("Reference path \"\(name)\" must point to array.")
        }
        return items
    }

    /// `Items` of a JSONata state, or its input.
    private mutating func items(of map: State.Map, _ frame: Frame) throws(StateFailure) -> JSONValue {
        let states = StatesVariable(input: frame.input.value)
        guard let template = map.items else {
            if states.input.arrayValue != nil { return states.input }
            throw .evaluation("Map state input must be an array but was: \(states.input.excerpt)", at: nil)
        }
        let items = try evaluate(template, frame, states)
        if items.arrayValue != nil { return items }
        if case .expression(let expression) = template { throw expression.unexpected("array", items) }
        throw .evaluation("Map state Items must be an array but was: \(items.excerpt)", at: "Items")
    }

    // MARK: - Numbers

    /// A number of zero or more, or what its path leads to.
    private mutating func integer(
        _ field: NumberField, field name: String, _ scope: PathScope, _ frame: Frame
    ) throws(StateFailure) -> Int {
        switch field {
        case .value(let number): return number
        case .expression(let expression): return try integer(expression, frame)
        case .path(let path):
            let value = try value(at: path, scope)
            // AWS parses the value's text: a string of digits is as good as a number.
            guard let number = Int(value.plainText) else {
                throw .notValid("integer", value, name + "Path", path)
            }
            guard number >= 0 else { throw .runtime("\(name) cannot be negative.") }
            return number
        }
    }

    /// A percentage. Inline Maps tolerate no failure, but AWS looks at the type of the field all the same.
    private mutating func decimal(
        _ field: DecimalField, _ scope: PathScope, _ frame: Frame
    ) throws(StateFailure) -> Double {
        let bounds = "ToleratedFailurePercentage must be between 0 and 100."
        switch field {
        case .value(let number): return number
        case .path(let path):
            let value = try value(at: path, scope)
            guard let number = value.doubleValue ?? value.stringValue.flatMap({ Double($0) }) else {
                throw .notValid("float", value, "ToleratedFailurePercentagePath", path)
            }
            guard (0...100).contains(number) else { throw .runtime(bounds) }
            return number
        case .expression(let expression):
            let value = try evaluate(expression, frame, StatesVariable(input: frame.input.value))
            guard let number = value.doubleValue else { throw expression.unexpected("number", value) }
            guard (0...100).contains(number) else { throw .evaluation(bounds, at: expression.field) }
            return number
        }
    }

    private mutating func value(at path: ReferencePath, _ scope: PathScope) throws(StateFailure) -> JSONValue {
        try checkNull(path.path, scope.input)
        do throws(JSONPathError) { return try value(of: path, in: scope) } catch {
            if error.code == .budget { throw exceeded(.beyondBudget) }
            throw .runtime("Invalid path '\(path.source)' : \(error.message)")
        }
    }

    // MARK: - Iterations

    /// Starts iterations while there are items and room; ends the state when all have succeeded.
    mutating func iterate(_ frame: Frame, _ state: State) throws(StateFailure) {
        let input = state.parameters == nil ? .null : try effectiveInput(frame, state)
        while let map = execution.maps[frame.id], map.canStart(frameBytes: execution.frameBytes),
            !execution.isClosed
        {
            if isOverBudget {
                execution.runnable.append(frame.id)
                return
            }
            let next = (index: map.next, value: map.items[map.next])
            let item = try budgeted { (self) throws(StateFailure) in
                try self.input(of: next, frame, state, mapInput: input)
            }
            emit(
                .mapIterationStarted(
                    MapIterationStarted(MapIteration(name: state.name, index: map.next), input: item)),
                frame: frame.id, previous: frame.lastEvent)
        }
        guard let map = execution.maps[frame.id], map.isDone else { return }
        guard map.storedOutputs.isEmpty else {
            advance.needsOutputs = true
            throw .patience
        }
        // Parsed, the outputs take a few times the space of their text.
        try charge(bytes: 4 * map.outputBytes, of: state.name)
        try charge(textBytes: map.outputBytes)
        try finishMap(frame, state, map.results ?? [])
    }

    /// Checks that the outputs of the iterations or branches that end may grow by `output`. Throws
    /// `States.DataLimitExceeded`.
    func checkCombinedOutput(_ frame: Frame, _ output: Payload) throws(StateFailure) {
        guard let parent = frame.parent?.frame, output.size > 0,
            execution.outputBytes(of: parent) + output.size > limits.language.combinedOutputBytes
        else { return }
        throw .outputTooLarge(execution.frames[parent]?.state?.name ?? "")
    }

    /// Checks that the frames of the execution may hold the output of a state. Throws `States.DataLimitExceeded`.
    func checkFrames(_ frame: Frame, _ output: Payload, _ state: State) throws(StateFailure) {
        guard frame.parent != nil, output.size > frame.input.size,
            execution.frameBytes - frame.inputBytes + output.size > limits.language.frameBytes
        else { return }
        throw .outputTooLarge(state.name)
    }

    /// The item, or what ItemSelector makes of it; there `$` is the Map's own input, not the item.
    private mutating func input(
        of item: (index: Int, value: JSONValue), _ frame: Frame, _ state: State, mapInput: JSONValue
    ) throws(StateFailure) -> Payload {
        if case .map(let map) = state.body, let selector = map.itemSelector {
            let states = StatesVariable(input: frame.input.value)
            return try payload(evaluate(selector, frame, states, item: item), of: state)
        }
        guard let selector = state.parameters else { return try payload(item.value, of: state) }
        return try payload(evaluate(selector, scope(frame, input: mapInput, item: item)), of: state)
    }

    mutating func finishMap(
        _ frame: Frame, _ state: State, _ results: [JSONValue]
    ) throws(StateFailure) {
        let result = JSONValue.array(results)
        let assigned = try assigned(
            state.assign, frame, input: result, states: states(frame, state, result: result))
        let output = try output(frame, state, result: result)
        emit(.mapStateSucceeded(MapStateSucceeded()), frame: frame.id, previous: frame.lastEvent)
        try exit(frame, state, output: output, assigned: assigned)
    }

    /// Which iteration a frame is, `nil` for the execution itself and for branches.
    func iteration(of frame: Frame) -> MapIteration? {
        guard let parent = frame.parent, execution.maps[parent.frame] != nil,
            let name = execution.frames[parent.frame]?.state?.name
        else { return nil }
        return MapIteration(name: name, index: parent.index)
    }
}

extension StateFailure {
    fileprivate static func notValid(
        _ wanted: String, _ value: JSONValue, _ field: String, _ path: ReferencePath
    ) -> StateFailure {
        .runtime(
            "The \(field) field refers to value \"\(value.plainText)\" which is not a valid \(wanted): \(path.source)")
    }
}
