// Page tokens: where the next page begins, bound to the query that it belongs to.

package import Crypto
import Engine
import JSON
import States

/// Makes and reads page tokens. A token is the position and its expiry in hexadecimal with a MAC over both and over
/// the query: it can be neither forged nor used for another query, and it expires after 24 hours (api.md §2).
package struct PageTokens: Sendable {
    private let key: SymmetricKey
    private static let lifetime: Int64 = 24 * 3600 * 1000
    private static let macBytes = 16

    /// The key must be the same after a restart: derive it from what the store or the configuration keeps.
    package init(key: SymmetricKey) { self.key = key }

    /// A key from any secret text, for example the identity of the store.
    package init(secret: String) {
        self.init(key: SymmetricKey(data: SHA256.hash(data: Array("newel page token\n\(secret)".utf8))))
    }

    func token(_ position: String, query: String, now: Timestamp) -> String {
        let body = Array("\(now.milliseconds + Self.lifetime) \(position)".utf8)
        return Hex.text(mac(body, query) + body)
    }

    /// The position in a token. Throws InvalidToken for one that was not made for this query or has expired.
    func position(_ token: String, query: String, now: Timestamp) throws(ServiceError) -> String {
        guard let bytes = Hex.bytes(token), bytes.count > Self.macBytes else { throw .invalidToken }
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

private enum Hex {
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    static func bytes(_ text: String) -> [UInt8]? {
        var values: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39: values.append(byte - 0x30)
            case 0x61...0x66: values.append(byte - 0x57)
            default: return nil
            }
        }
        guard values.count % 2 == 0 else { return nil }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}
