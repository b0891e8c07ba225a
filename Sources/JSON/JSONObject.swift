// The members of an object, in the order in which they were written.

/// An ordered map from member names to values. Setting a name that is there keeps its place; a small object is searched
/// from the front, a large one through an index.
///
/// Names are compared by their code units, as everywhere in JSON: `é` as one character and as `e` with an accent are
/// two names, though Swift's `==` takes the strings for equal.
package struct JSONObject: Sendable {
    private(set) var members: [Member] = []
    private var index: [CodeUnits: Int]?

    struct Member: Sendable {
        var key: String
        var value: JSONValue
    }

    /// Up to this many members a search from the front beats hashing the name.
    private static let searchedWithoutIndex = 12

    package init() {}

    package init(_ pairs: some Sequence<(String, JSONValue)>) {
        for (key, value) in pairs { self[key] = value }
    }

    /// From the parser, which may know that all names are different.
    init(parsed members: [Member], mayRepeat: Bool) {
        self.init()
        self.members = members
        let areDifferent =
            members.count > JSONObject.searchedWithoutIndex
            ? rebuildIndex() : !mayRepeat || JSONObject.areDifferent(members)
        if areDifferent { return }
        self = JSONObject()
        for member in members { self[member.key] = member.value }
    }

    private static func areDifferent(_ members: [Member]) -> Bool {
        for later in members.indices.dropFirst() {
            for earlier in 0..<later where members[earlier].key.hasSameUnits(as: members[later].key) { return false }
        }
        return true
    }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }
    package var keys: [String] { members.map(\.key) }
    package var values: [JSONValue] { members.map(\.value) }

    package mutating func reserveCapacity(_ count: Int) { members.reserveCapacity(count) }

    package subscript(_ key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            guard let newValue else {
                removeValue(forKey: key)
                return
            }
            if let position = position(of: key) {
                members[position].value = newValue
            } else {
                append(key, newValue)
            }
        }
    }

    @discardableResult
    package mutating func removeValue(forKey key: String) -> JSONValue? {
        guard let position = position(of: key) else { return nil }
        let value = members.remove(at: position).value
        if index != nil, position == members.count, members.count > Self.searchedWithoutIndex {
            index?[CodeUnits(key)] = nil
        } else {
            rebuildIndex()
        }
        return value
    }

    private func position(of key: String) -> Int? {
        if let index { return index[CodeUnits(key)] }
        return members.firstIndex { $0.key.hasSameUnits(as: key) }
    }

    private mutating func append(_ key: String, _ value: JSONValue) {
        members.append(Member(key: key, value: value))
        if index != nil {
            index?[CodeUnits(key)] = members.count - 1
        } else if members.count > Self.searchedWithoutIndex {
            rebuildIndex()
        }
    }

    /// Makes the index anew where there are members enough; tells whether all names are different.
    @discardableResult
    private mutating func rebuildIndex() -> Bool {
        guard members.count > Self.searchedWithoutIndex else {
            index = nil
            return true
        }
        var built = [CodeUnits: Int](minimumCapacity: members.count)
        for position in members.indices { built[CodeUnits(members[position].key)] = position }
        index = built
        return built.count == members.count
    }
}

extension JSONObject: Sequence {
    package struct Iterator: IteratorProtocol {
        fileprivate var base: IndexingIterator<[Member]>

        package mutating func next() -> (key: String, value: JSONValue)? {
            base.next().map { ($0.key, $0.value) }
        }
    }

    package func makeIterator() -> Iterator { Iterator(base: members.makeIterator()) }
}

extension JSONObject: Equatable {
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral members: (String, JSONValue)...) { self.init(members) }
}
