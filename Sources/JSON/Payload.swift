// A JSON payload with its text: history shows the text, expressions read the value.

/// An input, output or result. The text is what history stores and the API answers; the value is parsed from it on
/// demand when the payload came from the store.
package struct Payload: Sendable {
    /// Compact JSON, or the client's own text where history keeps it unchanged (history.md §3).
    package let text: String
    private let parsed: JSONValue?

    /// A value that was computed.
    package init(_ value: JSONValue) {
        parsed = value
        text = value.text
    }

    /// The client's text and its value.
    package init(text: String, value: JSONValue) {
        self.text = text
        parsed = value
    }

    /// A text from the store, known to be JSON.
    package init(stored text: String) {
        self.text = text
        parsed = nil
    }

    /// A text that is not JSON, which only damage to the store can make, is a string.
    package var value: JSONValue {
        if let parsed { return parsed }
        let stored = JSONLimits(depth: 4_096, bytes: .max)  // Of the stored format: far above what was ever accepted.
        return (try? JSONValue.parse(text, limits: stored)) ?? .string(text)
    }

    /// Whether reading the value costs nothing.
    package var isParsed: Bool { parsed != nil }

    /// The same with its value at hand, so that reading it again costs nothing.
    package var withValue: Payload { parsed == nil ? Payload(text: text, value: value) : self }

    /// In UTF-8 bytes, the unit of AWS's payload limit.
    package var size: Int { text.utf8.count }

    package static let emptyObject = Payload(.object(JSONObject()))
}

extension Payload: Equatable {
    package static func == (left: Payload, right: Payload) -> Bool { left.text.hasSameUnits(as: right.text) }
}
