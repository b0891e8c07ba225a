// What the daemon tells systemd: sd_notify(3), without libsystemd.

import Glibc

/// Sends state changes to the service manager's datagram socket; does nothing where there is none.
struct Systemd: Sendable {
    private let socketPath: String?
    /// How often systemd wants to hear `WATCHDOG=1`, in microseconds; `nil` when it does not watch this process.
    let watchdogMicroseconds: Int?

    init(environment: [String: String]) {
        socketPath = environment["NOTIFY_SOCKET"]
        let isForUs = environment["WATCHDOG_PID"].map { Int32($0) == getpid() } ?? true
        watchdogMicroseconds =
            isForUs ? environment["WATCHDOG_USEC"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } : nil
    }

    func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }
    /// The configuration is being read again; `ready` ends it. systemd wants the time by its monotonic clock.
    func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        send("RELOADING=1\nMONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1_000)")
    }
    func status(_ text: String) { send("STATUS=\(text)") }
    func stopping(_ status: String) { send("STOPPING=1\nSTATUS=\(status)") }
    func watchdog() { send("WATCHDOG=1") }
    /// A long start goes on: asks for so many seconds more.
    func extendTimeout(seconds: Int) { send("EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000)") }

    /// A message that cannot be sent is lost: it is said again, or systemd notices.
    private func send(_ message: String) {
        guard let socketPath, var address = sockaddr_un(path: socketPath) else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + socketPath.utf8.count)
        let bytes = Array(message.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length)
            }
        }
    }
}

extension sockaddr_un {
    /// `/path`, or `@name` in the abstract namespace; `nil` when it is too long.
    fileprivate init?(path: String) {
        self.init()
        sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: sun_path) else { return nil }
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &sun_path) { $0.copyBytes(from: bytes) }
    }
}
