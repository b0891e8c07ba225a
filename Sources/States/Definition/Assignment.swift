// `Assign`: variables by name (language.md §3).

/// The variables that a state, a Choice rule or a Catcher assigns, in the order of the definition.
package struct Assignment: Sendable {
    package var variables: [Variable]

    package struct Variable: Sendable {
        package var name: String
        package var value: ValueTemplate

        package init(name: String, value: ValueTemplate) {
            self.name = name
            self.value = value
        }
    }

    package init(variables: [Variable] = []) { self.variables = variables }
}
