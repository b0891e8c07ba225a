// The open connections of one event loop: their deadlines, and their end when the server stops.

import Core
import NIOCore
import System

/// Belongs to its event loop. All connections are checked at an interval, instead of a timer for each request.
final class ConnectionTable {
    private let eventLoop: any EventLoop
    private var connections: [ObjectIdentifier: HTTPConnection] = [:]
    private var sweep: RepeatedTask?
    private var draining: (deadline: NIODeadline, done: EventLoopPromise<Void>)?
    /// The `Date` header, as old as the last sweep at most.
    private(set) var date = HTTPDate.text(.now)

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func start(every interval: TimeAmount) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        sweep = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            bound.value.sweepConnections()
        }
    }

    func add(_ connection: HTTPConnection) {
        connections[ObjectIdentifier(connection)] = connection
        if draining != nil { connection.finish() }
    }

    func remove(_ connection: HTTPConnection) {
        connections[ObjectIdentifier(connection)] = nil
        if connections.isEmpty { end() }
    }

    /// Closes idle connections now and others when they have their answer, all of them at the deadline.
    func drain(until deadline: NIODeadline, done: EventLoopPromise<Void>) {
        draining = (deadline, done)
        for connection in connections.values { connection.finish() }
        if connections.isEmpty { end() }
    }

    private func sweepConnections() {
        let now = NIODeadline.now()
        date = HTTPDate.text(.now)
        let all = draining.map { $0.deadline < now } ?? false
        for connection in connections.values where all || connection.deadline < now { connection.timeOut() }
    }

    private func end() {
        guard let draining else { return }
        self.draining = nil
        sweep?.cancel()
        draining.done.succeed()
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func text(_ time: Timestamp) -> String {
        let iso = Array(time.iso8601.utf8)
        func field(_ range: Range<Int>) -> String { String(decoding: iso[range], as: UTF8.self) }
        let dayNumber = Int(time.milliseconds / 86_400_000 % 7)
        let day = days[dayNumber < 0 ? dayNumber + 7 : dayNumber]
        let month = months[min(max(Int(field(5..<7)) ?? 1, 1), 12) - 1]
        return "\(day), \(field(8..<10)) \(month) \(field(0..<4)) \(field(11..<19)) GMT"
    }
}
