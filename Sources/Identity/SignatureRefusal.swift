// Why a request's signature was not accepted, in AWS's names and words.

/// A request that could not be authenticated.
package struct SignatureRefusal: Error, Sendable, Equatable {
    /// The exception's name, as in `__type`. Services that speak AWS JSON answer all of them with status 400.
    package enum Code: String, Sendable {
        case missingAuthenticationToken = "MissingAuthenticationTokenException"
        case incompleteSignature = "IncompleteSignatureException"
        case unrecognizedClient = "UnrecognizedClientException"
        case expiredToken = "ExpiredTokenException"
        case invalidSignature = "InvalidSignatureException"
    }

    package var code: Code
    package var message: String
    /// For a signature that does not match: the canonical request and string to sign that were expected. For debugging
    /// alone; the answer does not carry it.
    package var expected: SigV4.Signature?

    init(_ code: Code, _ message: String, expected: SigV4.Signature? = nil) {
        self.code = code
        self.message = message
        self.expected = expected
    }

    static let missing = SignatureRefusal(.missingAuthenticationToken, "Missing Authentication Token")

    static let invalidToken = SignatureRefusal(
        .unrecognizedClient, "The security token included in the request is invalid.")

    static let expiredToken = SignatureRefusal(.expiredToken, "The security token included in the request is expired")

    static func mismatch(_ expected: SigV4.Signature?) -> SignatureRefusal {
        SignatureRefusal(
            .invalidSignature,
            "The request signature we calculated does not match the signature you provided. Check your AWS "
                + "Secret Access "
                + "Key and signing method. Consult the service documentation for details.",
            expected: expected)
    }
}
