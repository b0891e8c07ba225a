// What a request says about its own signature, in its Authorization header or in its query.

import Core

extension SigV4 {
    /// The claims a request makes: which key, for what, when, over which headers.
    struct Authentication: Sendable, Equatable {
        var keyID: String
        var scope: Scope
        /// The last element of the credential; `aws4_request`, if it is right.
        var terminator: String
        var timestamp: Timestamp
        var signedHeaders: [String]
        var signature: String
        var token: String?
        /// How long a presigned request is good for, in seconds; `nil` for one signed by header.
        var expires: Int?
    }
}

extension SigV4.Authentication {
    init(_ request: SigV4.Request) throws(SignatureRefusal) {
        if let header = request.header("authorization") {
            try self.init(header: header, of: request)
            return
        }
        let parts = request.target.split(separator: "?", maxSplits: 1)
        var query: [String: String] = [:]
        for (name, value) in SigV4.queryItems(parts.count == 2 ? parts[1] : "") { query[name] = value }
        guard query["X-Amz-Algorithm"] != nil || query["X-Amz-Signature"] != nil else { throw .missing }
        try self.init(query: query)
    }

    private init(header: String, of request: SigV4.Request) throws(SignatureRefusal) {
        let words = header.split(separator: " ", maxSplits: 1)
        let algorithm = words.first.map { String($0) } ?? ""
        if algorithm.hasPrefix("AWS4-"), algorithm != SigV4.algorithm {
            throw SignatureRefusal(.incompleteSignature, "Unsupported AWS 'algorithm': '\(algorithm)'.")
        }
        let fields = try Self.fields(words.count == 2 ? words[1] : "", of: header)
        var faults = ["Credential", "Signature", "SignedHeaders"].filter { fields[$0]?.isEmpty ?? true }
            .map { "Authorization header requires '\($0)' parameter." }
        let date = request.header("x-amz-date") ?? request.header("date")
        if date == nil {
            faults.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
        }
        guard let credential = fields["Credential"], let signature = fields["Signature"],
            let signedHeaders = fields["SignedHeaders"], let date, faults.isEmpty
        else {
            throw SignatureRefusal(
                .incompleteSignature, faults.joined(separator: " ") + " Authorization=" + header)
        }
        let elements = try Self.elements(credential)
        keyID = elements[0]
        scope = SigV4.Scope(day: elements[1], region: elements[2], service: elements[3])
        terminator = elements[4]
        timestamp = try Self.timestamp(date)
        self.signedHeaders = signedHeaders.split(separator: ";").map { $0.lowercased() }
        self.signature = signature
        token = request.header("x-amz-security-token")
    }

    /// The `key=value` pairs behind the algorithm, with commas between them.
    private static func fields(_ text: Substring, of header: String) throws(SignatureRefusal) -> [String: String] {
        var fields: [String: String] = [:]
        for item in text.split(separator: ",") {
            let pair = item.split(separator: " ").joined(separator: " ")
            if pair.isEmpty { continue }
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw SignatureRefusal(
                    .incompleteSignature,
                    "'\(pair)' not a valid key=value pair (missing equal-sign) in Authorization header: '\(header)'.")
            }
            fields[String(parts[0])] = String(parts[1])
        }
        return fields
    }

    private init(query: [String: String]) throws(SignatureRefusal) {
        let needed = ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"]
        let missing = needed.map { "X-Amz-" + $0 }.filter { query[$0]?.isEmpty ?? true }
        guard missing.isEmpty, let credential = query["X-Amz-Credential"], let date = query["X-Amz-Date"],
            let headers = query["X-Amz-SignedHeaders"], let signature = query["X-Amz-Signature"]
        else {
            throw SignatureRefusal(
                .incompleteSignature,
                missing.map { "AWS query-string parameters must include '\($0)'." }.joined(separator: " ")
                    + " Re-examine the query-string parameters.")
        }
        guard query["X-Amz-Algorithm"] == SigV4.algorithm else {
            throw SignatureRefusal(
                .incompleteSignature, "Unsupported AWS 'algorithm': '\(query["X-Amz-Algorithm"] ?? "")'.")
        }
        guard let expires = query["X-Amz-Expires"].flatMap({ Int($0) }), (1...604_800).contains(expires) else {
            throw SignatureRefusal(
                .incompleteSignature, "X-Amz-Expires must be a number of seconds from 1 to 604800 (one week).")
        }
        let elements = try Self.elements(credential)
        keyID = elements[0]
        scope = SigV4.Scope(day: elements[1], region: elements[2], service: elements[3])
        terminator = elements[4]
        timestamp = try Self.timestamp(date)
        signedHeaders = headers.split(separator: ";").map { $0.lowercased() }
        self.signature = signature
        token = query["X-Amz-Security-Token"]
        self.expires = expires
    }

    private static func elements(_ credential: String) throws(SignatureRefusal) -> [String] {
        let elements = credential.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
        guard elements.count == 5 else {
            throw SignatureRefusal(
                .incompleteSignature,
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
                    + "got '\(credential)'"
            )
        }
        return elements
    }

    private static func timestamp(_ text: String) throws(SignatureRefusal) -> Timestamp {
        guard let timestamp = Timestamp(basic: text) ?? Timestamp(http: text) else {
            throw SignatureRefusal(
                .incompleteSignature,
                "Date must be in ISO-8601 'basic format'. Got '\(text)'. See http://en.wikipedia.org/wiki/ISO_8601")
        }
        return timestamp
    }
}
