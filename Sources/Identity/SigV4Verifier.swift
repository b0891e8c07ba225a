// Whether a request was signed by whom it says, for this service, just now.

import Core

/// Checks the signatures of requests that arrive at one listener.
package struct SigV4Verifier: Sendable {
    /// The service that credentials must be scoped to: `states`, also for requests to `sync-` hosts.
    package var service: String
    /// The regions that credentials may be scoped to, `nil` for any.
    package var regions: Set<String>?
    /// Whether `x-amz-content-sha256: UNSIGNED-PAYLOAD` is taken, as AWS does over TLS.
    package var acceptsUnsignedPayload: Bool

    package init(service: String, regions: Set<String>? = nil, acceptsUnsignedPayload: Bool = true) {
        self.service = service
        self.regions = regions
        self.acceptsUnsignedPayload = acceptsUnsignedPayload
    }

    /// Gives the access key that signed the request; its principal is the caller. `now` is in seconds since 1970.
    package func verify(
        _ request: SigV4.Request, now: Int, key: (_ id: String) -> AccessKey?
    ) -> Result<AccessKey, SignatureRefusal> {
        do throws(SignatureRefusal) {
            let claims = try SigV4.Authentication(request)
            guard let key = key(claims.keyID), key.isActive, key.sessionToken == claims.token else {
                throw .invalidToken
            }
            if let expires = key.expires, expires <= now { throw .expiredToken }
            try checkScope(claims)
            try checkTime(claims, now: Timestamp(seconds: now))
            try checkSignedHeaders(claims, of: request)
            try checkSignature(claims, of: request, secret: key.secret)
            return .success(key)
        } catch {
            return .failure(error)
        }
    }

    private func checkScope(_ claims: SigV4.Authentication) throws(SignatureRefusal) {
        func refuse(_ message: String) -> SignatureRefusal { SignatureRefusal(.invalidSignature, message) }
        if claims.terminator != "aws4_request" {
            throw refuse(
                "Credential should be scoped with a valid terminator: 'aws4_request', not '\(claims.terminator)'.")
        }
        if claims.scope.service != service {
            throw refuse("Credential should be scoped to correct service: '\(service)'.")
        }
        if claims.scope.region.isEmpty || regions?.contains(claims.scope.region) == false {
            // The space at the end is AWS's.
            throw refuse("Credential should be scoped to a valid region. ")
        }
        if claims.scope.day != claims.timestamp.day {
            throw refuse(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                    + "'\(claims.scope.day)' != '\(claims.timestamp.day)', from '\(claims.timestamp.basic)'.")
        }
    }

    private func checkTime(_ claims: SigV4.Authentication, now: Timestamp) throws(SignatureRefusal) {
        let signed = claims.timestamp
        let latest = now.adding(seconds: Limits.API.maximumSkewSeconds)
        if signed > latest {
            throw SignatureRefusal(
                .invalidSignature,
                "Signature not yet current: \(signed.basic) is still later than \(latest.basic) (\(now.basic) + 5 min.)"
            )
        }
        if let expires = claims.expires {
            let end = signed.adding(seconds: expires)
            guard end < now else { return }
            throw SignatureRefusal(
                .invalidSignature, "Signature expired: \(end.basic) is now earlier than \(now.basic)")
        }
        let earliest = now.adding(seconds: -Limits.API.maximumSkewSeconds)
        if signed < earliest {
            throw SignatureRefusal(
                .invalidSignature,
                "Signature expired: \(signed.basic) is now earlier than \(earliest.basic) (\(now.basic) - 5 min.)")
        }
    }

    /// What decides about a request must be signed: the host, and every `x-amz-` header that came, the token apart
    /// (it is compared, and some clients add it after signing).
    private func checkSignedHeaders(
        _ claims: SigV4.Authentication, of request: SigV4.Request
    ) throws(SignatureRefusal) {
        let signed = Set(claims.signedHeaders)
        guard signed.contains("host") else {
            throw SignatureRefusal(
                .invalidSignature, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
        }
        for (name, _) in request.headers {
            let name = name.lowercased()
            guard name.hasPrefix("x-amz-"), name != "x-amz-security-token", !signed.contains(name) else { continue }
            throw SignatureRefusal(
                .invalidSignature, "'\(name)' must be a 'SignedHeader' in the AWS Authorization.")
        }
    }

    private func checkSignature(
        _ claims: SigV4.Authentication, of request: SigV4.Request, secret: String
    ) throws(SignatureRefusal) {
        let payloadHash = try payloadHash(request)
        var expected: SigV4.Signature?
        let forms: [SigV4.PathForm] = request.target.contains("%") ? [.encodedAgain, .encodedOnce] : [.encodedAgain]
        for form in forms {
            let signature = SigV4.signature(
                of: request, secret: secret, scope: claims.scope, timestamp: claims.timestamp.basic,
                signedHeaders: claims.signedHeaders, payloadHash: payloadHash, path: form)
            if isSame(signature.hex, claims.signature) { return }
            expected = expected ?? signature
        }
        throw .mismatch(expected)
    }

    /// A hash that the client sends along must be the body's; a chunked upload's (S3 alone has them) is refused.
    private func payloadHash(_ request: SigV4.Request) throws(SignatureRefusal) -> String {
        let hash = SigV4.sha256(request.body)
        guard let claimed = request.header("x-amz-content-sha256"), claimed != hash else { return hash }
        guard claimed == SigV4.unsignedPayload, acceptsUnsignedPayload else { throw .mismatch(nil) }
        return claimed
    }

    /// Compares in a time that does not tell how many characters are right.
    private func isSame(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return zip(left.utf8, right.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
