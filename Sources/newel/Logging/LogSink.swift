// The one way out for log lines; it never makes anyone wait.

import Dispatch
import Glibc
import Synchronization

/// Writes lines on a queue of its own. When the reader of the log stands still, lines are dropped and counted rather
/// than kept or waited for.
final class LogSink: Sendable {
    private let descriptor: Int32
    private let queue = DispatchQueue(label: "newel.log")
    private let waiting = Atomic(0)
    private let dropped = Atomic(0)
    /// In bytes.
    private let capacity = 1 << 20

    init(descriptor: Int32 = STDERR_FILENO) { self.descriptor = descriptor }

    func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        guard waiting.load(ordering: .relaxed) + bytes.count <= capacity else {
            dropped.wrappingAdd(1, ordering: .relaxed)
            return
        }
        waiting.wrappingAdd(bytes.count, ordering: .relaxed)
        queue.async { [self] in
            put(bytes)
            waiting.wrappingSubtract(bytes.count, ordering: .relaxed)
            let lost = dropped.exchange(0, ordering: .relaxed)
            if lost > 0 { put(Array("<4>\(lost) log lines were dropped: nobody took them\n".utf8)) }
        }
    }

    private func put(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return }
            sent += count
        }
    }

    /// Waits until what was logged is written, for a second at most.
    func flush() {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + 1)
    }
}
