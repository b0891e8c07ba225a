// The path that names the whole input.

package import Expressions

extension JSONPath {
    // `$` alone is always a path.
    // swift-format-ignore: NeverUseForceTry
    package static let root = try! JSONPath("$")
}
