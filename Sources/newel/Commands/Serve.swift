// `newel serve`: the daemon.

import ArgumentParser
import Foundation
import Storage

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the daemon.",
        discussion: """
            newel serve
            newel serve --config /etc/newel/newel.yaml
            newel serve --store-url sqlite:/tmp/try --set engine.shards=4

            SIGHUP reloads roles, routes and machines; what has errors stays as it was.

            SIGTERM and SIGINT drain for at most 10 s; a second one ends the process at once. Neither loses anything.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Flag(
        name: .long,
        help: "Start although state files are missing, cut or damaged, and continue with what is left. For one start.")
    var acceptLoss = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        var configuration = try await options.read()
        configuration.store.acceptsLoss = acceptLoss
        let sink = LogSink()
        let logger = Logs.logger(configuration.log, sink: sink, environment: environment)
        defer { sink.flush() }
        var daemon = Daemon(
            configuration: configuration, logger: logger, sink: sink, systemd: Systemd(environment: environment))
        let (file, flags) = (options.config, try options.flags())
        daemon.readAgain = {
            try await Configuration.read(file: ConfigurationSearch.file(asked: file), flags: flags)
        }
        try await daemon.run()
    }
}
