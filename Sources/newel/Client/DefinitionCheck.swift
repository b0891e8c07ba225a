// What ValidateStateMachineDefinition says of a definition, with its place in the file.

import JSON
import States

extension APIClient {
    /// Checks a definition by the daemon that is to run it. Throws only where the daemon does not answer.
    func findings(in definition: DefinitionFile, type: String) async throws -> [Finding] {
        let checked = try await call(
            "ValidateStateMachineDefinition",
            [
                "definition": .string(definition.text), "type": .string(type), "severity": "WARNING",
                "maxResults": 100,
            ])
        let diagnostics = (checked["diagnostics"]?.arrayValue ?? []).map { item in
            Diagnostic(
                item["code"]?.stringValue.flatMap(Diagnostic.Code.init(rawValue:)) ?? .schemaValidationFailed,
                item["message"]?.plain ?? "", at: item["location"]?.stringValue,
                severity: item["severity"]?.plain == "WARNING" ? .warning : .error)
        }
        return definition.findings(diagnostics)
    }
}

extension Array<Finding> {
    /// Throws the findings where one is an error; else prints the warnings on standard error.
    func requireNoError(_ definition: DefinitionFile) throws {
        guard contains(where: { $0.severity == .error }) else { return forEach { remark("\($0)") } }
        let count = count { $0.severity == .error }
        var text = map(\.description).joined(separator: "\n")
        text += "\nInvalidDefinition: the definition has \(count) error\(count == 1 ? "" : "s")."
        if !definition.placeholders.isEmpty {
            let names = definition.placeholders.joined(separator: ", ")
            text += " These placeholders have no value: \(names). Add --substitution NAME=VALUE."
        }
        throw Exit(.dataError, text)
    }
}
