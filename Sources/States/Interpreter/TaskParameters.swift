// What the parameters of an optimized integration must be when its task starts (language.md §9).

import Core
import JSON

extension Interpreter {
    /// Throws States.Runtime where the parameters cannot start the task: nothing is scheduled then.
    func check(_ parameters: Payload, of task: State.Task) throws(StateFailure) {
        guard case .integration(let integration) = task.resource else { return }
        let fields = Self.fields(of: integration)
        guard !fields.isEmpty else { return }
        guard let members = parameters.value.objectValue else {
            throw .badParameters(parameters, "[The parameters are not an object]")
        }
        for field in fields {
            guard let value = members[field.name], !value.isNull else {
                guard field.isRequired else { continue }
                throw .badParameters(parameters, "[The field \"\(field.name)\" is required but was missing]")
            }
            if value.stringValue != nil || field.takesJSON && (value.objectValue != nil || value.arrayValue != nil) {
                continue
            }
            throw .badParameters(parameters, "[The value for the field '\(field.name)' must be a STRING]")
        }
    }

    private struct Field {
        var name: String
        var isRequired = false
        /// An object or an array becomes its JSON text; a number or boolean does not (recorded for `Payload`).
        var takesJSON = false
    }

    private static func fields(of integration: ServiceIntegration) -> [Field] {
        switch (integration.service, integration.action) {
        case ("lambda", "invoke"): lambdaFields
        case ("states", "startExecution"): startExecutionFields
        default: []
        }
    }

    private static let lambdaFields = [
        Field(name: "FunctionName", isRequired: true), Field(name: "Payload", takesJSON: true),
        Field(name: "InvocationType"), Field(name: "Qualifier"), Field(name: "ClientContext"), Field(name: "LogType"),
    ]
    private static let startExecutionFields = [
        Field(name: "StateMachineArn", isRequired: true), Field(name: "Name"), Field(name: "TraceHeader"),
    ]
}

extension StateFailure {
    fileprivate static func badParameters(_ parameters: Payload, _ reason: String) -> StateFailure {
        .runtime("The Parameters '\(parameters.text)' could not be used to start the Task: \(reason)")
    }
}
