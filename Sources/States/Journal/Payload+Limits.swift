// Payloads within the language's limits.

package import Core
package import JSON

extension Payload {
    /// A value that the interpreter made, within the limits of a payload.
    package init(_ value: JSONValue, limits: Limits) throws(JSONExcess) {
        self.init(
            text: try value.text(within: limits.language.payloadBytes, depth: limits.language.payloadDepth),
            value: value)
    }
}
