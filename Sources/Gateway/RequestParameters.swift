// A request's parameters: path, query string and headers, single and multiple.

import Core

/// The parameters of a request for mappings and `$input.params()`. Of a name given twice the last value counts; names
/// are compared as they were sent.
struct RequestParameters: Sendable {
    var path: [String: String]
    var query: [String: [String]]
    var headers: [String: [String]]

    init(_ request: MethodRequest, path: [String: String]) {
        self.path = path
        query = Self.query(request.query)
        headers = [:]
        for (name, value) in request.headers { headers[name, default: []].append(value) }
    }

    /// `a=1&a=2;b`: both `&` and `;` separate.
    private static func query(_ text: String?) -> [String: [String]] {
        guard let text, !text.isEmpty else { return [:] }
        var values: [String: [String]] = [:]
        for pair in text.split(whereSeparator: { $0 == "&" || $0 == ";" }) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = PercentCoding.decode(parts[0], isQuery: true)
            values[name, default: []].append(parts.count > 1 ? PercentCoding.decode(parts[1], isQuery: true) : "")
        }
        return values
    }

    /// The values of a header whatever the case of its name: for the gateway itself, not for templates.
    func header(anyCase name: String) -> String? {
        if let values = headers[name] { return values.last }
        let wanted = name.lowercased()
        return headers.first { $0.key.lowercased() == wanted }?.value.last
    }

    var singleQuery: [String: String] { query.compactMapValues(\.last) }
    var singleHeaders: [String: String] { headers.compactMapValues(\.last) }

    /// Headers of the client that a template cannot see, in lower case (gateway.md §14.2, 7).
    private static let hidden: Set<String> = [
        "connection", "content-length", "content-md5", "expect", "max-forwards", "proxy-authenticate", "server", "te",
        "transfer-encoding", "trailer", "upgrade", "www-authenticate",
    ]

    /// What `$input.params().header` holds.
    var templateHeaders: [String: String] {
        singleHeaders.filter { !Self.hidden.contains($0.key.lowercased()) }
    }
}
