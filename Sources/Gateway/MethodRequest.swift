// A client's request of a method and its response, and the integration's call of an AWS action.

package import JSON

/// A request whose body has arrived, free of the HTTP library.
package struct MethodRequest: Sendable {
    package var method: String
    /// The path as it was sent, percent-encoded, without the query.
    package var path: String
    /// The text after the `?`, as it was sent.
    package var query: String?
    /// Names as the client sent them, in its order.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    package var remoteAddress: String?
    /// HTTP's version, for `$context.protocol`.
    package var version: String

    package init(
        method: String, path: String, query: String? = nil, headers: [(name: String, value: String)] = [],
        body: [UInt8] = [], remoteAddress: String? = nil, version: String = "HTTP/1.1"
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
        self.version = version
    }

    /// The last value of a header, whatever the case of its name.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.last { $0.name.lowercased() == wanted }?.value
    }
}

package struct MethodResponse: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A JSON response, for native routes.
    package init(status: Int, json: JSONValue) {
        self.init(status: status, headers: [("Content-Type", "application/json")], body: json.bytes)
    }

    /// The first value of a header, whatever the case of its name.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }

    private static let remapped: Set<String> = [
        "authorization", "connection", "content-length", "content-md5", "date", "expect", "host", "max-forwards",
        "proxy-authenticate", "server", "trailer", "transfer-encoding", "upgrade", "user-agent", "www-authenticate",
    ]

    /// Sets a header, in the place of one whose name differs in case alone. A name or value that HTTP cannot carry is
    /// left out: a line end in it would let a request write headers, or a response, of its own.
    ///
    /// The connection writes Content-Length, Connection and Transfer-Encoding itself. These and the others that API
    /// Gateway renames (gateway.md §14.2, 6) come out as `x-amzn-Remapped-NAME`.
    mutating func set(_ name: String, _ value: String) {
        let name = Self.remapped.contains(name.lowercased()) ? "x-amzn-Remapped-\(name)" : name
        let isName =
            !name.isEmpty
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0) }
        guard isName, value.utf8.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }) else { return }
        let wanted = name.lowercased()
        headers.removeAll { $0.name.lowercased() == wanted }
        headers.append((name, value))
    }
}

/// An action of the Step Functions API, called as the integration's role.
package struct ActionCall: Sendable {
    /// `StartExecution`.
    package var operation: String
    /// The request's JSON.
    package var body: [UInt8]
    /// The assumed role's session, `arn:aws:sts::ACCOUNT:assumed-role/ROLE/BackplaneAssumeRoleSession`.
    package var principal: String
    package var requestID: String
    /// `X-Amzn-Trace-Id`.
    package var traceHeader: String
}

package struct ActionAnswer: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// The execution that StartExecution refused to start again, where it has the same input.
    package var repeated: RepeatedStart?

    package init(
        status: Int, headers: [(name: String, value: String)] = [], body: [UInt8], repeated: RepeatedStart? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.repeated = repeated
    }
}

/// An execution that was started by an earlier request of the same name and input, and has ended since.
package struct RepeatedStart: Sendable {
    package var arn: String
    /// Seconds since 1970, as StartExecution gave it.
    package var startDate: JSONNumber

    package init(arn: String, startDate: JSONNumber) {
        self.arn = arn
        self.startDate = startDate
    }
}

/// Why a role could not be assumed, in AWS's words, for the log: the client sees status 500 and no reason.
package struct RoleRefusal: Error, Sendable {
    package var text: String

    package init(text: String) { self.text = text }
}
