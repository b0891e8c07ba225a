// What a template's parameter demands of its value: CloudFormation refuses the stack otherwise.

import Foundation
import JSON

enum ParameterConstraints {
    /// Throws `Finding` for a value that CloudFormation refuses. AllowedValues is checked by the evaluator.
    static func check(
        _ text: String, _ parameter: JSONValue, _ type: String, _ name: String, _ template: StackTemplate
    ) throws {
        let cause = "The parameter \(name) is \"\(text)\""
        let said = parameter["ConstraintDescription"]?.stringValue
        func refuse(_ fix: String) -> Finding {
            Finding(file: template.file, place: "", cause: cause, fix: said ?? fix)
        }
        if type == "Number" {
            guard let number = Double(text), number.isFinite else { throw refuse("Write a number.") }
            if let least = limit("MinValue", parameter), number < least {
                throw refuse("It must be \(parameter["MinValue"]?.plain ?? "") or more.")
            }
            if let most = limit("MaxValue", parameter), number > most {
                throw refuse("It must be \(parameter["MaxValue"]?.plain ?? "") or less.")
            }
        }
        guard type == "String" else { return }
        if let least = limit("MinLength", parameter), Double(text.count) < least {
            throw refuse("It must have \(parameter["MinLength"]?.plain ?? "") characters or more.")
        }
        if let most = limit("MaxLength", parameter), Double(text.count) > most {
            throw refuse("It must have \(parameter["MaxLength"]?.plain ?? "") characters or fewer.")
        }
        if let pattern = parameter["AllowedPattern"]?.stringValue, !matches(text, pattern) {
            throw refuse("It must match \(pattern).")
        }
    }

    private static func limit(_ name: String, _ parameter: JSONValue) -> Double? {
        parameter[name].flatMap { Double($0.plain) }
    }

    /// Whether the pattern matches the whole text; a pattern that cannot be read refuses nothing.
    private static func matches(_ text: String, _ pattern: String) -> Bool {
        guard let expression = try? NSRegularExpression(pattern: "\\A(?:\(pattern))\\z") else { return true }
        return expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }
}
