// A program that a test runs as a process of its own.
//
// Foundation's `Process` reads past a folder's entries in `run` where more than some 1,300 files are open, as they are
// when all tests run at once, and takes the tests down with it.

import Foundation
import Glibc
import Synchronization

package final class ChildProcess: Sendable {
    /// A call of the system failed.
    package struct Failure: Error, CustomStringConvertible {
        package var description: String

        init(_ what: String, _ code: Int32) { description = "\(what): \(String(cString: strerror(code)))" }
    }

    private let identifier: pid_t
    /// The status that `waitpid` gave, once it has.
    private let ended = Mutex<Int32?>(nil)

    /// Starts a program with these files as its input, output and errors; `nil` is /dev/null. Other files that are open
    /// here go along unless they are marked close-on-exec, as nearly all are.
    package init(
        _ program: String, _ arguments: [String], environment: [String: String] = ProcessInfo.processInfo.environment,
        folder: String? = nil, input: Int32? = nil, output: Int32? = nil, errors: Int32? = nil
    ) throws(Failure) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (standard, given) in [(STDIN_FILENO, input), (STDOUT_FILENO, output), (STDERR_FILENO, errors)] {
            if let given {
                posix_spawn_file_actions_adddup2(&actions, given, standard)
            } else {
                posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", O_RDWR, 0)
            }
        }
        // What glibc has for the folder is not among what Swift sees of it.
        let changesFolder = folder.map { ["/usr/bin/env", "--chdir=\($0)"] } ?? []
        let words = Self.copies(changesFolder + [program] + arguments)
        let variables = Self.copies(environment.map { "\($0.key)=\($0.value)" })
        defer { for copy in words + variables { free(copy) } }
        var identifier: pid_t = 0
        let code = posix_spawn(&identifier, changesFolder.first ?? program, &actions, nil, words, variables)
        guard code == 0 else { throw Failure("\(program) cannot be started", code) }
        self.identifier = identifier
    }

    private static func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] { texts.map { strdup($0) } + [nil] }

    package var isRunning: Bool { status(WNOHANG) == nil }

    package func signal(_ number: Int32) { if isRunning { kill(identifier, number) } }

    /// Blocks until the program has ended; its exit code, or the number of the signal that ended it.
    @discardableResult
    package func waitUntilExit() -> Int32 {
        let status = status(0) ?? 0
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : signal
    }

    private func status(_ options: Int32) -> Int32? {
        ended.withLock { ended in
            var status: Int32 = 0
            while ended == nil {
                let found = waitpid(identifier, &status, options)
                if found == identifier {
                    ended = status
                } else if found == 0 || errno != EINTR {
                    break
                }
            }
            return ended
        }
    }
}
