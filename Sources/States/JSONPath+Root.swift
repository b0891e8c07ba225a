// The path that names the whole input.

package import Expressions

extension JSONPath {
    // `$` is a path whatever else changes: nothing to handle.
    package static let wholeInput = try! JSONPath("$")
}
