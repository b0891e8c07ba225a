// Functions of arrays and objects.

import JSON

extension JSONataLibrary {
    static let arrays: [Function] = [
        entry("append", "<xx:a>") { (evaluator, arguments, _) throws(JSONataError) in
            if arguments[0].isUndefined { return arguments[1] }
            if arguments[1].isUndefined { return arguments[0] }
            let count = arguments[0].listCount + arguments[1].listCount
            try evaluator.charge(8 * count, steps: count)
            let items = arguments[0].list + arguments[1].list
            return .array(JSONataArray(items, isSequence: !arguments[0].isArray))
        },
        entry("reverse", "<a:a>") { (evaluator, arguments, _) throws(JSONataError) in
            if arguments[0].isUndefined { return .undefined }
            try evaluator.charge(8 * arguments[0].listCount, steps: arguments[0].listCount)
            return .array(Array(arguments[0].list.reversed()))
        },
        entry("shuffle", "<a:a>") { (evaluator, arguments, _) throws(JSONataError) in
            if arguments[0].isUndefined { return .undefined }
            try evaluator.charge(8 * arguments[0].listCount, steps: arguments[0].listCount)
            var items = arguments[0].list
            items.shuffle(using: &evaluator.chance)
            return .array(items)
        },
        entry("distinct", "<x:x>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let count = arguments[0].count, count > 1 else { return arguments[0] }
            let items = try distinct(evaluator, try evaluator.list(arguments[0]))
            return .array(JSONataArray(items, isSequence: isSequence(arguments[0])))
        },
        entry("zip", "<a+>") { (evaluator, arguments, _) throws(JSONataError) in
            let count = arguments.map(\.listCount).min() ?? 0
            try evaluator.charge(8 * count * arguments.count, steps: count * arguments.count)
            try evaluator.charge(elements: 4 * count)
            var lists: [[Value]] = []
            for argument in arguments { lists.append(try evaluator.list(argument)) }
            let rows = lists
            return .array((0..<count).map { index in .array(rows.map { $0[index] }) })
        },
        entry("sort", "<af?:a>") { (evaluator, arguments, _) throws(JSONataError) in try sort(evaluator, arguments) },
    ]

    private static func isSequence(_ value: Value) -> Bool {
        if case .array(let array) = value { array.isSequence } else { false }
    }

    private static func distinct(_ evaluator: JSONataEvaluator, _ items: [Value]) throws(JSONataError) -> [Value] {
        var known: [Int: [Int]] = [:]
        var result: [Value] = []
        for item in items {
            try evaluator.charge(8, steps: 1)
            let hash = try evaluator.hash(of: item)
            guard let places = known[hash] else {
                // A place in the table.
                try evaluator.charge(bytes: 96)
                known[hash] = [result.count]
                result.append(item)
                continue
            }
            var isKnown = false
            for place in places where try evaluator.areEqual(result[place], item) {
                isKnown = true
                break
            }
            if isKnown { continue }
            known[hash, default: []].append(result.count)
            result.append(item)
        }
        return result
    }

    private static func sort(_ evaluator: JSONataEvaluator, _ arguments: [Value]) throws(JSONataError) -> Value {
        if arguments[0].isUndefined { return .undefined }
        let items = try evaluator.list(arguments[0])
        if items.count < 2 { return .array(JSONataArray(items)) }
        if arguments.count > 1, arguments[1].isFunction {
            let sorted = try evaluator.mergeSorted(items) { (left, right) throws(JSONataError) in
                try evaluator.isTrue(evaluator.apply(arguments[1], [left, right], .undefined))
            }
            return .array(sorted)
        }
        if items.allSatisfy(\.isNumber) {
            return .array(
                try evaluator.mergeSorted(items) { (left, right) throws(JSONataError) in
                    (try evaluator.double(left) ?? 0) > (try evaluator.double(right) ?? 0)
                })
        }
        if items.allSatisfy({ $0.text != nil }) {
            return .array(
                try evaluator.mergeSorted(items) { (left, right) throws(JSONataError) in
                    try evaluator.precedes(right.text ?? "", left.text ?? "")
                })
        }
        throw JSONataError(
            code: "D3070",
            message:
                "The single argument form of the sort function can only be applied to an array of strings or an array of numbers.  Use the second argument to specify a comparison function"
        )
    }

    // MARK: - Objects

    static let objects: [Function] = [
        entry("keys", "<x-:a<s>>") { (evaluator, arguments, _) throws(JSONataError) in
            var found: [String] = []
            var seen: Set<CodeUnits> = []
            try keys(evaluator, arguments[0], &found, &seen)
            return .array(JSONataArray(found.map { .string($0) }, isSequence: true))
        },
        entry("lookup", "<x-s:x>") { (evaluator, arguments, _) throws(JSONataError) in
            try evaluator.name(arguments[1].text ?? "", of: arguments[0])
        },
        entry("spread", "<x-:a<o>>") { (evaluator, arguments, _) throws(JSONataError) in
            guard arguments[0].isArray || arguments[0].isObject else { return arguments[0] }
            let result = Value.sequence()
            for item in try evaluator.list(arguments[0]) {
                guard let members = try evaluator.members(of: item) else {
                    result.push(item)
                    continue
                }
                try evaluator.charge(32 * members.count, steps: members.count)
                try evaluator.charge(elements: 4 * members.count)
                for (key, value) in members { result.push(.object(JSONataObject([(key, value)]))) }
            }
            return .array(result)
        },
        entry("merge", "<a<o>:o>") { (evaluator, arguments, _) throws(JSONataError) in
            if arguments[0].isUndefined { return .undefined }
            let result = JSONataObject()
            for item in try evaluator.list(arguments[0]) {
                for (key, value) in try evaluator.members(of: item) ?? [] {
                    try evaluator.charge(16, steps: 1 + key.utf8.count >> 6)
                    result[key] = value
                }
            }
            return .object(result)
        },
        entry("each", "<o-f:a>") { (evaluator, arguments, _) throws(JSONataError) in
            let result = Value.sequence()
            for (key, value) in try evaluator.members(of: arguments[0]) ?? [] {
                try evaluator.charge(elements: 2)
                let given = given(value, .string(key), arguments)
                let made = try evaluator.apply(arguments[1], given, .undefined)
                if !made.isUndefined { result.push(made) }
            }
            return .array(result)
        },
        entry("sift", "<o-f?:o>") { (evaluator, arguments, _) throws(JSONataError) in
            let result = JSONataObject()
            for (key, value) in try evaluator.members(of: arguments[0]) ?? [] {
                let given = given(value, .string(key), arguments)
                try evaluator.charge(bytes: EvaluationBudget.memberBytes, steps: key.utf8.count >> 6)
                if try evaluator.isTrue(evaluator.apply(arguments[1], given, .undefined)) { result[key] = value }
            }
            return result.count == 0 ? .undefined : .object(result)
        },
        entry("type", "<x:s>") { (_, arguments, _) throws(JSONataError) in
            arguments[0].typeName.map { .string($0) } ?? .undefined
        },
        entry("clone", "<(oa)-:o>") { (evaluator, arguments, _) throws(JSONataError) in
            try evaluator.json(arguments[0]).map { Value($0) } ?? .undefined
        },
    ]

    private static func keys(
        _ evaluator: JSONataEvaluator, _ value: Value, _ found: inout [String], _ seen: inout Set<CodeUnits>
    ) throws(JSONataError) {
        try evaluator.charge(8, steps: 1)
        if let count = value.count {
            for place in 0..<count { try keys(evaluator, value.element(place), &found, &seen) }
        } else if let members = try evaluator.members(of: value) {
            for (key, _) in members {
                try evaluator.charge(0, steps: 1 + key.utf8.count >> 6)
                guard seen.insert(CodeUnits(key)).inserted else { continue }
                try evaluator.charge(bytes: EvaluationBudget.memberBytes)
                found.append(key)
            }
        }
    }

    // MARK: - Higher-order functions

    static let higherOrder: [Function] = [
        entry("map", "<af>") { (evaluator, arguments, _) throws(JSONataError) in
            if arguments[0].isUndefined { return .undefined }
            let result = Value.sequence()
            try forEach(evaluator, arguments) { (_, made) in if !made.isUndefined { result.push(made) } }
            return .array(result)
        },
        entry("filter", "<af>") { (evaluator, arguments, _) throws(JSONataError) in
            if arguments[0].isUndefined { return .undefined }
            let result = Value.sequence()
            try forEach(evaluator, arguments) { (item, made) throws(JSONataError) in
                if try evaluator.isTrue(made) { result.push(item) }
            }
            return .array(result)
        },
        entry("single", "<af?>") { (evaluator, arguments, _) throws(JSONataError) in
            if arguments[0].isUndefined { return .undefined }
            var found: [Value] = []
            if arguments.count > 1, arguments[1].isFunction {
                try forEach(evaluator, arguments) { (item, made) throws(JSONataError) in
                    if try evaluator.isTrue(made) { found.append(item) }
                }
            } else {
                found = try evaluator.list(arguments[0])
            }
            if found.count > 1 {
                throw JSONataError(
                    code: "D3138",
                    message:
                        "The $single() function expected exactly 1 matching result.  Instead it matched more.")
            }
            guard let only = found.first else {
                throw JSONataError(
                    code: "D3139",
                    message: "The $single() function expected exactly 1 matching result.  Instead it matched 0.")
            }
            return only
        },
        entry("reduce", "<afj?:j>") { (evaluator, arguments, _) throws(JSONataError) in
            try reduce(evaluator, arguments)
        },
    ]

    private static func forEach(
        _ evaluator: JSONataEvaluator, _ arguments: [Value], _ body: (Value, Value) throws(JSONataError) -> Void
    ) throws(JSONataError) {
        for (index, item) in try evaluator.list(arguments[0]).enumerated() {
            try evaluator.charge(8, steps: 1)
            try body(item, try evaluator.apply(arguments[1], given(item, .int(index), arguments), .undefined))
        }
    }

    /// What the function of `$map` and its kin gets: an item, its place and the whole, as far as it takes them.
    private static func given(_ item: Value, _ place: Value, _ arguments: [Value]) -> [Value] {
        switch arguments[1].arity {
        case ...1: [item]
        case 2: [item, place]
        default: [item, place, arguments[0]]
        }
    }

    private static func reduce(_ evaluator: JSONataEvaluator, _ arguments: [Value]) throws(JSONataError) -> Value {
        if arguments[0].isUndefined { return .undefined }
        let function = arguments[1]
        let arity = function.arity
        guard arity >= 2 else {
            throw JSONataError(
                code: "D3050",
                message: "The second argument of reduce function must be a function with at least two arguments")
        }
        var items = try evaluator.list(arguments[0])[...]
        var index = 0
        var result: Value
        if arguments.count > 2, !arguments[2].isUndefined {
            result = arguments[2]
        } else {
            guard let first = items.popFirst() else { return .undefined }
            result = first
            index = 1
        }
        for item in items {
            try evaluator.charge(8, steps: 1)
            var given = [result, item]
            if arity >= 3 { given += [.int(index), arguments[0]].prefix(arity - 2) }
            result = try evaluator.apply(function, given, .undefined)
            index += 1
        }
        return result
    }
}
