// `newel serve`: the daemon.

import ArgumentParser
import Foundation

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the daemon.",
        discussion: """
            newel serve
            newel serve --config /etc/newel/newel.yaml
            newel serve --store-url sqlite:/tmp/try --set engine.shards=4

            SIGTERM and SIGINT drain for at most 10 s; a second one ends the process at once. Neither loses anything.
            """)

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let configuration = try await options.read()
        let sink = LogSink()
        let logger = Logs.logger(configuration.log, sink: sink, environment: environment)
        defer { sink.flush() }
        try await Daemon(
            configuration: configuration, logger: logger, sink: sink, systemd: Systemd(environment: environment)
        ).run()
    }
}
