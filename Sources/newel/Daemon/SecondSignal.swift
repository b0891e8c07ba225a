// The first signal drains; a second one, or ten seconds, end the process.

import Dispatch
import Glibc
import Logging
import UnixSignals

/// All state is in the store at any moment, so that ending at once loses nothing either.
struct SecondSignal: Sendable {
    let logger: Logger
    let sink: LogSink
    /// Called before the process ends with work under way.
    let ending: @Sendable () -> Void

    /// Watches until the task is cancelled.
    func watch() async {
        var isDraining = false
        for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
            if isDraining { end(128 + signal.number, "A second signal: ending at once") }
            isDraining = true
            DispatchQueue.global().asyncAfter(deadline: .now() + 10) {
                end(0, "Ten seconds were not enough to drain; what is left goes on at the next start")
            }
        }
    }

    private func end(_ code: Int32, _ why: Logger.Message) {
        logger.warning(why)
        ending()
        sink.flush()
        _exit(code)
    }
}

extension UnixSignal {
    fileprivate var number: Int32 { self == .sigint ? SIGINT : SIGTERM }
}
