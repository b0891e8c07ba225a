// The values of a render: Java's, as far as a template can see them.

/// A value while a template renders. Lists and maps are shared, as Java's are: what `#set` puts into one shows wherever
/// the same one is seen.
enum TemplateValue {
    case null
    case bool(Bool)
    /// An Integer or a Long: which one is told by the size.
    case integer(Int)
    /// A BigInteger beyond 64 bits.
    case wide(Int128)
    case double(Double)
    case string(String)
    case list(TemplateList)
    case map(TemplateMap)
    case entry(TemplateEntry)
    case iterator(TemplateIterator)
    case loop(TemplateLoopState)
    case block(TemplateBlock)
    case input
    case util
}

extension TemplateValue {
    var isNull: Bool { if case .null = self { true } else { false } }

    static var empty: TemplateValue { .string("") }
}

/// A list, an array or a set.
final class TemplateList {
    enum Kind {
        /// A list that a template made; its text is Java's.
        case java
        /// A list that came out of JSON; its text is JSON.
        case json
        /// An array, as `split` gives; it cannot grow.
        case array
    }

    var elements: [TemplateValue]
    let kind: Kind

    init(_ elements: [TemplateValue], _ kind: Kind = .java) {
        self.elements = elements
        self.kind = kind
    }
}

/// One of `map.entrySet()`.
final class TemplateEntry {
    let key: TemplateValue
    let value: TemplateValue

    init(key: TemplateValue, value: TemplateValue) {
        self.key = key
        self.value = value
    }
}

/// What `list.iterator()` gives.
final class TemplateIterator {
    let elements: [TemplateValue]
    var next = 0

    init(_ elements: [TemplateValue]) { self.elements = elements }
}

/// What `$foreach` shows of the loop that runs.
final class TemplateLoopState {
    let count: Int
    var index = 0
    let parent: TemplateLoopState?
    /// What a template has put into it.
    let notes = TemplateMap()

    init(count: Int, parent: TemplateLoopState?) {
        self.count = count
        self.parent = parent
    }
}

/// A `#define`d block, or the content of a block macro's call: rendered anew wherever it is printed.
final class TemplateBlock {
    let name: String
    let body: [TemplateNode]
    /// The macro call in whose names it renders, `nil` for the template's own.
    let frame: TemplateFrame?
    /// How often it is inside itself now.
    var depth = 0

    init(name: String, body: [TemplateNode], frame: TemplateFrame?) {
        self.name = name
        self.body = body
        self.frame = frame
    }
}

/// The arguments of a macro call, by name: each is evaluated in the caller's frame whenever it is looked at.
final class TemplateFrame {
    enum Argument {
        case expression(TemplateExpression)
        case value(TemplateValue)
    }

    var arguments: [Int: Argument]
    let caller: TemplateFrame?

    init(arguments: [Int: Argument], caller: TemplateFrame?) {
        self.arguments = arguments
        self.caller = caller
    }
}

/// The key of a map: `1` and `'1'` are two.
enum TemplateKey: Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    case wide(Int128)
    case double(Double)
    case string(String)
    case other(ObjectIdentifier)

    init(_ value: TemplateValue) {
        self =
            switch value {
            case .bool(let flag): .bool(flag)
            case .integer(let number): .integer(number)
            case .wide(let number): .wide(number)
            case .double(let number): .double(number)
            case .string(let text): .string(text)
            case .list(let list): .other(ObjectIdentifier(list))
            case .map(let map): .other(ObjectIdentifier(map))
            case .block(let block): .other(ObjectIdentifier(block))
            case .loop(let state): .other(ObjectIdentifier(state))
            case .iterator(let iterator): .other(ObjectIdentifier(iterator))
            case .null, .entry, .input, .util: .null
            }
    }
}

/// A map that keeps the order in which its keys came (Java's LinkedHashMap).
final class TemplateMap {
    private(set) var keys: [TemplateValue] = []
    private(set) var values: [TemplateValue] = []
    private var places: [TemplateKey: Int] = [:]
    /// `$context.identity` and its like print as nothing: recorded on API Gateway for `$context.get("identity")`.
    let printsEmpty: Bool

    init(printsEmpty: Bool = false) { self.printsEmpty = printsEmpty }

    var count: Int { keys.count }

    subscript(_ key: TemplateValue) -> TemplateValue? {
        get { places[TemplateKey(key)].map { values[$0] } }
        set {
            guard let newValue else {
                remove(key)
                return
            }
            if let place = places[TemplateKey(key)] {
                values[place] = newValue
            } else {
                places[TemplateKey(key)] = keys.count
                keys.append(key)
                values.append(newValue)
            }
        }
    }

    subscript(_ key: String) -> TemplateValue? {
        get { self[.string(key)] }
        set { self[.string(key)] = newValue }
    }

    @discardableResult
    func remove(_ key: TemplateValue) -> TemplateValue? {
        guard let place = places.removeValue(forKey: TemplateKey(key)) else { return nil }
        keys.remove(at: place)
        for at in place..<keys.count { places[TemplateKey(keys[at])] = at }
        return values.remove(at: place)
    }

    func removeAll() {
        keys = []
        values = []
        places = [:]
    }
}
