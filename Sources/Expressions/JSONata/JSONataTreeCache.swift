// The compiled trees of all expressions, which together hold no more than a bound.

import Core
import Synchronization

/// What an evaluation walks over.
final class JSONataCompiledTree: Sendable {
    // The tree never changes.
    nonisolated(unsafe) let root: JSONataNode
    let symbols: JSONataSymbols
    let pictures: JSONataPictures
    /// Operands and operators of the text.
    let parts: Int

    init(_ source: String, _ dialect: JSONata.Dialect) throws(JSONataError) {
        var parser = JSONataParser(source, dialect)
        let raw = try parser.wholeExpression()
        var tree = JSONataTree(symbols: parser.symbols)
        root = try tree.whole(raw).node
        symbols = tree.symbols
        pictures = parser.pictures
        parts = parser.parts
    }
}

/// Knows which expressions have their trees in memory. A tree takes up to 200 times the bytes of its text: beyond the
/// bound some are dropped, and made again from the text when their expression is evaluated next.
final class JSONataTreeCache: Sendable {
    static let shared = JSONataTreeCache(maximumParts: Limits.Evaluation.JSONata.maximumCompiledParts)

    private let maximumParts: Int
    private let state = Mutex(State())

    private struct Entry {
        weak var expression: CompiledJSONata?
        var parts: Int
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var parts = 0
    }

    /// - Parameter maximumParts: operands and operators of all trees together.
    init(maximumParts: Int) { self.maximumParts = maximumParts }

    /// How many operands and operators the trees in memory have.
    var parts: Int { state.withLock { $0.parts } }

    /// The expression has a tree.
    func made(_ tree: JSONataCompiledTree, of expression: CompiledJSONata) {
        let id = ObjectIdentifier(expression)
        let dropped = state.withLock { state -> [CompiledJSONata] in
            state.parts += tree.parts - (state.entries[id]?.parts ?? 0)
            state.entries[id] = Entry(expression: expression, parts: tree.parts)
            var dropped: [CompiledJSONata] = []
            while state.parts > maximumParts, let other = state.entries.keys.first(where: { $0 != id }),
                let entry = state.entries.removeValue(forKey: other)
            {
                state.parts -= entry.parts
                if let expression = entry.expression { dropped.append(expression) }
            }
            return dropped
        }
        for expression in dropped { expression.dropTree() }
    }

    /// The expression was released, and its tree with it.
    func forget(_ expression: ObjectIdentifier) {
        state.withLock { state in
            if let entry = state.entries.removeValue(forKey: expression) { state.parts -= entry.parts }
        }
    }
}
