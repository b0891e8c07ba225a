// Whether files are still where they were opened.

import Glibc

/// Remembers files by device and inode. A process that has a file open keeps writing to it after it was removed or
/// replaced, and what it writes is lost with its end.
package struct FileWatch: Sendable {
    private struct Identity: Sendable, Equatable {
        var device: UInt
        var inode: UInt

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt(status.st_dev)
            inode = UInt(status.st_ino)
        }
    }

    private var files: [(path: String, identity: Identity)] = []

    /// Files that are not there are not watched.
    package init(_ paths: [String]) {
        files = paths.compactMap { path in Identity(path).map { (path, $0) } }
    }

    /// Returns the first file that is not the one it was, `nil` where all are. Reads no file.
    package func missing() -> String? {
        files.first { Identity($0.path) != $0.identity }?.path
    }
}
