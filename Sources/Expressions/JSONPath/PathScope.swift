// What a path may start at: the input, the context object, a variable.

package import JSON

/// The values that the roots of a path stand for.
package struct PathScope {
    /// What `$` names.
    package var input: JSONValue
    /// Makes what `$$` names. It runs each time that a path with that root is evaluated and not before, since most
    /// states never look at the context object.
    package var context: () -> JSONValue
    /// What `$name` names, by name without the `$`.
    package var variables: VariableTable

    package init(
        input: JSONValue, context: @autoclosure @escaping () -> JSONValue = .null, variables: VariableTable = [:]
    ) {
        self.input = input
        self.context = context
        self.variables = variables
    }
}
