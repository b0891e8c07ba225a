// The variables of a workflow, or of an evaluation.

package import JSON

/// Values by name, without `$`. Two names are the same where their code units are: Swift's strings are also equal where
/// they only look the same.
package struct VariableTable: Sendable, ExpressibleByDictionaryLiteral {
    private var byName: [CodeUnits: JSONValue] = [:]

    package init() {}

    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (name, value) in elements { self[name] = value }
    }

    /// The members of an object.
    package init(_ object: JSONObject) {
        for (name, value) in object { self[name] = value }
    }

    package subscript(name: String) -> JSONValue? {
        get { byName[CodeUnits(name)] }
        set { byName[CodeUnits(name)] = newValue }
    }

    package var isEmpty: Bool { byName.isEmpty }

    /// Sorted by name.
    package var object: JSONObject {
        JSONObject(byName.sorted { $0.key < $1.key }.map { ($0.key.text, $0.value) })
    }
}
