// Where the events of executions go whose machines want them logged: files, CloudWatch Logs, or the daemon's own log.

import Dispatch
import Engine
import Foundation
import Logging
import Server
import Storage
import Synchronization
import Workers

/// Takes what turns have made, in their order, and never holds a shard up: everything is written on a queue of its own.
final class EventLog: Sendable {
    enum Destination: Sendable {
        /// A file for each log group in this folder.
        case folder(String)
        case cloudWatchLogs(CloudWatchLogs)
        /// A line each in the daemon's log.
        case daemon
    }

    private let destination: Destination
    private let region: String
    private let logger: Logger
    private let queue = DispatchQueue(label: "newel.execution-log")
    private let pump: AsyncStream<[LoggedEvents]>.Continuation
    private let stream: AsyncStream<[LoggedEvents]>

    /// Batches that wait for CloudWatch Logs; what comes beyond is dropped, and the log says so.
    private static let mostWaiting = 10_000

    init(_ destination: Destination, region: String, logger: Logger) {
        self.destination = destination
        self.region = region
        self.logger = logger
        (stream, pump) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.mostWaiting))
    }

    func take(_ logged: [LoggedEvents]) {
        switch destination {
        case .cloudWatchLogs:
            if case .dropped = pump.yield(logged) {
                logger.error("CloudWatch Logs is too slow: events of executions were dropped")
            }
        case .folder(let folder): queue.async { self.append(logged, in: folder) }
        case .daemon: queue.async { self.say(logged) }
        }
    }

    /// Carries batches to CloudWatch Logs until `finish`; returns at once for the other destinations.
    func run() async {
        guard case .cloudWatchLogs(let service) = destination else { return }
        for await batch in stream {
            for logged in batch { await put(logged, service) }
        }
    }

    /// Nothing comes any more: what waits is still carried out.
    func finish() {
        pump.finish()
        queue.sync {}
    }

    /// `nil` where the destination has no groups of its own. A group of another destination comes with its first event.
    var logGroups: LogGroupLookup? {
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
            for line in ExecutionLogLine.lines(of: logged, region: region) {
                texts[group, default: ""] += line.text + "\n"
            }
        }
        for (group, text) in texts where !text.isEmpty {
            let file = "\(folder)/\(Self.fileName(group))"
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

    /// `/aws/vendedlogs/states/x` becomes `aws-vendedlogs-states-x.log`; no name leaves the folder.
    static func fileName(_ group: String) -> String {
        let name = group.split(separator: "/").joined(separator: "-").drop { $0 == "." }
        return (name.isEmpty ? "log" : String(name)) + ".log"
    }
}
