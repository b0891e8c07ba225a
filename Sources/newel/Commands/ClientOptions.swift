// What every command that speaks to a running daemon can be told.

import ArgumentParser
import Core
import Engine
import Foundation
import Identity
import JSON

struct ClientOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The API: http://HOST:PORT. Default: $AWS_ENDPOINT_URL_SFN, $AWS_ENDPOINT_URL, the configuration.",
            valueName: "url"))
    var endpoint: String?

    @Option(name: .long, help: "The region. Default: $AWS_REGION, $AWS_DEFAULT_REGION, the configuration.")
    var region: String?

    @Option(name: .long, help: "The configuration file whose listen.api and scope.region count.")
    var config: String?

    @Flag(name: .long, help: "Print JSON for scripts instead of a table.")
    var json = false

    /// Signs with the key of the environment, `AWS_ACCESS_KEY_ID` and its kin. A region that is named without a key is
    /// signed for with a key that opens nothing: where signatures are not checked it says which region is meant.
    func client() async throws -> APIClient {
        let environment = ProcessInfo.processInfo.environment
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let region = region ?? variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION")
        if let region, !Scope.isRegion(region[...]) {
            throw Exit(
                .usage, "\(region) is not the name of a region: name one such as us-east-1 with --region or AWS_REGION."
            )
        }
        var key: AccessKey?
        if let id = variable("AWS_ACCESS_KEY_ID"), let secret = variable("AWS_SECRET_ACCESS_KEY") {
            key = Self.key(id, secret, variable("AWS_SESSION_TOKEN"))
        } else if region != nil {
            key = Self.key("newel", "newel", nil)
        }
        let named = endpoint ?? variable("AWS_ENDPOINT_URL_SFN") ?? variable("AWS_ENDPOINT_URL")
        if let named, let region { return APIClient(endpoint: Self.trimmed(named), region: region, key: key) }
        let configuration = try await Configuration.read(file: ConfigurationSearch.file(asked: config))
        let address = configuration.listen.api
        return APIClient(
            endpoint: Self.trimmed(named ?? address.reachable.url),
            region: region ?? configuration.engine.scope.region, key: key)
    }

    /// The configured account, for ARNs that are made before a request; `nil` without a configuration.
    func configuredAccount() async -> String? {
        try? await Configuration.read(file: ConfigurationSearch.file(asked: config)).engine.scope.account
    }

    private static func key(_ id: String, _ secret: String, _ token: String?) -> AccessKey {
        AccessKey(
            id: id, secret: secret, sessionToken: token, principal: Principal(kind: .root, account: "000000000000"))
    }

    private static func trimmed(_ url: String) -> String { url.hasSuffix("/") ? String(url.dropLast()) : url }
}

extension ListenAddress {
    /// Where a client of this machine finds what listens on every address.
    fileprivate var reachable: ListenAddress {
        switch host {
        case "0.0.0.0": ListenAddress(host: "127.0.0.1", port: port)
        case "::": ListenAddress(host: "::1", port: port)
        default: self
        }
    }
}

extension JSONValue {
    /// A string without its quotes, anything else as JSON; `-` for nothing.
    var plain: String { isNull ? "-" : stringValue ?? text }
}

/// Prints a line at once: to a pipe it would otherwise wait for the end of the process.
func printNow(_ line: String) {
    print(line)
    fflush(nil)
}

/// A sentence for people, beside what the command gives.
func remark(_ sentence: String) { FileHandle.standardError.write(Data((sentence + "\n").utf8)) }
