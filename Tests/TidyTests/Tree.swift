// The tree of the project, read from the disk.

import Foundation

struct Tree {
    var files: [SourceFile] = []
    var topLevel: Set<String> = []

    /// The root of the package, found from where this file was compiled.
    static var root: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// Everything below the root but what `.gitignore` names and git itself.
    static func read() throws -> Tree {
        var tree = Tree()
        for name in try FileManager.default.contentsOfDirectory(atPath: root.path) where !isIgnored(name) {
            tree.topLevel.insert(name)
            try tree.add(name)
        }
        return tree
    }

    static func isIgnored(_ name: String) -> Bool {
        name.hasPrefix(".build") || name.hasSuffix(".profraw")
            || [".git", "Package.resolved", "newel-data", "__pycache__"].contains(name)
    }

    private mutating func add(_ path: String) throws {
        let url = Tree.root.appendingPathComponent(path)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else { return }
        if isFolder.boolValue {
            for name in try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
            where !Tree.isIgnored(name) {
                try add(path + "/" + name)
            }
        } else if let text = String(data: try Data(contentsOf: url), encoding: .utf8) {
            files.append(SourceFile(path: path, text: text))
        }
    }
}
