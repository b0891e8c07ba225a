// Page tokens: where the next page begins, bound to the query that it belongs to.

import Core
package import Crypto
import Engine
import JSON
import States

/// Makes and reads page tokens. A token is the position and its expiry in hexadecimal with a MAC over both and over
/// the query: it can be neither forged nor used for another query, and it expires after 24 hours (api.md §2).
package struct PageTokens: Sendable {
    private let key: SymmetricKey
    private static let macBytes = 16  // Of the token's wire format.

    /// The key must be the same after a restart: derive it from what the store or the configuration keeps.
    package init(key: SymmetricKey) { self.key = key }

    /// A key from any secret text, for example the identity of the store.
    package init(secret: String) {
        self.init(key: SymmetricKey(data: SHA256.hash(data: Array("newel page token\n\(secret)".utf8))))
    }

    func token(_ position: String, query: String, now: Timestamp) -> String {
        let body = Array("\(now.milliseconds + Limits.API.maximumPageTokenMilliseconds) \(position)".utf8)
        return Hex.encode(mac(body, query) + body)
    }

    /// The position in a token. Throws InvalidToken for one that was not made for this query or has expired.
    func position(_ token: String, query: String, now: Timestamp) throws(ServiceError) -> String {
        guard let bytes = Hex.decode(token), bytes.count > Self.macBytes else { throw .invalidToken }
        let body = Array(bytes[Self.macBytes...])
        let expected = HMAC<SHA256>.authenticationCode(for: signed(body, query), using: key)
        guard Self.isEqual(expected.prefix(Self.macBytes), bytes.prefix(Self.macBytes)) else { throw .invalidToken }
        let fields = String(decoding: body, as: UTF8.self).split(separator: " ", maxSplits: 1)
        guard fields.count == 2, let expiry = Int64(fields[0]), now.milliseconds < expiry else { throw .invalidToken }
        return String(fields[1])
    }

    private func mac(_ body: [UInt8], _ query: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: signed(body, query), using: key).prefix(Self.macBytes))
    }

    private func signed(_ body: [UInt8], _ query: String) -> [UInt8] { Array(query.utf8) + [0] + body }

    /// In constant time.
    private static func isEqual(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Bool {
        zip(left, right).reduce(0) { $0 | $1.0 ^ $1.1 } == 0
    }
}
