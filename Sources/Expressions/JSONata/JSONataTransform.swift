// Transforms, `value ~> |pattern|update, delete|`: a copy of the value in which matched objects have other members.
//
// The reference implementation changes the objects of the copy while it evaluates. Here a value never changes once an
// expression can see it: how deep it nests would have to be counted anew in all that holds it, and it could come to
// hold itself. So changes are collected, and the result is made of them when all updates are known. It is what the
// reference makes, but for objects outside of the copy that the pattern finds in a variable: these stay as they are.

struct JSONataTransform {
    typealias Value = JSONataValue

    /// What an update and a deletion do to one object.
    private struct Change {
        var members: [(key: String, value: Value)]
        var deleted: [String]
    }

    /// What one pass over the result has found for each object and array; those that it is inside of are open.
    private struct Walk {
        var made: [ObjectIdentifier: Value] = [:]
        var unchanged: Set<ObjectIdentifier> = []
        var open: Set<ObjectIdentifier> = []
    }

    private let evaluator: JSONataEvaluator
    private let node: JSONataNode
    private let frame: JSONataEvaluator.Frame
    /// The objects of the copy, numbered in the order of the document.
    private var numbers: [ObjectIdentifier: Int] = [:]
    private var changes: [ObjectIdentifier: [Change]] = [:]
    /// The highest number of an object that has changes.
    private var lastChanged = -1

    init(_ node: JSONataNode, _ frame: JSONataEvaluator.Frame, _ evaluator: JSONataEvaluator) {
        self.node = node
        self.frame = frame
        self.evaluator = evaluator
    }

    /// Returns the transformed copy of a value, undefined for undefined.
    mutating func apply(to value: Value) throws(JSONataError) -> Value {
        if value.isUndefined { return value }
        let copy = try copied(value)
        let matches = try evaluator.evaluate(node.nodes[0], copy, frame)
        if matches.isUndefined { return copy }
        for match in matches.elements ?? [matches] {
            guard case .object(let object) = match, let number = numbers[ObjectIdentifier(object)] else { continue }
            // Objects that come later in the document have no changes yet, as a rule, and this one none either.
            let view = lastChanged < number ? match : try changed(match)
            let members = try update(of: view)
            let deleted = try deletions(of: view, with: members)
            if members.isEmpty && deleted.isEmpty { continue }
            changes[ObjectIdentifier(object), default: []].append(Change(members: members, deleted: deleted))
            lastChanged = max(lastChanged, number)
        }
        return changes.isEmpty ? copy : try changed(copy)
    }

    private func update(of match: Value) throws(JSONataError) -> [(key: String, value: Value)] {
        let update = try evaluator.evaluate(node.nodes[1], match, frame)
        if update.isUndefined { return [] }
        guard let members = try evaluator.members(of: update) else {
            throw JSONataError(
                code: "T2011",
                message:
                    "The insert/update clause of the transform expression must evaluate to an object: \(update.brief)",
                position: node.nodes[1].position, value: update.shownJSON)
        }
        return members
    }

    /// The names to delete. The clause sees the object as the update has made it.
    private func deletions(
        of match: Value, with members: [(key: String, value: Value)]
    ) throws(JSONataError) -> [String] {
        guard node.nodes.count > 2 else { return [] }
        var updated = match
        if !members.isEmpty, case .object(let object) = match {
            updated = .object(try self.updated(object, by: [Change(members: members, deleted: [])]))
        }
        let deletions = try evaluator.evaluate(node.nodes[2], updated, frame)
        if deletions.isUndefined { return [] }
        var names: [String] = []
        for deletion in deletions.elements ?? [deletions] {
            guard let name = deletion.text else {
                throw JSONataError(
                    code: "T2012",
                    message:
                        "The delete clause of the transform expression must evaluate to a string or array of strings: \(deletions.brief)",
                    position: node.nodes[2].position, value: deletions.shownJSON)
            }
            names.append(name)
        }
        return names
    }

    // MARK: - The copy

    /// Returns a deep copy, whose objects are numbered by their identity.
    private mutating func copied(_ value: Value) throws(JSONataError) -> Value {
        try evaluator.charge(16, steps: 1)
        try evaluator.nested()
        defer { evaluator.unnested() }
        if let elements = try evaluator.elements(of: value) {
            var items: [Value] = []
            for element in elements { items.append(try copied(element)) }
            return .array(JSONataArray(items))
        }
        if let members = try evaluator.members(of: value) {
            try evaluator.charge(bytes: EvaluationBudget.memberBytes * (members.count + 2))
            let object = JSONataObject()
            numbers[ObjectIdentifier(object)] = numbers.count
            for (key, value) in members { object[key] = try copied(value) }
            return .object(object)
        }
        return value
    }

    // MARK: - The result

    /// The value with all changes so far.
    private func changed(_ value: Value) throws(JSONataError) -> Value {
        var walk = Walk()
        return try changed(value, &walk) ?? value
    }

    /// The value with all changes so far, `nil` if there is none in it.
    private func changed(_ value: Value, _ walk: inout Walk) throws(JSONataError) -> Value? {
        let identity: ObjectIdentifier
        switch value {
        case .object(let object): identity = ObjectIdentifier(object)
        case .array(let array): identity = ObjectIdentifier(array)
        case .tuples(let stream): return try changed(.array(stream.tuples.map(\.value)), &walk)
        case .undefined, .null, .bool, .int, .number, .literal, .string, .documentArray, .documentObject, .function,
            .regex:
            return nil
        }
        if let made = walk.made[identity] { return made }
        if walk.unchanged.contains(identity) { return nil }
        guard walk.open.insert(identity).inserted else {
            throw JSONataError(
                code: "U1004",
                message: "Expression evaluation nesting limit exceeded: a transform puts an object into itself",
                position: node.nodes[1].position)
        }
        try evaluator.nested()
        defer { evaluator.unnested() }
        let result =
            switch value {
            case .object(let object): try changed(object, &walk)
            case .array(let array): try changed(array, &walk)
            default: Value?.none
            }
        walk.open.remove(identity)
        if let result { walk.made[identity] = result } else { walk.unchanged.insert(identity) }
        return result
    }

    private func changed(_ object: JSONataObject, _ walk: inout Walk) throws(JSONataError) -> Value? {
        let changes = changes[ObjectIdentifier(object)] ?? []
        var isChanged = !changes.isEmpty
        let result = try updated(object, by: changes)
        for (key, value) in zip(result.keys, result.values) {
            guard let changed = try changed(value, &walk) else { continue }
            result[key] = changed
            isChanged = true
        }
        return isChanged ? .object(result) : nil
    }

    private func updated(_ object: JSONataObject, by changes: [Change]) throws(JSONataError) -> JSONataObject {
        try evaluator.charge(bytes: EvaluationBudget.memberBytes * (object.count + 2), steps: 1 + object.count / 4)
        let result = JSONataObject(capacity: object.count)
        for (key, value) in zip(object.keys, object.values) { result[key] = value }
        for change in changes {
            try evaluator.charge(
                bytes: EvaluationBudget.memberBytes * change.members.count,
                steps: change.members.count + change.deleted.count)
            for (key, value) in change.members { result[key] = value }
            for name in change.deleted { result.remove(name) }
        }
        return result
    }

    private func changed(_ array: JSONataArray, _ walk: inout Walk) throws(JSONataError) -> Value? {
        try evaluator.charge(
            bytes: EvaluationBudget.elementBytes * (array.items.count + 2), steps: 1 + array.items.count / 4)
        var isChanged = false
        var items = array.items
        for (place, item) in array.items.enumerated() {
            guard let changed = try changed(item, &walk) else { continue }
            items[place] = changed
            isChanged = true
        }
        guard isChanged else { return nil }
        let result = JSONataArray(items, isSequence: array.isSequence)
        result.keepsSingleton = array.keepsSingleton
        result.isConstructed = array.isConstructed
        result.isOuterWrapper = array.isOuterWrapper
        return .array(result)
    }
}
