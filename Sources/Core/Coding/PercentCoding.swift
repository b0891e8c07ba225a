// Percent-encoding of paths and queries (RFC 3986 §2.1).

package enum PercentCoding {
    /// Decodes `%XX` and keeps what is not well formed. `+` is a space in a query only. `%2F` in a path segment is
    /// kept, because a decoded slash would make it two segments.
    package static func decode(_ text: some StringProtocol, isQuery: Bool) -> String {
        let bytes = Array(text.utf8)
        guard bytes.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return String(text) }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "%"), at + 2 < bytes.count, let high = Hex.digit(bytes[at + 1]),
                let low = Hex.digit(bytes[at + 2]), isQuery || high << 4 | low != UInt8(ascii: "/")
            {
                result.append(high << 4 | low)
                at += 3
            } else {
                result.append(isQuery && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                at += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
