// Where the configuration file is looked for.

import Foundation

enum ConfigurationSearch {
    static let installed = "/etc/newel/newel.yaml"

    /// The file that was asked for, else `$NEWEL_CONFIG`, else `/etc/newel/newel.yaml`, else `config/newel.yaml` below
    /// the working directory, else the one beside the program; `nil` when there is none.
    static func file(
        asked: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String? {
        if let asked = asked ?? environment["NEWEL_CONFIG"] { return asked }
        return ([installed, "config/newel.yaml"] + besideProgram).first { FileManager.default.fileExists(atPath: $0) }
    }

    /// The file of a checkout, for `newel demo`; `nil` outside of one.
    static func checkout() -> String? {
        (["config/newel.yaml"] + besideProgram).first { FileManager.default.fileExists(atPath: $0) }
    }

    /// `config/newel.yaml` in the folders above the program: a build folder lies in its checkout.
    private static var besideProgram: [String] {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return []
        }
        var folder = URL(fileURLWithPath: program).deletingLastPathComponent()
        var found: [String] = []
        for _ in 0..<5 where folder.path != "/" {
            found.append(folder.appendingPathComponent("config/newel.yaml").path)
            folder.deleteLastPathComponent()
        }
        return found
    }
}
