// Where the events of executions go whose machines want them logged: files, CloudWatch Logs, or the daemon's own log.

import Core
import Dispatch
package import Engine
import Glibc
package import Logging
import Metrics
import States
import Storage
import Synchronization

/// Takes what turns have made, in their order, and never holds a shard up: everything is written on a queue of its own.
package final class EventLog: Sendable {
    package enum Destination: Sendable {
        /// A file for each log group in this folder.
        case folder(String)
        case cloudWatchLogs(CloudWatchLogs)
        /// A line each in the daemon's log.
        case daemon
    }

    private let destination: Destination
    private let account: String
    private let region: String
    private let logger: Logger
    private let queue = DispatchQueue(label: "newel.execution-log")
    private let pump: AsyncStream<[LoggedEvents]>.Continuation
    private let stream: AsyncStream<[LoggedEvents]>

    /// Batches that wait for CloudWatch Logs, and bytes of events that wait for any destination. What comes beyond is
    /// dropped, and the log says so: as on AWS, logging is best effort, and the histories are whole.
    private static let maximumWaiting = 10_000
    private static let maximumWaitingBytes = 64 << 20
    /// Between two lines about dropped events, in nanoseconds.
    private static let dropInterval: UInt64 = 10_000_000_000

    private let waitingBytes = Atomic(0)
    private let drops = Mutex(Drops())
    private let dropped = Counter(
        label: MetricName.logDropped.rawValue, dimensions: [("sink", "execution_log")])

    private struct Drops {
        var count = 0
        var saidAt: UInt64?
    }

    /// `account` and `region` are the configured ones: log groups of others get a folder of their own.
    package init(_ destination: Destination, account: String, region: String, logger: Logger) {
        self.destination = destination
        self.account = account
        self.region = region
        self.logger = logger
        (stream, pump) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.maximumWaiting))
    }

    /// Takes the events of a turn; returns at once.
    package func take(_ logged: [LoggedEvents]) {
        let bytes = Self.bytes(of: logged)
        guard waitingBytes.wrappingAdd(bytes, ordering: .relaxed).newValue <= Self.maximumWaitingBytes else {
            return drop(logged)
        }
        switch destination {
        case .cloudWatchLogs: if case .dropped = pump.yield(logged) { drop(logged) }
        case .folder(let folder):
            queue.async {
                self.append(logged, in: folder)
                self.waitingBytes.wrappingSubtract(bytes, ordering: .relaxed)
            }
        case .daemon:
            queue.async {
                self.say(logged)
                self.waitingBytes.wrappingSubtract(bytes, ordering: .relaxed)
            }
        }
    }

    private static func bytes(of logged: [LoggedEvents]) -> Int {
        logged.reduce(0) { sum, logged in
            logged.events.reduce(sum) { $0 + $1.kind.payloadBytes + 256 }
        }
    }

    private func drop(_ logged: [LoggedEvents]) {
        waitingBytes.wrappingSubtract(Self.bytes(of: logged), ordering: .relaxed)
        let count = logged.reduce(0) { $0 + $1.events.count }
        dropped.increment(by: count)
        let now = DispatchTime.now().uptimeNanoseconds
        let due: Int? = drops.withLock { drops in
            drops.count += count
            if let before = drops.saidAt, now - before < Self.dropInterval { return nil }
            defer { drops = Drops(count: 0, saidAt: now) }
            return drops.count
        }
        guard let due else { return }
        logger.error(
            "The destination of execution logs is too slow: events were dropped from the log, not from the histories",
            metadata: ["events": "\(due)"])
    }

    /// Carries batches to CloudWatch Logs until `finish`; returns at once for the other destinations.
    package func run() async {
        guard case .cloudWatchLogs(let service) = destination else { return }
        for await batch in stream {
            for logged in batch { await put(logged, service) }
            waitingBytes.wrappingSubtract(Self.bytes(of: batch), ordering: .relaxed)
        }
    }

    /// No more events come: what waits is still written.
    package func finish() {
        pump.finish()
        queue.sync {}
    }

    /// `nil` where the destination has no groups of its own. A group of another destination comes with its first event.
    package var logGroups: LogGroupLookup? {
        guard case .cloudWatchLogs(let service) = destination else { return nil }
        return { [logger] name in
            do throws(CloudWatchLogs.Failure) {
                return try await service.hasGroup(name) ? .present : .absent
            } catch {
                if error.type == "AccessDeniedException" { return .forbidden }
                logger.warning(
                    "Whether a log group is there could not be asked; the machine is taken as it is",
                    metadata: ["group": "\(name)", "error": "\(error)"])
                return .unknown
            }
        }
    }

    // MARK: - Destinations

    private func put(_ logged: LoggedEvents, _ service: CloudWatchLogs) async {
        guard let group = logged.entry.logging.logGroup else { return }
        let lines = ExecutionLogLine.lines(of: logged, region: region)
        for start in stride(from: 0, to: lines.count, by: 500) {
            let events = lines[start..<min(start + 500, lines.count)].map {
                CloudWatchLogs.Event(time: $0.time, message: $0.text)
            }
            do throws(CloudWatchLogs.Failure) {
                try await service.put(events, group: group, stream: "states/\(logged.entry.record.arn)")
            } catch {
                logger.error(
                    "Events of an execution were not logged",
                    metadata: ["execution": "\(logged.executionARN)", "group": "\(group)", "error": "\(error)"])
            }
        }
    }

    private func append(_ logged: [LoggedEvents], in folder: String) {
        var texts: [String: String] = [:]
        for logged in logged {
            guard let group = logged.entry.logging.logGroup else { continue }
            let file = path(of: group, logged.executionARN)
            for line in ExecutionLogLine.lines(of: logged, region: region) {
                texts[file, default: ""] += line.text + "\n"
            }
        }
        for (name, text) in texts where !text.isEmpty {
            let file = "\(folder)/\(name)"
            if let slash = file.lastIndex(of: "/"), name.contains("/") { mkdir(String(file[..<slash]), 0o700) }
            // Opened anew each time, so that a file may be moved away under it.
            guard let handle = fopen(file, "a") else { return fail(file) }
            let written = text.utf8.withContiguousStorageIfAvailable { fwrite($0.baseAddress, 1, $0.count, handle) }
            if fclose(handle) != 0 || written != text.utf8.count { fail(file) }
        }
    }

    private func fail(_ file: String) {
        logger.error(
            "Events of executions were not logged",
            metadata: ["file": "\(file)", "error": "\(String(cString: strerror(errno)))"])
    }

    private func say(_ logged: [LoggedEvents]) {
        for logged in logged {
            for line in ExecutionLogLine.lines(of: logged, region: region) {
                logger.info("\(line.text)", metadata: ["group": "\(logged.entry.logging.logGroup ?? "")"])
            }
        }
    }

    /// The file of a log group in the folder. Groups of another account or region than the configured ones have a
    /// folder of their own, `111111111111.eu-west-1`.
    private func path(of group: String, _ executionARN: String) -> String {
        let fields = executionARN.fields(by: ":")
        let isOwn = fields.count < 6 || fields[3] == region && fields[4] == account
        return (isOwn ? "" : "\(fields[4]).\(fields[3])/") + Self.fileName(group)
    }

    /// `/aws/vendedlogs/states/x` becomes `+aws+vendedlogs+states+x.log`. Two groups never share a file, no name leaves
    /// the folder and none begins with a dot or a dash: what CloudWatch Logs does not let a name hold is written `%XX`.
    package static func fileName(_ group: String) -> String {
        var name = ""
        for byte in group.utf8 {
            switch byte {
            case UInt8(ascii: "/"): name += "+"
            case UInt8(ascii: "."), UInt8(ascii: "-"): name += name.isEmpty ? hex(byte) : String(UnicodeScalar(byte))
            case UInt8(ascii: "_"), UInt8(ascii: "#"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
                name += String(UnicodeScalar(byte))
            default: name += hex(byte)
            }
        }
        guard name.utf8.count > maximumName else { return (name.isEmpty ? "%" : name) + ".log" }
        // A file's name holds 255 bytes; a log group's may have 512.
        return "\(name.prefix(maximumName - 20))%~\(digest(group)).log"
    }

    private static let maximumName = 200

    private static func hex(_ byte: UInt8) -> String {
        "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }

    /// FNV-1a, 64 bits.
    private static func digest(_ text: String) -> String {
        String(text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }, radix: 16)
    }
}
