// Which shared cases pass, for Tests/Conformance/run.

import Foundation
import JSON
import Synchronization

/// The results of shared cases. Where `NEWEL_CONFORMANCE_REPORT` names a file, each result is a line of it, and tests
/// leave the judgement to its reader: the cases may be others than those that the lists of known failures name.
package enum ConformanceReport {
    private static let file: FileHandle? = {
        guard let path = ProcessInfo.processInfo.environment["NEWEL_CONFORMANCE_REPORT"] else { return nil }
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o644)
        return descriptor < 0 ? nil : FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    }()
    private static let gate = Mutex(())

    /// Whether results are reported and not judged.
    package static var isWanted: Bool { file != nil }

    /// Reports a case; `difference` is what is wrong with its answer. Does nothing where no report is wanted.
    package static func add(_ set: String, _ id: String, _ difference: String?) {
        guard let file else { return }
        var line: JSONObject = ["set": .string(set), "case": .string(id), "passed": .bool(difference == nil)]
        if let difference { line["difference"] = .string(String(difference.prefix(2_000))) }
        gate.withLock { _ in try? file.write(contentsOf: Data((JSONValue.object(line).text + "\n").utf8)) }
    }
}
