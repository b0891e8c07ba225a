// The methods that a template may call; there is no other way into a value.

/// A method's name. Which types have it is said by their tables (`StringMethods.swift`, `ListMethods.swift`, …); a name
/// that is not here does not exist, and nothing is found by reflection.
enum TemplateMethod: String, Sendable {
    // Of all values
    case toString
    case equals
    case hashCode
    case compareTo

    // String
    case length
    case isEmpty
    case isBlank
    case charAt
    case codePointAt
    case indexOf
    case lastIndexOf
    case contains
    case startsWith
    case endsWith
    case equalsIgnoreCase
    case compareToIgnoreCase
    case concat
    case substring
    case subSequence
    case replace
    case replaceAll
    case replaceFirst
    case split
    case matches
    case toLowerCase
    case toUpperCase
    case trim
    case strip
    case `repeat`
    case format
    case valueOf
    case getBytes
    case toCharArray
    case intern

    // List, Iterator
    case size
    case get
    case set
    case add
    case addAll
    case remove
    case removeAll
    case retainAll
    case containsAll
    case subList
    case clear
    case iterator
    case toArray
    case hasNext
    case next

    // Map, Entry
    case put
    case putAll
    case putIfAbsent
    case containsKey
    case containsValue
    case keySet
    case values
    case entrySet
    case getOrDefault
    case getKey
    case getValue

    // Number, Boolean
    case intValue
    case longValue
    case shortValue
    case byteValue
    case doubleValue
    case floatValue
    case booleanValue
    case parseInt
    case parseLong
    case parseDouble
    case parseBoolean
    case isNaN
    case isInfinite
    case max
    case min
    case sum
    case toHexString
    case toBinaryString
    case toOctalString

    // $foreach
    case getIndex
    case getCount
    case isFirst
    case isLast
    case getHasNext
    case getParent
    case getTopmost

    // $input
    case body
    case json
    case path
    case params

    // $util
    case escapeJavaScript
    case parseJson
    case urlEncode
    case urlDecode
    case base64Encode
    case base64Decode

    /// The getter behind `.name`: `getName`, or `isName`.
    init?(property name: String) {
        switch name {
        case "empty": self = .isEmpty
        case "blank": self = .isBlank
        case "bytes": self = .getBytes
        case "key": self = .getKey
        case "value": self = .getValue
        default: return nil
        }
    }
}

extension TemplateMethod {
    /// Whether the type has the method without parameters.
    func isGetter(of value: TemplateValue) -> Bool {
        switch (value, self) {
        case (.null, _), (.input, _), (.util, _), (.block, _): false
        case (_, .toString), (_, .hashCode): true
        case (.string, .length), (.string, .isEmpty), (.string, .isBlank), (.string, .trim), (.string, .strip): true
        case (.string, .toLowerCase), (.string, .toUpperCase), (.string, .intern), (.string, .toCharArray): true
        case (.list, .size), (.list, .isEmpty), (.list, .clear), (.list, .iterator): true
        case (.map, .size), (.map, .isEmpty), (.map, .clear), (.map, .keySet), (.map, .values), (.map, .entrySet): true
        case (.integer, .intValue), (.integer, .longValue), (.integer, .doubleValue), (.integer, .byteValue): true
        case (.double, .intValue), (.double, .longValue), (.double, .doubleValue), (.bool, .booleanValue): true
        default: false
        }
    }
}

extension TemplateEvaluator {
    /// Calls the method; null where the type has none of that name for those arguments.
    mutating func call(
        _ method: TemplateMethod, on value: TemplateValue, _ arguments: [TemplateValue], at place: Int
    ) throws(TemplateFault) -> TemplateValue {
        try charge(at: place)
        switch (method, arguments.count) {
        case (.toString, 0): return .string(try text(of: value))
        case (.equals, 1): return .bool(try equals(value, arguments[0]))
        default: break
        }
        if let result = try dispatch(method, value, arguments, at: place) { return result }
        // Velocity 1.7 takes a method without parameters for one that fits any arguments, and then fails to call it.
        guard arguments.isEmpty || !method.isGetter(of: value) else {
            throw thrown("\(method.rawValue)() takes no arguments", at: place)
        }
        return .null
    }

    private mutating func dispatch(
        _ method: TemplateMethod, _ value: TemplateValue, _ arguments: [TemplateValue], at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        switch value {
        case .string(let text): return try call(method, on: text, arguments, at: place)
        case .list(let list): return try call(method, on: list, arguments, at: place)
        case .map(let map): return try call(method, on: map, arguments, at: place)
        case .input: return try callInput(method, arguments, at: place)
        case .util: return try callUtil(method, arguments, at: place)
        case .integer, .wide, .double, .bool: return try callNumber(method, on: value, arguments, at: place)
        case .entry(let entry): return method == .getKey ? entry.key : method == .getValue ? entry.value : nil
        case .loop(let state): return call(method, on: state, arguments)
        case .iterator(let iterator): return try call(method, on: iterator, at: place)
        case .null, .block: return nil
        }
    }

    /// What Java would have thrown.
    func thrown(_ message: String, at place: Int) -> TemplateFault {
        TemplateFault(code: .invocation, message: message, at: place)
    }

    private func call(
        _ method: TemplateMethod, on state: TemplateLoopState, _ arguments: [TemplateValue]
    ) -> TemplateValue {
        switch (method, arguments.count) {
        case (.getIndex, 0): return .integer(state.index)
        case (.getCount, 0): return .integer(state.index + 1)
        case (.hasNext, 0), (.getHasNext, 0): return .bool(state.index + 1 < state.count)
        case (.isFirst, 0): return .bool(state.index == 0)
        case (.isLast, 0): return .bool(state.index + 1 == state.count)
        case (.getParent, 0): return state.parent.map(TemplateValue.loop) ?? .null
        case (.get, 1): return state.notes[arguments[0]] ?? .null
        case (.put, 2):
            let old = state.notes[arguments[0]] ?? .null
            state.notes[arguments[0]] = arguments[1]
            return old
        default: return .null
        }
    }

    private func call(
        _ method: TemplateMethod, on iterator: TemplateIterator, at place: Int
    ) throws(TemplateFault) -> TemplateValue {
        switch method {
        case .hasNext: return .bool(iterator.next < iterator.elements.count)
        case .next:
            guard iterator.next < iterator.elements.count else { throw thrown("The iterator is at its end", at: place) }
            iterator.next += 1
            return iterator.elements[iterator.next - 1]
        default: return .null
        }
    }
}
