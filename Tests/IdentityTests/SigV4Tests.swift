// Signature Version 4: AWS's own suite, requests as SDKs send them, and what can be wrong with one.

import Core
import Identity
import JSON
import Testing

@Suite("SigV4")
struct SigV4Tests {
    @Test("Every case of AWS's suite gives its canonical request, string to sign and signature.")
    func awsSuite() throws {
        for item in try cases("sigv4/aws4-test-suite.json") {
            let id = item["id"]?.stringValue ?? ""
            let date = try text(item, "amz_date")
            let scope = SigV4.Scope(
                day: String(date.prefix(8)), region: try text(item, "region"), service: try text(item, "service"))
            let names = try text(item, "signed_headers").split(separator: ";").map { String($0) }
            let signature = SigV4.signature(
                of: try request(item), secret: Self.secret, scope: scope, timestamp: date, signedHeaders: names)
            let header = SigV4.authorization(
                keyID: Self.keyID, scope: scope, signedHeaders: names, signature: signature.hex)
            let found: JSONValue = [
                "canonical_request": .string(signature.canonicalRequest),
                "string_to_sign": .string(signature.stringToSign), "signature": .string(signature.hex),
                "authorization": .string(header),
            ]
            let isRight = ["canonical_request", "string_to_sign", "signature", "authorization"]
                .allSatisfy { found[$0] == item[$0] }
            check("sigv4", id, isRight, found.text)
        }
    }

    @Test("Every request of the generated set is accepted or refused with the expected exception.")
    func generated() throws {
        for item in try cases("sigv4/json10-generated.json") {
            let id = item["id"]?.stringValue ?? ""
            let request = try request(try #require(item["request"]))
            let now = try #require(Timestamp(basic: try text(item, "server_time"))).seconds
            let token = request.headers.first { $0.name == "X-Amz-Security-Token" }?.value
            let result = verify(request, now: now, key: key(token: token))
            let expected = try text(item, "expect").split(separator: "|").map { String($0) }
            switch result {
            case .success: check("sigv4", id, expected == ["ok"], "accepted")
            case .failure(let refusal):
                check("sigv4", id, expected.contains(refusal.code.rawValue), "\(refusal.code): \(refusal.message)")
            }
        }
    }

    @Test("What is signed here is accepted here, also with a token and an encoded path.")
    func roundTrip() throws {
        for (target, token) in [("/", nil), ("/a%2Fb/c?x=1&y=%20", nil), ("/", "token==")] as [(String, String?)] {
            let key = key(token: token)
            let signed = SigV4.signed(plain(target: target), key: key, region: "r", service: "states", now: Self.now)
            #expect(refusal(verify(signed, now: Self.now, key: key)) == nil)
        }
    }

    @Test("A path encoded once verifies as well as one encoded again.")
    func encodedOnce() {
        var request = plain(target: "/a%2Fb")
        request.headers.append(("X-Amz-Date", "20260822T101112Z"))
        let scope = SigV4.Scope(day: "20260822", region: "r", service: "states")
        let names = ["host", "x-amz-date"]
        let signature = SigV4.signature(
            of: request, secret: Self.secret, scope: scope, timestamp: "20260822T101112Z", signedHeaders: names,
            path: .encodedOnce)
        let header = SigV4.authorization(
            keyID: Self.keyID, scope: scope, signedHeaders: names, signature: signature.hex)
        request.headers.append(("Authorization", header))
        #expect(refusal(verify(request, now: Self.now, key: key())) == nil)
    }

    @Test(
        "A refusal has AWS's exception and words.",
        arguments: [
            (
                "Bearer x", "IncompleteSignatureException",
                "'x' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer x'."
            ),
            (
                "AWS4-HMAC-SHA256 Credential=a", "IncompleteSignatureException",
                "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' "
                    + "parameter. Authorization=AWS4-HMAC-SHA256 Credential=a"
            ),
            (
                "AWS4-HMAC-SHA256", "IncompleteSignatureException",
                "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' "
                    + "parameter. Authorization header requires 'SignedHeaders' parameter. "
                    + "Authorization=AWS4-HMAC-SHA256"
            ),
            (
                "AWS4-ECDSA-P256-SHA256 Credential=a", "IncompleteSignatureException",
                "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'."
            ),
            (
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260822/r/states,SignedHeaders=host,Signature=0",
                "IncompleteSignatureException",
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got "
                    + "'AKIDEXAMPLE/20260822/r/states'"
            ),
            (
                "AWS4-HMAC-SHA256 Credential=NOBODY/20260822/r/states/aws4_request,SignedHeaders=host,Signature=0",
                "UnrecognizedClientException", "The security token included in the request is invalid."
            ),
            (
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260822/r/states/aws3,SignedHeaders=host,Signature=0",
                "InvalidSignatureException",
                "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws3'."
            ),
            (
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260822/r/s3/aws4_request,SignedHeaders=host,Signature=0",
                "InvalidSignatureException", "Credential should be scoped to correct service: 'states'."
            ),
            (
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260822/x/states/aws4_request,SignedHeaders=host,Signature=0",
                "InvalidSignatureException", "Credential should be scoped to a valid region. "
            ),
            (
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260823/r/states/aws4_request,SignedHeaders=host,Signature=0",
                "InvalidSignatureException",
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                    + "'20260823' != "
                    + "'20260822', from '20260822T101112Z'."
            ),
            (
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260822/r/states/aws4_request,SignedHeaders=x-amz-date,"
                    + "Signature=0", "InvalidSignatureException",
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
            ),
            (
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260822/r/states/aws4_request,SignedHeaders=host,Signature=0",
                "InvalidSignatureException", "'x-amz-date' must be a 'SignedHeader' in the AWS Authorization."
            ),
            (
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260822/r/states/aws4_request,SignedHeaders=host;x-amz-date,"
                    + "Signature=0", "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                    + "Access Key and signing method. Consult the service documentation for details."
            ),
        ])
    func refusals(header: String, code: String, message: String) {
        var request = plain()
        request.headers += [("X-Amz-Date", "20260822T101112Z"), ("Authorization", header)]
        let refusal = refusal(verify(request, now: Self.now, key: key()))
        #expect(refusal?.code.rawValue == code)
        #expect(refusal?.message == message)
    }

    @Test("Without any authentication, or without a date, the refusal says so.")
    func missing() {
        let refusal = refusal(verify(plain(), now: Self.now, key: key()))
        #expect(refusal?.code == .missingAuthenticationToken)
        #expect(refusal?.message == "Missing Authentication Token")
        var signed = SigV4.signed(plain(), key: key(), region: "r", service: "states", now: Self.now)
        signed.headers.removeAll { $0.name == "X-Amz-Date" }
        let header = signed.headers.last?.value ?? ""
        #expect(
            self.refusal(verify(signed, now: Self.now, key: key()))?.message
                == "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization="
                + header)
    }

    @Test("A time too far off is refused with both ends of the window.")
    func skew() {
        let signed = SigV4.signed(plain(), key: key(), region: "r", service: "states", now: Self.now)
        func message(_ offset: Int) -> String? {
            refusal(verify(signed, now: Self.now + offset, key: key()))?.message
        }
        #expect(message(300) == nil)
        #expect(message(-300) == nil)
        #expect(
            message(900)
                == "Signature expired: 20260822T101112Z is now earlier than 20260822T102112Z (20260822T102612Z "
                + "- 5 min.)"
        )
        #expect(
            message(-900)
                == "Signature not yet current: 20260822T101112Z is still later than 20260822T100112Z "
                + "(20260822T095612Z + 5 min.)"
        )
    }

    @Test("Keys: inactive, with a token not theirs, without their token, past their session.")
    func keys() {
        func code(_ signing: AccessKey, _ stored: AccessKey) -> SignatureRefusal.Code? {
            let signed = SigV4.signed(plain(), key: signing, region: "r", service: "states", now: Self.now)
            return refusal(verify(signed, now: Self.now, key: stored))?.code
        }
        var inactive = key()
        inactive.isActive = false
        var ended = key(token: "t")
        ended.expires = Self.now
        var lasting = ended
        lasting.expires = Self.now + 1
        #expect(code(key(), inactive) == .unrecognizedClient)
        #expect(code(key(token: "t"), key()) == .unrecognizedClient)
        #expect(code(key(), key(token: "t")) == .unrecognizedClient)
        #expect(code(key(token: "u"), key(token: "t")) == .unrecognizedClient)
        #expect(code(key(token: "t"), ended) == .expiredToken)
        #expect(code(key(token: "t"), lasting) == nil)
    }

    @Test("A payload hash sent along must be the body's; UNSIGNED-PAYLOAD where allowed; chunked uploads never.")
    func payload() {
        func code(_ hash: String, allowed: Bool = true) -> SignatureRefusal.Code? {
            var request = plain()
            request.headers.append(("X-Amz-Content-Sha256", hash))
            request.headers.append(("X-Amz-Date", "20260822T101112Z"))
            let scope = SigV4.Scope(day: "20260822", region: "r", service: "states")
            let names = ["host", "x-amz-content-sha256", "x-amz-date"]
            let signature = SigV4.signature(
                of: request, secret: Self.secret, scope: scope, timestamp: "20260822T101112Z", signedHeaders: names,
                payloadHash: hash)
            let header = SigV4.authorization(
                keyID: Self.keyID, scope: scope, signedHeaders: names, signature: signature.hex)
            request.headers.append(("Authorization", header))
            let verifier = SigV4Verifier(service: "states", acceptsUnsignedPayload: allowed)
            return refusal(verifier.verify(request, now: Self.now) { _ in key() })?.code
        }
        #expect(code("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a") == nil)
        #expect(code("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855") == .invalidSignature)
        #expect(code("UNSIGNED-PAYLOAD") == nil)
        #expect(code("UNSIGNED-PAYLOAD", allowed: false) == .invalidSignature)
        #expect(code("STREAMING-AWS4-HMAC-SHA256-PAYLOAD") == .invalidSignature)
    }

    @Test("The Date header stands in for X-Amz-Date.")
    func dateHeader() {
        var request = plain()
        request.headers.append(("Date", "Sat, 22 Aug 2026 10:11:12 GMT"))
        let scope = SigV4.Scope(day: "20260822", region: "r", service: "states")
        let signature = SigV4.signature(
            of: request, secret: Self.secret, scope: scope, timestamp: "20260822T101112Z",
            signedHeaders: ["date", "host"])
        let header = SigV4.authorization(
            keyID: Self.keyID, scope: scope, signedHeaders: ["date", "host"], signature: signature.hex)
        request.headers.append(("Authorization", header))
        #expect(refusal(verify(request, now: Self.now, key: key())) == nil)
        request.headers[1].value = "yesterday"
        #expect(refusal(verify(request, now: Self.now, key: key()))?.code == .incompleteSignature)
    }

    @Test("A presigned request is good until it expires, and needs all its parameters.")
    func presigned() {
        func target(_ expires: String, without left: String = "") -> String {
            let fields = [
                "X-Amz-Algorithm=AWS4-HMAC-SHA256",
                "X-Amz-Credential=AKIDEXAMPLE%2F20260822%2Fr%2Fstates%2Faws4_request",
                "X-Amz-Date=20260822T101112Z", "X-Amz-Expires=\(expires)", "X-Amz-SignedHeaders=host",
            ].filter { left.isEmpty || !$0.hasPrefix(left) }.joined(separator: "&")
            let scope = SigV4.Scope(day: "20260822", region: "r", service: "states")
            let signature = SigV4.signature(
                of: plain(target: "/?" + fields), secret: Self.secret, scope: scope, timestamp: "20260822T101112Z",
                signedHeaders: ["host"])
            return "/?\(fields)&X-Amz-Signature=\(signature.hex)"
        }
        func message(_ target: String, after seconds: Int = 0) -> String? {
            refusal(verify(plain(target: target), now: Self.now + seconds, key: key()))?.message
        }
        #expect(message(target("3600")) == nil)
        #expect(message(target("3600"), after: 3600) == nil)
        #expect(
            message(target("3600"), after: 3601)
                == "Signature expired: 20260822T111112Z is now earlier than 20260822T111113Z")
        #expect(message(target("604801")) == "X-Amz-Expires must be a number of seconds from 1 to 604800 (one week).")
        #expect(
            message(target("60", without: "X-Amz-Credential"))
                == "AWS query-string parameters must include 'X-Amz-Credential'. Re-examine the query-string "
                + "parameters."
        )
        #expect(message(target("60") + "0")?.hasPrefix("The request signature we calculated") == true)
    }

    private static let keyID = "AKIDEXAMPLE"
    private static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    /// 2026-08-22T10:11:12Z.
    private static let now = 1_787_393_472

    private func key(token: String? = nil) -> AccessKey {
        AccessKey(id: Self.keyID, secret: Self.secret, sessionToken: token, principal: .root(account: "000000000000"))
    }

    private func plain(target: String = "/") -> SigV4.Request {
        SigV4.Request(method: "POST", target: target, headers: [("Host", "127.0.0.1:8083")], body: Array("{}".utf8))
    }

    private func verify(_ request: SigV4.Request, now: Int, key: AccessKey) -> Result<AccessKey, SignatureRefusal> {
        SigV4Verifier(service: "states", regions: ["r", "eu-central-1"]).verify(request, now: now) { id in
            id == key.id ? key : nil
        }
    }

    private func refusal(_ result: Result<AccessKey, SignatureRefusal>) -> SignatureRefusal? {
        if case .failure(let refusal) = result { refusal } else { nil }
    }

    private func text(_ item: JSONValue, _ name: String) throws -> String {
        try #require(item[name]?.stringValue)
    }

    private func request(_ item: JSONValue) throws -> SigV4.Request {
        let headers = try #require(item["headers"]?.arrayValue)
        return SigV4.Request(
            method: try text(item, "method"), target: try text(item, "target"),
            headers: headers.map { (name: $0[0]?.stringValue ?? "", value: $0[1]?.stringValue ?? "") },
            body: Array(try text(item, "body").utf8))
    }
}
