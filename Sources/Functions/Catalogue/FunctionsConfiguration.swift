// Which function runs where.

import Core

/// Where calls of functions go, and how many at a time.
package struct FunctionsConfiguration: Sendable {
    package enum Destination: Sendable, Equatable {
        /// The function of that name in this process.
        case inProcess(String)
        /// The base URL of an endpoint that speaks the Lambda Invoke API.
        case endpoint(String)
    }

    /// Destinations by function name, partial ARN or ARN, with or without a qualifier. The most exact entry wins.
    package var map: [String: Destination]
    /// Where every function goes that neither `map` names nor this process has.
    package var defaultEndpoint: String?
    /// How many calls of a function run at once at most, by function name; `defaultLimit` for all others.
    package var limits: [String: Int]
    package var defaultLimit: Int
    /// How many in-process functions run at once: the threads of the worker pool.
    package var width: Int
    /// How many calls over HTTP are in flight at once.
    package var maxConnections: Int
    package var connectTimeoutSeconds: Int
    /// How long an endpoint may take to answer. A Lambda function runs 900 s at most.
    package var invokeTimeoutMilliseconds: Int
    /// For the ARN of a function that is named without one.
    package var region: String
    package var account: String

    package init(
        map: [String: Destination] = [:], defaultEndpoint: String? = nil, limits: [String: Int] = [:],
        defaultLimit: Int = .max, width: Int = 8, maxConnections: Int = 256, connectTimeoutSeconds: Int = 10,
        invokeTimeoutMilliseconds: Int = 910_000, region: String = "us-east-1", account: String = "000000000000"
    ) {
        self.map = map
        self.defaultEndpoint = defaultEndpoint
        self.limits = limits
        self.defaultLimit = defaultLimit
        self.width = width
        self.maxConnections = maxConnections
        self.connectTimeoutSeconds = connectTimeoutSeconds
        self.invokeTimeoutMilliseconds = invokeTimeoutMilliseconds
        self.region = region
        self.account = account
    }

    /// Functions of this process belong to the configured account and region: no other account or region has them.
    ///
    /// Where a function goes: an entry for the text as written, for ARN or name with its qualifier, then without; then
    /// an in-process function of that name; then the default endpoint. `nil` when there is no such function.
    ///
    /// `executionARN` is the caller's; its account and region are those of a function that is named without them.
    package func destination(
        of text: String, qualifier: String? = nil, inProcess names: Set<String>, executionARN: String? = nil
    ) -> Destination? {
        let caller = home(of: executionARN)
        var function = FunctionName(text)
        let written = qualifier.map { "\(text):\($0)" }
        let qualifier = qualifier ?? function.qualifier
        function.qualifier = nil
        let arn = function.arn(region: caller.region, account: caller.account)
        var keys = [written, text].compactMap { $0 }
        if let qualifier { keys += ["\(arn):\(qualifier)", "\(function.name):\(qualifier)"] }
        keys += [arn, "\(function.account ?? caller.account):function:\(function.name)", function.name]
        let isOwn =
            (function.account ?? caller.account, function.region ?? caller.region) == (account, region)
            && caller == (region, account)
        for key in keys {
            guard let found = map[key] else { continue }
            if case .inProcess = found, !isOwn { return nil }
            return found
        }
        if isOwn, names.contains(function.name) { return .inProcess(function.name) }
        return defaultEndpoint.map { .endpoint($0) }
    }

    /// The account and region of an execution, the configured ones for `nil` and for what is no ARN.
    package func home(of executionARN: String?) -> (region: String, account: String) {
        let fields = executionARN?.fields(by: ":") ?? []
        guard fields.count > 5, fields[0] == "arn" else { return (region, account) }
        return (String(fields[3]), String(fields[4]))
    }
}
