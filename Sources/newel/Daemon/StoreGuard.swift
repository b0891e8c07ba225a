// Looks at the files and the disk of the store while the daemon runs.

import Core
import Dispatch
import Foundation
import Glibc
import Logging
import Metrics
import ServiceLifecycle
import Storage

/// Ends the process within a second where state files are removed or replaced, and reports a disk that is almost full.
struct StoreGuard: Service {
    let store: SQLiteStore
    let folder: String
    let files: FileWatch
    let logger: Logger
    let sink: LogSink

    private static let interval = 400
    private static let queue = DispatchQueue(label: "newel.files", qos: .userInitiated)

    /// On a queue of its own, which work on Swift's threads cannot hold up.
    func run() async throws {
        let timer = DispatchSource.makeTimerSource(queue: Self.queue)
        timer.schedule(deadline: .now() + .milliseconds(Self.interval), repeating: .milliseconds(Self.interval))
        timer.setEventHandler { look() }
        timer.resume()
        try? await gracefulShutdown()
        timer.cancel()
        // The store removes its log when it is closed.
        Self.queue.sync {}
    }

    private func look() {
        if let path = files.missing() { die(path) }
        switch store.lookAtDisk() {
        case .low(let free, let minimum)?:
            logger.error(
                "The disk of the state folder is almost full: new executions are refused until there is space",
                metadata: ["free": "\(free)", "store.minimumFree": "\(minimum)", "folder": "\(folder)"])
        case .enough(let free)?:
            logger.notice("The disk of the state folder has space again", metadata: ["free": "\(free)"])
        case nil: break
        }
        for (part, name) in [("database", "db"), ("log", "db-wal")] {
            var status = stat()
            guard stat("\(folder)/newel.\(name)", &status) == 0 else { continue }
            Gauge(label: MetricName.storeSize.rawValue, dimensions: [("part", part)]).record(Int64(status.st_size))
        }
    }

    /// What is written from now on would be lost with the process: nothing may be acknowledged any more.
    private func die(_ path: String) {
        logger.critical(
            """
            A state file was removed or replaced while the daemon runs: what was written to it since is lost. The \
            process ends; put the file back or restore a backup before the next start
            """, metadata: ["file": "\(path)"])
        sink.flush()
        _exit(Exit.Code.inputOutput.rawValue)
    }
}

/// Modes of files with data of clients that are not in the state folder.
enum PrivateFiles {
    /// Takes away what other users may do with these files; those that are not there are passed over.
    static func correct(_ paths: [String], logger: Logger) {
        for path in paths {
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 != 0
            else { continue }
            let before = String(status.st_mode & 0o777, radix: 8)
            if chmod(path, 0o600) == 0 {
                logger.notice("The mode of \(path) was 0\(before) and is 0600 now")
            } else {
                logger.warning("\(path) has the mode 0\(before), which cannot be changed")
            }
        }
    }
}
