// java.util.List's methods, for arrays and sets as well.

extension TemplateEvaluator {
    /// `nil` where a List has no such method for those arguments.
    mutating func call(
        _ method: TemplateMethod, on list: TemplateList, _ arguments: [TemplateValue], at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        switch arguments.count {
        case 0: return try noArgument(method, list, at: place)
        case 1: return try oneArgument(method, list, arguments[0], at: place)
        case 2: return try twoArguments(method, list, arguments[0], arguments[1], at: place)
        default: return nil
        }
    }

    private mutating func noArgument(
        _ method: TemplateMethod, _ list: TemplateList, at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        switch method {
        case .size: return .integer(list.elements.count)
        case .isEmpty: return .bool(list.elements.isEmpty)
        case .iterator:
            // The list is copied once it changes.
            try charge(list.elements.count >> 5, at: place)
            return .iterator(TemplateIterator(list.elements))
        case .toArray:
            try charge(values: list.elements.count, at: place)
            return .list(TemplateList(list.elements, .array))
        case .clear:
            try growable(list, at: place)
            list.elements = []
            return .empty
        default: return nil
        }
    }

    private mutating func oneArgument(
        _ method: TemplateMethod, _ list: TemplateList, _ argument: TemplateValue, at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        switch method {
        case .get:
            guard case .integer(let index) = argument else { return nil }
            return list.elements[try check(index, list, at: place)]
        case .contains: return .bool(try index(of: argument, in: list) >= 0)
        case .indexOf: return .integer(try index(of: argument, in: list))
        case .lastIndexOf: return .integer(try lastIndex(of: argument, in: list))
        case .add:
            try grow(list, by: 1, at: place)
            list.elements.append(argument)
            return .bool(true)
        case .remove: return try remove(argument, from: list, at: place)
        default: break
        }
        guard let others = elements(of: argument) else { return nil }
        switch method {
        case .addAll:
            try grow(list, by: others.count, at: place)
            list.elements.append(contentsOf: others)
            return .bool(!others.isEmpty)
        case .containsAll:
            for other in others {
                let found = try index(of: other, in: list)
                if found < 0 { return .bool(false) }
            }
            return .bool(true)
        case .removeAll, .retainAll:
            return .bool(try filter(list, by: TemplateList(others), keep: method == .retainAll))
        default: return nil
        }
    }

    private mutating func twoArguments(
        _ method: TemplateMethod, _ list: TemplateList, _ first: TemplateValue, _ second: TemplateValue, at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        guard case .integer(let index) = first else { return nil }
        switch method {
        case .set:
            let old = list.elements[try check(index, list, at: place)]
            list.elements[index] = second
            return old
        case .add, .addAll:
            if index != list.elements.count { _ = try check(index, list, at: place) }
            let new = method == .add ? [second] : elements(of: second) ?? []
            try grow(list, by: new.count, at: place)
            // What is behind the place moves.
            try charge((list.elements.count - index) >> 5, at: place)
            list.elements.insert(contentsOf: new, at: index)
            return method == .add ? .empty : .bool(!new.isEmpty)
        case .subList:
            guard case .integer(let end) = second else { return nil }
            guard index >= 0, index <= end, end <= list.elements.count else {
                throw thrown("subList(\(index), \(end)) of a list of \(list.elements.count)", at: place)
            }
            try charge(values: end - index, at: place)
            return .list(TemplateList(Array(list.elements[index..<end])))
        default: return nil
        }
    }

    // MARK: - Pieces

    private func check(_ index: Int, _ list: TemplateList, at place: Int) throws(TemplateFault) -> Int {
        guard list.elements.indices.contains(index) else {
            throw thrown("Index \(index) out of bounds for length \(list.elements.count)", at: place)
        }
        return index
    }

    private func growable(_ list: TemplateList, at place: Int) throws(TemplateFault) {
        guard list.kind != .array else { throw thrown("An array keeps its length", at: place) }
    }

    private mutating func grow(_ list: TemplateList, by count: Int, at place: Int) throws(TemplateFault) {
        try growable(list, at: place)
        try charge(values: count, at: place)
    }

    private mutating func index(of value: TemplateValue, in list: TemplateList) throws(TemplateFault) -> Int {
        for (index, element) in list.elements.enumerated() where try equals(element, value) { return index }
        return -1
    }

    private mutating func lastIndex(of value: TemplateValue, in list: TemplateList) throws(TemplateFault) -> Int {
        for index in list.elements.indices.reversed() where try equals(list.elements[index], value) { return index }
        return -1
    }

    private mutating func remove(
        _ value: TemplateValue, from list: TemplateList, at place: Int
    ) throws(TemplateFault) -> TemplateValue {
        try growable(list, at: place)
        try charge(list.elements.count >> 5, at: place)
        if case .integer(let index) = value { return list.elements.remove(at: try check(index, list, at: place)) }
        let found = try index(of: value, in: list)
        if found >= 0 { list.elements.remove(at: found) }
        return .bool(found >= 0)
    }

    private mutating func filter(
        _ list: TemplateList, by others: TemplateList, keep: Bool
    ) throws(TemplateFault) -> Bool {
        var rest: [TemplateValue] = []
        for element in list.elements {
            let found = try index(of: element, in: others)
            if (found >= 0) == keep { rest.append(element) }
        }
        defer { list.elements = rest }
        return rest.count != list.elements.count
    }
}
