// The values that a call was given, read as the kinds that its function wants.

import JSON

struct IntrinsicArguments {
    var function: IntrinsicFunction
    var values: [JSONValue]

    /// How long a text may become, in bytes: far above a payload's 256 KiB, and an end to texts that grow in each of
    /// ten nested calls.
    static let mostBytes = 8 << 20

    func refusal(_ what: String) -> IntrinsicError {
        .failure("Invalid arguments in States.\(function.rawValue): \(what)")
    }

    func array(_ place: Int) throws(IntrinsicError) -> [JSONValue] {
        guard case .array(let elements) = values[place] else { throw wrongKind(place, "an array") }
        return elements
    }

    func object(_ place: Int) throws(IntrinsicError) -> JSONObject {
        guard case .object(let members) = values[place] else { throw wrongKind(place, "an object") }
        return members
    }

    func text(_ place: Int) throws(IntrinsicError) -> String {
        guard case .string(let text) = values[place] else { throw wrongKind(place, "a string") }
        return text
    }

    /// A text of at most 10,000 characters, the bound that AWS documents for Base64 and Hash.
    func shortText(_ place: Int) throws(IntrinsicError) -> String {
        let text = try text(place)
        guard text.utf16.count <= 10_000 else {
            throw refusal("argument \(place + 1) is longer than 10,000 characters")
        }
        return text
    }

    /// A number within 32 bits. Halves are rounded up, also below zero: 0.5 is 1, -1.5 is -1, as AWS was seen to do.
    func integer(_ place: Int) throws(IntrinsicError) -> Int {
        guard case .number(let number) = values[place] else { throw wrongKind(place, "a number") }
        let rounded = (number.double + 0.5).rounded(.down)
        guard let value = number.isIntegerText ? number.int : Int(exactly: rounded), Int32(exactly: value) != nil else {
            throw refusal("argument \(place + 1) is not an integer of 32 bits: \(number.text)")
        }
        return value
    }

    /// A result that is a text, unless it has grown beyond all use.
    func result(_ text: String) throws(IntrinsicError) -> JSONValue {
        guard text.utf8.count <= Self.mostBytes else { throw refusal("the result is too long") }
        return .string(text)
    }

    private func wrongKind(_ place: Int, _ wanted: String) -> IntrinsicError {
        refusal("argument \(place + 1) must be \(wanted) but was a value of type \(values[place].kind)")
    }
}
