// From a definition's text to a machine, or to everything that is wrong with it.

package import Core
import JSON

extension StateMachine {
    /// Parses, checks and compiles a definition.
    ///
    /// Gives every finding in the service's order: the text; or the schema of each state in the order of the
    /// definition, then the graph; warnings last, in the same order, those of what this version does not run yet behind
    /// AWS's own.
    /// With `isForTest` states may lead to others that are not there, and what this version does not run is read too.
    /// The machine is there exactly when no finding is an error. The errors' `invalidDefinitionMessage` is the message
    /// of InvalidDefinition.
    package static func compile(
        _ definition: String, type: MachineType, limits: Limits = Limits(), isForTest: Bool = false
    ) -> (machine: StateMachine?, diagnostics: [Diagnostic]) {
        if let finding = blank(definition) { return (nil, [finding]) }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(definition, limits: JSONLimits(bytes: limits.language.definitionBytes))
        } catch { return (nil, [.notJSON(error, definition)]) }
        guard let members = value.objectValue else { return (nil, [.notAnObject]) }
        let expressions = CompiledExpressions(in: value)
        let errors =
            SchemaChecks.findings(in: members, expressions, type: type, limits: limits)
            + (isForTest ? [] : VariableChecks.findings(in: members) + GraphChecks.findings(in: members))
        let warnings =
            WarningChecks.findings(in: members)
            + (isForTest ? [] : UndefinedVariableChecks.findings(in: members, expressions))
        guard errors.isEmpty else { return (nil, Array((errors + warnings).prefix(limits.language.diagnostics))) }
        let notSupported: (diagnostics: [Diagnostic], states: [String: String]) =
            isForTest ? ([], [:]) : SupportChecks.findings(in: members)
        let findings = Array((warnings + notSupported.diagnostics).prefix(limits.language.diagnostics))
        do throws(Diagnostic) {
            let machine = try DefinitionReader.machine(
                value, expressions, type: type, notSupported: notSupported.states, limits: limits)
            return (machine, findings)
        } catch { return (nil, [error] + findings) }
    }

    /// AWS tells a text of white space from no text at all.
    private static func blank(_ definition: String) -> Diagnostic? {
        if definition.isEmpty {
            return Diagnostic(.missingDescription, "Received a null or empty workflow input.", at: nil)
        }
        return definition.utf8.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) } ? .notAnObject : nil
    }
}
