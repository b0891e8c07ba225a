// Values with expressions in JSONata states: `Arguments`, `Output`, `Assign`, `ItemSelector`, … (language.md §2.2).

package import Expressions
package import JSON

/// A value, compiled: parts without an expression in them are kept as literals and copied whole. Keys are plain.
package indirect enum JSONataTemplate: Sendable {
    case literal(JSONValue)
    case expression(JSONataExpression)
    case object([Member])
    case array([JSONataTemplate])

    package struct Member: Sendable {
        package var key: String
        package var value: JSONataTemplate

        package init(key: String, value: JSONataTemplate) {
            self.key = key
            self.value = value
        }
    }
}

/// One string `{% … %}`.
package struct JSONataExpression: Sendable {
    /// What stands between the delimiters, without the white space around it.
    package let expression: JSONata
    /// Where it stands in its state, as error texts name it: `Output/a/b[0]`.
    package let field: String
    /// The members of `$states` that the expression reads.
    let statesMembers: StatesMembers

    package init(expression: JSONata, field: String) {
        self.expression = expression
        self.field = field
        statesMembers = StatesMembers(expression.statesMembers)
    }
}

/// Members of `$states` (language.md §2.2).
struct StatesMembers: OptionSet, Sendable {
    let rawValue: UInt8

    static let input = StatesMembers(rawValue: 1)
    static let context = StatesMembers(rawValue: 2)
    static let result = StatesMembers(rawValue: 4)
    static let errorOutput = StatesMembers(rawValue: 8)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The members with these names; all of them for `nil`.
    init(_ names: Set<String>?) {
        let all: [(String, StatesMembers)] = [
            ("input", .input), ("context", .context), ("result", .result), ("errorOutput", .errorOutput),
        ]
        self.init(all.filter { names?.contains($0.0) ?? true }.map(\.1))
    }
}

/// A value with paths or with expressions, as its state's language has them.
package enum ValueTemplate: Sendable {
    case jsonPath(PayloadTemplate)
    case jsonata(JSONataTemplate)
}

/// The fields that JSONata states have in place of the paths of JSONPath states.
package struct JSONataFields: Sendable {
    package var arguments: JSONataTemplate?
    package var output: JSONataTemplate?

    package init(arguments: JSONataTemplate? = nil, output: JSONataTemplate? = nil) {
        self.arguments = arguments
        self.output = output
    }
}
