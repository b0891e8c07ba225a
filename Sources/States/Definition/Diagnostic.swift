// What the static checks say of a definition (validation.md).

/// One finding, in the shape of ValidateStateMachineDefinition's answer.
package struct Diagnostic: Error, Sendable, Equatable {
    package enum Severity: String, Sendable {
        case error = "ERROR"
        case warning = "WARNING"
    }

    package enum Code: String, Sendable {
        case schemaValidationFailed = "SCHEMA_VALIDATION_FAILED"
        case invalidJSONDescription = "INVALID_JSON_DESCRIPTION"
        case missingDescription = "MISSING_DESCRIPTION"
        case invalidResource = "INVALID_RESOURCE"
        case missingEndState = "MISSING_END_STATE"
        case duplicateStateName = "DUPLICATE_STATE_NAME"
        case invalidStateName = "INVALID_STATE_NAME"
        case missingTransitionTarget = "MISSING_TRANSITION_TARGET"
        case tooDeeplyNested = "TOO_DEEPLY_NESTED"
        case duplicateLabelName = "DUPLICATE_LABEL_NAME"
        case invalidLabelName = "INVALID_LABEL_NAME"
        case invalidJSONataExpression = "INVALID_JSONATA_EXPRESSION"
        case unsupportedJSONataExpression = "UNSUPPORTED_JSONATA_EXPRESSION"
        case duplicateVariableName = "DUPLICATE_VARIABLE_NAME"
        case invalidVariableName = "INVALID_VARIABLE_NAME"
        case reservedVariableName = "RESERVED_VARIABLE_NAME"
        case noDollar = "NO_DOLLAR"
        case noPath = "NO_PATH"
        case passResultIsStatic = "PASS_RESULT_IS_STATIC"
        case possiblyUndefinedVariable = "POSSIBLY_UNDEFINED_VARIABLE"
        /// Newel's own: a part of the language that this version does not run yet.
        case notSupportedYet = "NOT_SUPPORTED_YET"
    }

    package var severity: Severity
    package var code: Code
    package var message: String
    /// `/States/X/Next`; `nil` where AWS gives none.
    package var location: String?
    /// The member at fault where AWS's location is that of something around it.
    package var exactLocation: String?

    package init(_ code: Code, _ message: String, at location: String?, severity: Severity = .error) {
        self.severity = severity
        self.code = code
        self.message = message
        self.location = location
    }
}

extension Sequence where Element == Diagnostic {
    /// The message of InvalidDefinition: `Invalid State Machine Definition: '<CODE>: <message> at <location>, …'`;
    /// a missing location prints `null`, as AWS does.
    package var invalidDefinitionMessage: String {
        let texts = map { "\($0.code.rawValue): \($0.message) at \($0.location ?? "null")" }
        return "Invalid State Machine Definition: '\(texts.joined(separator: ", "))'"
    }
}
