// Signature Version 4: from a request to the canonical request and its signature.

import Core
import Crypto

/// AWS Signature Version 4, for requests that come in and requests that go out.
package enum SigV4 {
    static let algorithm = "AWS4-HMAC-SHA256"
    static let unsignedPayload = "UNSIGNED-PAYLOAD"

    /// An HTTP request as it was received or is to be sent.
    package struct Request: Sendable {
        package var method: String
        /// Path and query as on the request line, undecoded.
        package var target: String
        /// In the order received; a name may stand several times. HTTP/2's `:authority` goes here as `Host`.
        package var headers: [(name: String, value: String)]
        /// The whole body, without transfer coding.
        package var body: [UInt8]

        package init(method: String, target: String, headers: [(name: String, value: String)], body: [UInt8]) {
            self.method = method
            self.target = target
            self.headers = headers
            self.body = body
        }

        /// The first value of a header, whatever the case of its name.
        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name }?.value
        }
    }

    /// What a key signs for: a day, a region and a service.
    package struct Scope: Sendable, Equatable {
        /// `20260822`.
        package var day: String
        package var region: String
        package var service: String

        package init(day: String, region: String, service: String) {
            self.day = day
            self.region = region
            self.service = service
        }

        var text: String { "\(day)/\(region)/\(service)/aws4_request" }
    }

    /// A signature and the texts it was made from.
    package struct Signature: Sendable, Equatable {
        package var canonicalRequest: String
        package var stringToSign: String
        /// 64 lower-case hexadecimal digits.
        package var hex: String
    }

    /// Signs.
    ///
    /// - Parameters:
    ///   - timestamp: as in `X-Amz-Date`.
    ///   - signedHeaders: lower-case names.
    ///   - payloadHash: stands for the hash of the body where given (`UNSIGNED-PAYLOAD`).
    ///   - path: how the path is made canonical; AWS's SDKs encode it once more for every service but S3.
    package static func signature(
        of request: Request, secret: String, scope: Scope, timestamp: String, signedHeaders: [String],
        payloadHash: String? = nil, path: PathForm = .encodedAgain
    ) -> Signature {
        let canonical = canonicalRequest(
            request, signedHeaders: signedHeaders, payloadHash: payloadHash ?? sha256(request.body), path: path)
        let toSign = [algorithm, timestamp, scope.text, sha256(Array(canonical.utf8))].joined(separator: "\n")
        let code = HMAC<SHA256>.authenticationCode(for: Array(toSign.utf8), using: signingKey(secret, scope))
        return Signature(canonicalRequest: canonical, stringToSign: toSign, hex: hex(code))
    }

    private static func signingKey(_ secret: String, _ scope: Scope) -> SymmetricKey {
        [scope.day, scope.region, scope.service, "aws4_request"]
            .reduce(SymmetricKey(data: Array("AWS4\(secret)".utf8))) { key, part in
                SymmetricKey(data: Array(HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key)))
            }
    }

    static func sha256(_ bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension SigV4 {
    /// Headers that are left unsigned when a request goes out: those that proxies and HTTP clients add or change.
    private static let unsignable: Set<String> = [
        "authorization", "connection", "content-length", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id",
    ]

    /// The request with `X-Amz-Date`, `X-Amz-Security-Token` where the key has a token, and `Authorization` added. It
    /// must have its `Host` header already. `now` is in seconds since 1970.
    package static func signed(
        _ request: Request, key: AccessKey, region: String, service: String, now: Int
    ) -> Request {
        var request = request
        let replaced: Set = ["x-amz-date", "x-amz-security-token", "authorization"]
        request.headers.removeAll { replaced.contains($0.name.lowercased()) }
        let timestamp = Timestamp(seconds: now)
        request.headers.append((name: "X-Amz-Date", value: timestamp.basic))
        if let token = key.sessionToken { request.headers.append((name: "X-Amz-Security-Token", value: token)) }
        let names = Set(request.headers.map { $0.name.lowercased() }).subtracting(unsignable).sorted()
        let scope = Scope(day: timestamp.day, region: region, service: service)
        let signature = signature(
            of: request, secret: key.secret, scope: scope, timestamp: timestamp.basic, signedHeaders: names)
        let authorization = authorization(keyID: key.id, scope: scope, signedHeaders: names, signature: signature.hex)
        request.headers.append((name: "Authorization", value: authorization))
        return request
    }

    /// The `Authorization` header's value.
    package static func authorization(
        keyID: String, scope: Scope, signedHeaders: [String], signature: String
    ) -> String {
        "\(algorithm) Credential=\(keyID)/\(scope.text), SignedHeaders=\(signedHeaders.joined(separator: ";")), "
            + "Signature=\(signature)"
    }
}
