// Payload templates: `Parameters`, `ResultSelector`, `ItemSelector`, `Assign` (language.md §2.1, §3).

package import JSON

/// A template, compiled: parts without a `.$` key in them are kept as literals and copied whole.
package indirect enum PayloadTemplate: Sendable {
    case literal(JSONValue)
    case object([Member])
    case array([PayloadTemplate])
    /// A member whose key ended in `.$`. `key` is the key as written, for error texts (`'x.$'`).
    case expression(PathExpression, key: String)

    package struct Member: Sendable {
        /// The key of the result, without `.$`.
        package var key: String
        package var value: PayloadTemplate

        package init(key: String, value: PayloadTemplate) {
            self.key = key
            self.value = value
        }
    }
}
