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

extension TestFile {
    /// The text of the file at `path` below `Tests`.
    package static func text(_ path: String) -> String {
        let file = Conformance.root.appendingPathComponent("Tests/" + path)
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { fatalError("no file \(file.path)") }
        return text
    }
}
