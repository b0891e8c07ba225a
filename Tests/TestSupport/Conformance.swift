// Where the shared conformance sets lie beside the project, where they do.

package import Foundation

/// The folder of recorded and reference cases; tests read them where the folder exists and say loudly where it does
/// not.
package enum Conformance {
    /// `../shared/conformance` seen from the root of the package, or what `NEWEL_CONFORMANCE` names.
    package static var folder: String {
        ProcessInfo.processInfo.environment["NEWEL_CONFORMANCE"]
            ?? root.deletingLastPathComponent().appendingPathComponent("shared/conformance").path
    }

    /// The root of this package.
    package static var root: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// The bytes of a case file, `nil` where the shared folder is not there.
    package static func bytes(_ path: String) -> [UInt8]? {
        guard let data = FileManager.default.contents(atPath: folder + "/" + path) else {
            print("NOT RUN: \(path) of the shared conformance sets is not on this machine")
            return nil
        }
        return Array(data)
    }
}
