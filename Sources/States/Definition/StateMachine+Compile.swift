// From a definition's text to a machine, or to everything that is wrong with it.

import JSON

extension StateMachine {
    /// Parses, checks and compiles a definition.
    ///
    /// Gives every finding in the service's order: first the text, then the schema of each state in the order of the
    /// definition, then the graph, then what this version does not run yet, warnings last. The machine is there exactly
    /// when no finding is an error. `diagnostics.filter { $0.severity == .error }.invalidDefinitionMessage` is the
    /// message of InvalidDefinition.
    package static func compile(
        _ definition: String, type: MachineType, limits: Limits = Limits()
    ) -> (machine: StateMachine?, diagnostics: [Diagnostic]) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(definition, limits: JSONLimits(bytes: limits.definitionBytes))
        } catch { return (nil, [.notJSON(error, definition)]) }
        do throws(Diagnostic) { return (try DefinitionReader.machine(value), []) } catch { return (nil, [error]) }
    }
}
