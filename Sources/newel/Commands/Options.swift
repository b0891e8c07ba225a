// What several commands can be told on the command line.

import ArgumentParser

struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .long, help: "The configuration file. Default: $NEWEL_CONFIG, /etc/newel/newel.yaml, config/newel.yaml.")
    var config: String?

    @Option(name: .long, help: "Where the Step Functions API listens: HOST:PORT; port 0 takes a free one.")
    var listenAPI: String?

    @Option(name: .long, help: "Where the gateway listens: HOST:PORT, or `off`.")
    var listenGateway: String?

    @Option(name: .long, help: "Where /livez, /readyz and /metrics listen: HOST:PORT.")
    var listenAdmin: String?

    @Option(name: .long, help: "The folder of all state: sqlite:FOLDER.")
    var storeURL: String?

    @Option(name: .long, help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: String?

    @Option(name: .long, help: "auto, text, journal, json or logfmt.")
    var logFormat: String?

    @Option(name: .long, help: "Any other setting: --set engine.shards=4.")
    var set: [String] = []

    /// Settings by key.
    func flags() throws -> [String: String] {
        var flags: [String: String] = [:]
        for pair in set {
            guard let equals = pair.firstIndex(of: "=") else {
                throw ValidationError("--set takes KEY=VALUE, such as engine.shards=4; it was given \"\(pair)\".")
            }
            flags[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
        }
        let named = [
            "listen.api": listenAPI, "listen.gateway": listenGateway, "listen.admin": listenAdmin,
            "store.url": storeURL,
            "log.level": logLevel, "log.format": logFormat,
        ]
        for case (let key, let value?) in named { flags[key] = value }
        return flags
    }

    func read() async throws -> Configuration {
        try await Configuration.read(file: ConfigurationSearch.file(asked: config), flags: flags())
    }
}
