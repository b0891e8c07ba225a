// Paths: steps, filters, tuples, grouping and sorting.

import JSON

extension JSONataEvaluator {
    func path(_ node: Node, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        var value = input
        var first = 0
        // Names from object to object: the way of most paths, and of most of each.
        while first < node.nodes.count, value.isObject, node.nodes[first].isPlainName {
            value = value.member(node.nodes[first].text)
            first += 1
            if node.nodes[first - 1].nameSteps > 0 { try charge(0, steps: node.nodes[first - 1].nameSteps) }
        }
        if first > 0 {
            try charge(0, steps: first)
            let isOver = first == node.nodes.count || value.isUndefined
            if isOver, node.group == nil, !node.keepsSingleton, !node.isTuple { return value }
        }
        return try path(node, from: first, value, frame)
    }

    private func path(_ node: Node, from first: Int, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        var items: [Value]
        if input.isArray, node.nodes[0].kind != .variable || first > 0, let elements = try elements(of: input) {
            items = elements
        } else {
            items = first > 0 && input.isUndefined ? [] : [input]
        }
        var result = StepResult(first > 0 ? items : [], isSequence: !(first == node.nodes.count && input.isArray))
        var tuples: JSONataTuples?
        var isTupleStream = false
        for place in first..<node.nodes.count {
            let step = node.nodes[place]
            if step.isTuple { isTupleStream = true }
            if place == 0, step.isArrayConstructor {
                let value = try evaluate(step, .array(JSONataArray(items, isSequence: true)), frame)
                result = stepResult(value)
            } else if isTupleStream {
                tuples = try tupleStep(step, items, tuples, frame)
            } else {
                result = try self.step(step, items, frame, isLast: place == node.nodes.count - 1)
            }
            if !isTupleStream, result.items.isEmpty { break }
            if step.focus == nil { items = result.items }
        }
        if isTupleStream {
            let stream = tuples ?? JSONataTuples()
            if node.isTuple {
                return try grouped(node, .tuples(stream), stream, frame)
            }
            result = StepResult(stream.tuples.map(\.value))
        }
        if let value = collapsed(result, of: node) { return value }
        return try grouped(node, .array(node.keepsSingleton ? keeping(result) : result.array), tuples, frame)
    }

    /// Where nothing else is done with a sequence of at most one, what it would collapse to: no array is made for it.
    private func collapsed(_ result: StepResult, of node: Node) -> Value? {
        guard result.made == nil, result.isSequence, result.items.count < 2, node.group == nil, !node.keepsSingleton,
            !node.keepsArray, node.predicates.isEmpty
        else { return nil }
        guard let only = result.items.first else { return .undefined }
        // An array would be looked at once more.
        if case .array = only { return nil }
        return only
    }

    /// The array of a path with `[]`.
    private func keeping(_ result: StepResult) -> JSONataArray {
        var array = result.array
        if array.isConstructed, !array.isSequence {
            array = JSONataArray([.array(array)], isSequence: true)
        } else if !array.isSequence {
            array = JSONataArray(array.items)
        }
        array.keepsSingleton = true
        return array
    }

    private func grouped(
        _ node: Node, _ value: Value, _ tuples: JSONataTuples?, _ frame: Frame
    ) throws(JSONataError) -> Value {
        guard let group = node.group else { return value }
        return try self.group(group, tuples.map { .tuples($0) } ?? value, frame)
    }

    /// What a step gives to the next one. An array is made of it at the end of the path alone.
    private struct StepResult {
        var items: [Value]
        var isSequence: Bool
        /// The array that it is already.
        var made: JSONataArray?

        init(_ items: [Value], isSequence: Bool = true) {
            self.items = items
            self.isSequence = isSequence
        }

        init(_ array: JSONataArray) {
            items = array.items
            isSequence = array.isSequence
            made = array
        }

        var array: JSONataArray { made ?? JSONataArray(items, isSequence: isSequence) }
    }

    private func stepResult(_ value: Value) -> StepResult {
        if case .array(let array) = value { return StepResult(array) }
        if let elements = value.elements { return StepResult(elements, isSequence: false) }
        return StepResult(value.isUndefined ? [] : [value])
    }

    private func step(
        _ step: Node, _ items: [Value], _ frame: Frame, isLast: Bool
    ) throws(JSONataError) -> StepResult {
        if step.kind == .sort {
            let sorted = try sort(step, .array(JSONataArray(items, isSequence: true)), frame)
            var value = sorted
            for case .filter(let predicate) in step.stages { value = try filter(predicate, value, frame) }
            return stepResult(value)
        }
        let isBareName = step.kind == .name && step.predicates.isEmpty && step.group == nil && !step.keepsArray
        var flat = StepResult([])
        var count = 0
        var only = Value.undefined
        for item in items {
            var value: Value
            if isBareName, item.isObject {
                value = item.member(step.text)
                if step.nameSteps > 0 { try charge(0, steps: step.nameSteps) }
            } else {
                value = try evaluate(step, item, frame)
            }
            for case .filter(let predicate) in step.stages { value = try filter(predicate, value, frame) }
            if value.isUndefined { continue }
            count += 1
            if count == 1 { only = value }
            switch value {
            case .array(let array) where !array.isConstructed:
                try charge(elements: array.items.count)
                flat.items += array.items
            case .documentArray(let elements):
                try charge(elements: elements.count)
                flat.items += elements.lazy.map { Value($0) }
            case .tuples(let stream):
                try charge(elements: stream.tuples.count)
                flat.items += stream.tuples.lazy.map(\.value)
            default: flat.items.append(value)
            }
        }
        try charge(bytes: EvaluationBudget.elementBytes * items.count, steps: items.count)
        if isLast, count == 1 {
            switch only {
            case .array(let array) where !array.isSequence: return StepResult(array)
            case .documentArray: flat.isSequence = false
            default: break
            }
        }
        return flat
    }

    // MARK: - Filters

    func filter(_ predicate: Node, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        if case .tuples(let stream) = input { return .tuples(try filter(predicate, stream, frame)) }
        if predicate.kind == .number, let number = predicate.literal.double { return element(number, of: input) }
        let items = try list(input)
        let results = JSONataArray([], isSequence: true)
        for (index, item) in items.enumerated() {
            let value = try evaluate(predicate, item, frame)
            if try selects(value, index, items.count) {
                try charge(bytes: EvaluationBudget.elementBytes)
                results.push(item)
            }
        }
        return .array(results)
    }

    /// What a number selects of a value, as a filter's result.
    private func element(_ number: Double, of input: Value) -> Value {
        var element: Value?
        switch input {
        case .undefined: break
        case .array(let array): if let place = Self.place(number, array.items.count) { element = array.items[place] }
        case .documentArray(let elements):
            if let place = Self.place(number, elements.count) { element = Value(elements[place]) }
        default: if Self.place(number, 1) != nil { element = input }
        }
        guard let element else { return .array(Value.sequence()) }
        switch element {
        // The element is itself an array: it takes the place of the result.
        case .array: return element
        case .documentArray, .tuples: return .array(JSONataArray(element.elements ?? []))
        default: return .array(Value.sequence([element]))
        }
    }

    private func filter(
        _ predicate: Node, _ stream: JSONataTuples, _ frame: Frame
    ) throws(JSONataError) -> JSONataTuples {
        let results = JSONataTuples()
        if predicate.kind == .number, let number = predicate.literal.double {
            if let place = Self.place(number, stream.tuples.count) { results.tuples.append(stream.tuples[place]) }
            return results
        }
        for (index, tuple) in stream.tuples.enumerated() {
            let value = try evaluate(predicate, tuple.value, self.frame(frame, tuple))
            if try selects(value, index, stream.tuples.count) { results.tuples.append(tuple) }
        }
        return results
    }

    /// The element that a number selects, counted from the end where it is negative.
    private static func place(_ number: Double, _ count: Int) -> Int? {
        guard let floor = Int(exactly: number.rounded(.down)) else { return nil }
        let place = floor < 0 ? count + floor : floor
        return (0..<count).contains(place) ? place : nil
    }

    private func selects(_ value: Value, _ index: Int, _ count: Int) throws(JSONataError) -> Bool {
        if let number = try double(value) { return Self.place(number, count) == index }
        if let length = value.count, length > 0 {
            try charge(0, steps: length >> 2)
            if (0..<length).allSatisfy({ value.element($0).isNumber }) {
                for place in 0..<length {
                    if Self.place(try double(value.element(place)) ?? 0, count) == index { return true }
                }
                return false
            }
        }
        return try isTrue(value)
    }

    // MARK: - Tuples

    func frame(_ frame: Frame, _ tuple: JSONataTuples.Tuple) -> Frame {
        Frame(frame, tuple.bindings)
    }

    private func tupleStep(
        _ step: Node, _ items: [Value], _ stream: JSONataTuples?, _ frame: Frame
    ) throws(JSONataError) -> JSONataTuples {
        let input = stream?.tuples ?? items.map { JSONataTuples.Tuple(value: $0, bindings: []) }
        if step.kind == .sort { return try sortedTuples(step, input, stream != nil, frame) }
        let result = JSONataTuples()
        for tuple in input {
            let value = try evaluate(step, tuple.value, self.frame(frame, tuple))
            if value.isUndefined { continue }
            try append(value, of: step, from: tuple, to: result)
        }
        return try stages(step, result, frame)
    }

    private func append(
        _ value: Value, of step: Node, from tuple: JSONataTuples.Tuple, to result: JSONataTuples
    ) throws(JSONataError) {
        if case .tuples(let inner) = value {
            let bytes = 64 + EvaluationBudget.elementBytes * (tuple.bindings.count + 1)
            try charge(bytes: 2 * bytes * inner.tuples.count, steps: inner.tuples.count)
            for innerTuple in inner.tuples {
                var next = tuple
                for (symbol, value) in innerTuple.bindings { next.bind(symbol, value) }
                next.value = innerTuple.value
                result.tuples.append(next)
            }
            return
        }
        let elements = try elements(of: value) ?? [value]
        // Each tuple has bindings of its own.
        let bytes = 64 + EvaluationBudget.elementBytes * (tuple.bindings.count + 1)
        try charge(memory: 8 * elements.count, bytes: bytes * elements.count, steps: elements.count)
        for (index, element) in elements.enumerated() {
            var next = tuple
            if let focus = step.focus { next.bind(focus, element) } else { next.value = element }
            if let symbol = step.index { next.bind(symbol, .int(index)) }
            if let ancestor = step.ancestor { next.bind(ancestor, tuple.value) }
            result.tuples.append(next)
        }
    }

    private func stages(
        _ step: Node, _ stream: JSONataTuples, _ frame: Frame
    ) throws(JSONataError) -> JSONataTuples {
        var stream = stream
        for stage in step.stages {
            switch stage {
            case .filter(let predicate): stream = try filter(predicate, stream, frame)
            case .index(let symbol):
                for index in stream.tuples.indices { stream.tuples[index].bind(symbol, .int(index)) }
            }
        }
        return stream
    }

    private func sortedTuples(
        _ step: Node, _ input: [JSONataTuples.Tuple], _ isStream: Bool, _ frame: Frame
    ) throws(JSONataError) -> JSONataTuples {
        let sorted = try order(step, input, frame) { isStream ? self.frame(frame, $0) : frame }
        let result = JSONataTuples(sorted)
        if let symbol = step.index {
            for index in result.tuples.indices { result.tuples[index].bind(symbol, .int(index)) }
        }
        return try stages(step, result, frame)
    }

    // MARK: - Sorting

    func sort(_ node: Node, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        let items = try elements(of: input) ?? [input]
        try charge(bytes: 2 * EvaluationBudget.elementBytes * items.count)
        let sorted = try order(node, items.map { JSONataTuples.Tuple(value: $0, bindings: []) }, frame) { _ in frame }
        return .array(JSONataArray(sorted.map(\.value), isSequence: true))
    }

    private func order(
        _ node: Node, _ items: [JSONataTuples.Tuple], _ frame: Frame, _ frameOf: (JSONataTuples.Tuple) -> Frame
    ) throws(JSONataError) -> [JSONataTuples.Tuple] {
        try mergeSorted(items) { (left, right) throws(JSONataError) in
            for term in node.terms {
                let a = try self.evaluate(term.expression, left.value, frameOf(left))
                let b = try self.evaluate(term.expression, right.value, frameOf(right))
                let order = try self.compare(a, b, node.position)
                if order != 0 { return (term.isDescending ? -order : order) > 0 }
            }
            return false
        }
    }

    /// Undefined comes last.
    private func compare(_ a: Value, _ b: Value, _ position: Int) throws(JSONataError) -> Int {
        if a.isUndefined { return b.isUndefined ? 0 : 1 }
        if b.isUndefined { return -1 }
        guard a.isNumber || a.text != nil, b.isNumber || b.text != nil else {
            throw JSONataError(
                code: "T2008",
                message: "The expressions within an order-by clause must evaluate to numeric or string values",
                position: position, value: (a.isNumber || a.text != nil ? b : a).shownJSON)
        }
        if let a = try double(a), let b = try double(b) { return a == b ? 0 : a < b ? -1 : 1 }
        if let a = a.text, let b = b.text {
            try charge(0, steps: min(a.utf8.count, b.utf8.count) >> 6)
            return a.hasSameUnits(as: b) ? 0 : a.precedesInUTF16(b) ? -1 : 1
        }
        throw JSONataError(
            code: "T2007",
            message: "Type mismatch when comparing values \(a.brief) and \(b.brief) in order-by clause",
            position: position, value: a.shownJSON)
    }

    /// Stable; `isAfter` says whether the left element belongs behind the right one.
    func mergeSorted<Element>(
        _ items: [Element], _ isAfter: (Element, Element) throws(JSONataError) -> Bool
    ) throws(JSONataError) -> [Element] {
        guard items.count > 1 else { return items }
        try charge(bytes: 3 * MemoryLayout<Element>.stride, steps: 1)
        let middle = items.count / 2
        let left = try mergeSorted(Array(items[..<middle]), isAfter)
        let right = try mergeSorted(Array(items[middle...]), isAfter)
        var result: [Element] = []
        result.reserveCapacity(items.count)
        var (i, j) = (0, 0)
        while i < left.count, j < right.count {
            try charge(0, steps: 1)
            if try isAfter(left[i], right[j]) {
                result.append(right[j])
                j += 1
            } else {
                result.append(left[i])
                i += 1
            }
        }
        result += left[i...]
        result += right[j...]
        return result
    }

    // MARK: - Grouping

    private struct Group {
        var key: String
        var pair: Int
        var items: [JSONataTuples.Tuple]
    }

    /// `{key: value, …}` over the items of the input: one member for each key, its value over all items of that key.
    func group(_ node: Node, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        let isStream: Bool
        var items: [JSONataTuples.Tuple]
        if case .tuples(let stream) = input {
            isStream = true
            items = stream.tuples
        } else {
            guard let elements = try elements(of: input) else { return try object(node, input, frame) }
            if elements.count < 2 { return try object(node, elements.first ?? .undefined, frame) }
            isStream = false
            // A group is made for each item, if all of them are different.
            try charge(bytes: 4 * EvaluationBudget.memberBytes * elements.count, steps: elements.count)
            items = elements.map { JSONataTuples.Tuple(value: $0, bindings: []) }
        }
        if items.isEmpty { items = [JSONataTuples.Tuple(value: .undefined, bindings: [])] }
        let groups = try self.groups(node, items, isStream, frame)
        let result = JSONataObject()
        for group in groups {
            let (context, inner) = try reduced(group.items, isStream, frame)
            let value = try evaluate(node.pairs[group.pair].value, context, inner)
            if !value.isUndefined { result[group.key] = value }
        }
        try charge(32 * groups.count)
        return .object(result)
    }

    /// The members of an object constructor over one item.
    private func object(_ node: Node, _ item: Value, _ frame: Frame) throws(JSONataError) -> Value {
        try charge(memory: 32 * node.pairs.count, bytes: 128 + EvaluationBudget.memberBytes * node.pairs.count)
        let result = JSONataObject(capacity: node.pairs.count)
        for pair in node.pairs {
            let value = try evaluate(pair.key, item, frame)
            if value.isUndefined { continue }
            guard let key = value.text else { throw Self.noKey(value, node) }
            let member = try evaluate(pair.value, item, frame)
            if member.isUndefined { continue }
            guard result[key].isUndefined else { throw Self.sameKey(value, node) }
            result[key] = member
        }
        return .object(result)
    }

    private static func noKey(_ value: Value, _ node: Node) -> JSONataError {
        JSONataError(
            code: "T1003", message: "Key in object structure must evaluate to a string; got: \(value.brief)",
            position: node.position, value: value.shownJSON)
    }

    private static func sameKey(_ value: Value, _ node: Node) -> JSONataError {
        JSONataError(
            code: "D1009", message: "Multiple key definitions evaluate to same key: \(value.brief)",
            position: node.position, value: value.shownJSON)
    }

    private func groups(
        _ node: Node, _ items: [JSONataTuples.Tuple], _ isStream: Bool, _ frame: Frame
    ) throws(JSONataError) -> [Group] {
        var groups: [Group] = []
        var places: [CodeUnits: Int] = [:]
        for item in items {
            let inner = isStream ? self.frame(frame, item) : frame
            for (index, pair) in node.pairs.enumerated() {
                let value = try evaluate(pair.key, item.value, inner)
                if value.isUndefined { continue }
                guard let key = value.text else {
                    throw Self.noKey(value, node)
                }
                try charge(0, steps: key.utf8.count >> 6)
                guard let place = places[CodeUnits(key)] else {
                    places[CodeUnits(key)] = groups.count
                    groups.append(Group(key: key, pair: index, items: [item]))
                    continue
                }
                guard groups[place].pair == index else {
                    throw Self.sameKey(value, node)
                }
                groups[place].items.append(item)
            }
        }
        return groups
    }

    /// What the value of a group is evaluated over: its item, or all of them as a sequence.
    private func reduced(
        _ items: [JSONataTuples.Tuple], _ isStream: Bool, _ frame: Frame
    ) throws(JSONataError) -> (Value, Frame) {
        if items.count == 1 { return (items[0].value, isStream ? self.frame(frame, items[0]) : frame) }
        var context: [Value] = []
        for item in items {
            try charge(elements: 1 + item.value.listCount)
            context += item.value.list
        }
        let value = Value.array(JSONataArray(context, isSequence: true))
        guard isStream else { return (value, frame) }
        var bindings: [(symbol: Int, value: Value)] = []
        for symbol in Set(items.flatMap { $0.bindings.map(\.symbol) }) {
            var bound: [Value] = []
            for item in items {
                guard let value = item.bindings.first(where: { $0.symbol == symbol })?.value else { continue }
                try charge(bytes: EvaluationBudget.elementBytes * value.listCount, steps: 1 + value.listCount >> 4)
                bound += value.list
            }
            bindings.append((symbol, bound.count == 1 ? bound[0] : .array(JSONataArray(bound, isSequence: true))))
        }
        return (value, Frame(frame, bindings))
    }
}
