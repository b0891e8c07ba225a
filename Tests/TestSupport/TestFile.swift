// Cases that are data: JSON files that stand beside the tests that read them.

import Foundation
package import JSON

package enum TestFile {
    /// The JSON file at `path` below `Tests`; stops the test run where it is missing or malformed.
    package static func json(_ path: String) -> JSONValue {
        let file = Conformance.root.appendingPathComponent("Tests/" + path)
        do {
            return try JSONValue.parse(Array(try Data(contentsOf: file)))
        } catch {
            fatalError("\(file.path): \(error)")
        }
    }
}
