// `newel demo`: a recipe moves from one user to another, over real HTTP.

import ArgumentParser
import Foundation
import Logging

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Move a recipe, show what happens, and keep serving.",
        discussion: """
            Serves the configuration that comes with Newel (config/ of a checkout, else the copy inside the program) \
            on a state folder of its own, newel-data/demo. Where an address is taken, a free port is used instead.
            """)

    @Flag(help: "End when the recipe has moved; the state goes into a temporary folder.")
    var once = false

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let temporary = NSTemporaryDirectory() + "newel-demo-\(UUID().uuidString)"
        let folder = NSTemporaryDirectory() + "newel-demo-config-\(UUID().uuidString)"
        defer {
            if once { try? FileManager.default.removeItem(atPath: temporary) }
            try? FileManager.default.removeItem(atPath: folder)
        }
        let file = try options.config ?? ConfigurationSearch.checkout() ?? ShippedConfiguration.write(to: folder)
        var flags = try options.flags()
        if flags["store.url"] == nil { flags["store.url"] = "sqlite:\(once ? temporary : "newel-data/demo")" }
        if flags["log.level"] == nil { flags["log.level"] = "warning" }
        var configuration = try await Configuration.read(file: file, flags: flags)
        configuration.listen.takeFreePorts()
        let sink = LogSink()
        let environment = ProcessInfo.processInfo.environment
        var daemon = Daemon(
            configuration: configuration, logger: Logs.logger(configuration.log, sink: sink, environment: environment),
            sink: sink, systemd: Systemd(environment: environment))
        let keepsServing = !once
        daemon.visitor = { listeners in
            try await DemoTour(listeners: listeners).run()
            if keepsServing { try await Task.sleep(for: .seconds(Int32.max)) }
        }
        try await daemon.run()
    }
}

extension Configuration.Listen {
    /// Port 0 wherever another program listens already.
    fileprivate mutating func takeFreePorts() {
        if !api.isFree { api.port = 0 }
        if gateway?.isFree == false { gateway?.port = 0 }
        if !admin.isFree { admin.port = 0 }
    }
}
