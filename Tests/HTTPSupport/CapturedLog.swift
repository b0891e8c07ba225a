// A log that keeps what is written to it.

package import Logging
import Synchronization

/// Warnings and errors in their order.
package final class CapturedLog: Sendable {
    package struct Line: Sendable {
        /// `warning The message`.
        package var text: String
        package var metadata: Logger.Metadata
    }

    private let state = Mutex<[Line]>([])

    package init() {}

    package var lines: [Line] { state.withLock { $0 } }

    package var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: CapturedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.state.withLock {
                $0.append(Line(text: "\(event.level) \(event.message)", metadata: event.metadata ?? [:]))
            }
        }
    }
}
