// java.util.Map's methods.

extension TemplateEvaluator {
    /// `nil` where a Map has no such method for those arguments.
    mutating func call(
        _ method: TemplateMethod, on map: TemplateMap, _ arguments: [TemplateValue], at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        switch arguments.count {
        case 0: return try noArgument(method, map, at: place)
        case 1: return try oneArgument(method, map, arguments[0], at: place)
        case 2: return try twoArguments(method, map, arguments[0], arguments[1], at: place)
        default: return nil
        }
    }

    private mutating func noArgument(
        _ method: TemplateMethod, _ map: TemplateMap, at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        switch method {
        case .keySet, .values: try charge(values: map.count, at: place)
        case .entrySet: try charge(values: Self.valuesOfMember * map.count, at: place)
        default: break
        }
        switch method {
        case .size: return .integer(map.count)
        case .isEmpty: return .bool(map.count == 0)
        case .keySet: return .list(TemplateList(map.keys))
        case .values: return .list(TemplateList(map.values))
        case .entrySet:
            return .list(TemplateList(zip(map.keys, map.values).map { .entry(TemplateEntry(key: $0, value: $1)) }))
        case .clear:
            map.removeAll()
            return .empty
        default: return nil
        }
    }

    private mutating func oneArgument(
        _ method: TemplateMethod, _ map: TemplateMap, _ argument: TemplateValue, at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        switch method {
        case .get:
            // Recorded on API Gateway: `$context.get("identity")` prints nothing; so does the map itself.
            return map[argument] ?? .null
        case .containsKey: return .bool(map[argument] != nil)
        case .containsValue:
            for value in map.values where try equals(value, argument) { return .bool(true) }
            return .bool(false)
        case .remove:
            // All members behind it move.
            if map[argument] != nil { try charge(map.count / 4, at: place) }
            return map.remove(argument) ?? .null
        case .putAll:
            guard case .map(let other) = argument else { return nil }
            try charge(values: Self.valuesOfMember * other.count, at: place)
            for (key, value) in zip(other.keys, other.values) { map[key] = value }
            return .empty
        default: return nil
        }
    }

    private mutating func twoArguments(
        _ method: TemplateMethod, _ map: TemplateMap, _ key: TemplateValue, _ value: TemplateValue, at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        switch method {
        case .put:
            let old = map[key]
            try charge(values: Self.valuesOfMember, at: place)
            map[key] = value
            return old ?? .null
        case .putIfAbsent:
            if let old = map[key], !old.isNull { return old }
            try charge(values: Self.valuesOfMember, at: place)
            map[key] = value
            return .null
        case .getOrDefault: return map[key] ?? value
        default: return nil
        }
    }
}
