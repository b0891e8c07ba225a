// What may stand behind a key ending in `.$`, in `ErrorPath` and in `CausePath` (language.md §2.1, §11).

package import Expressions

/// A path or a call of an intrinsic function.
package enum PathExpression: Sendable {
    case path(JSONPath)
    case intrinsic(Intrinsic)

    /// The text as written.
    package var source: String {
        switch self {
        case .path(let path): path.source
        case .intrinsic(let intrinsic): intrinsic.source
        }
    }

    /// Every path in it, those among a call's arguments too.
    package var paths: [JSONPath] {
        switch self {
        case .path(let path): [path]
        case .intrinsic(let intrinsic): intrinsic.paths
        }
    }
}
