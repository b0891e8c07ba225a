// UUIDs as text (RFC 9562).

import Crypto

/// A UUID: 32 lower-case hexadecimal digits.
package struct UUIDText: Sendable {
    package let hex: String

    /// A UUID of version 4 from 128 random bits, six of which it replaces.
    package init(version4 high: UInt64, _ low: UInt64) {
        hex = Self.digits(high & ~0xF000 | 0x4000) + Self.digits(low & ~(3 << 62) | 1 << 63)
    }

    /// A UUID of version 8 from a text: the same text has the same UUID.
    package init(derivedFrom text: String) {
        var bytes = Array(SHA256.hash(data: Array(text.utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        hex = Hex.encode(bytes)
    }

    /// In the 8-4-4-4-12 form.
    package var text: String {
        let digits = Array(hex.utf8)
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(decoding: digits[$0], as: UTF8.self) }
            .joined(separator: "-")
    }

    private static func digits(_ bits: UInt64) -> String {
        let text = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
}
