// What a Catcher sees of a failure.

package import Core
package import JSON

extension Failure {
    /// The Error Output that a Catcher sees: keys exactly `Error` then `Cause`, null where there was none
    /// (language.md §2.1).
    package var errorOutput: JSONValue {
        ["Error": error.map { .string($0) } ?? .null, "Cause": cause.map { .string($0) } ?? .null]
    }
}
