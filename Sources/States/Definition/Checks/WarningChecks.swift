// What is legal and yet hardly meant: NO_DOLLAR, NO_PATH, PASS_RESULT_IS_STATIC (validation.md §1).

import JSON

/// Looks for texts that look like a path or an intrinsic function where nothing evaluates them.
struct WarningChecks {
    private var findings: [Diagnostic] = []

    static func findings(in definition: JSONObject) -> [Diagnostic] {
        var checks = WarningChecks()
        for state in WrittenState.all(in: definition) where state.language == .jsonPath { checks.state(state) }
        return checks.findings
    }

    private mutating func state(_ state: WrittenState) {
        for (key, value) in state.members {
            let place = state.place.field(key)
            switch key {
            case "Parameters", "ResultSelector", "ItemSelector", "Assign", "Credentials": template(value, at: place)
            case "Error", "Cause": literal(key, value, at: place)
            case "Choices":
                for (index, rule) in (value.arrayValue ?? []).enumerated() { self.rule(rule, at: place.element(index)) }
            case "Result" where state.type == .pass: result(value, at: place)
            default: break
            }
        }
    }

    private mutating func warn(_ code: Diagnostic.Code, _ message: String, at place: Place) {
        findings.append(Diagnostic(code, message, at: place.location, severity: .warning))
    }

    private mutating func template(_ value: JSONValue, at place: Place) {
        for (key, value) in value.objectValue ?? [:] where !key.hasSuffix(".$") {
            let field = place.field(key)
            if let text = value.stringValue, Self.isEvaluable(text) {
                let message =
                    "The value for the field '\(key)' looks like a JSONPath or an intrinsic function call, "
                    + "but the field's name does not end with '.$'"
                warn(.noDollar, message, at: field)
            } else {
                template(value, at: field)
            }
        }
        for (index, element) in (value.arrayValue ?? []).enumerated() { template(element, at: place.element(index)) }
    }

    /// A field that has a twin whose name ends in `Path`.
    private mutating func literal(_ key: String, _ value: JSONValue, at place: Place) {
        guard let text = value.stringValue, Self.isEvaluable(text) else { return }
        let message =
            "The value for the field '\(key)' looks like a path, but the field's name does not end with 'Path'"
        warn(.noPath, message, at: place)
    }

    private mutating func rule(_ rule: JSONValue, at place: Place) {
        for (key, value) in rule.objectValue ?? [:] {
            let field = place.field(key)
            if key == "Not" {
                self.rule(value, at: field)
            } else if key == "And" || key == "Or" {
                for (index, nested) in (value.arrayValue ?? []).enumerated() {
                    self.rule(nested, at: field.element(index))
                }
            } else if let comparator = Comparator(rawValue: key), case .string = comparator.kind, !comparator.isPath {
                literal(key, value, at: field)
            }
        }
    }

    private mutating func result(_ value: JSONValue, at place: Place) {
        switch value {
        case .string(let text) where Self.isEvaluable(text):
            warn(.passResultIsStatic, "The Result of a Pass state is static: '\(text)' is not evaluated", at: place)
        case .object(let members): for (key, value) in members { result(value, at: place.field(key)) }
        case .array(let elements):
            for (index, element) in elements.enumerated() { result(element, at: place.element(index)) }
        default: break
        }
    }

    private static func isEvaluable(_ text: String) -> Bool {
        let isPath = ["$.", "$[", "$$."].contains { text.hasPrefix($0) } && PathSyntax.isPath(text)
        return isPath || IntrinsicCall.isCall(text)
    }
}
