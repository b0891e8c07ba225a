// The values that a call was given, read as the kinds that its function wants.

import Core
import JSON

struct IntrinsicArguments {
    var function: IntrinsicFunction
    var values: [JSONValue]

    func refusal(_ what: String) -> IntrinsicError {
        .failure("Invalid arguments in States.\(function.rawValue): \(what)")
    }

    /// Takes the steps that any function needs to read its arguments: those of texts and of numbers with many digits.
    func charge(_ budget: inout EvaluationBudget) throws(IntrinsicError) {
        for value in values {
            let count =
                switch value {
                case .string(let text): text.utf8.count
                case .number(let number): number.text.utf8.count
                case .null, .bool, .array, .object: 0
                }
            if count > 64 {
                try budgeted { () throws(EvaluationBudgetExceeded) in try budget.charge(textBytes: count) }
            }
        }
    }

    /// Runs `body` and turns an exhausted budget into the error of a call.
    func budgeted<Value>(
        _ body: () throws(EvaluationBudgetExceeded) -> Value
    ) throws(IntrinsicError) -> Value {
        do throws(EvaluationBudgetExceeded) { return try body() } catch { throw IntrinsicError(error) }
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
        guard text.utf16.count <= Limits.Evaluation.Intrinsics.maximumHashedCharacters else {
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

    private func wrongKind(_ place: Int, _ wanted: String) -> IntrinsicError {
        refusal("argument \(place + 1) must be \(wanted) but was a value of type \(values[place].kind)")
    }
}
