// The canonical request of SigV4: path, query and headers in the one form that both sides sign.

extension SigV4 {
    /// Two ways to make a path canonical, which differ for paths that hold percent-encoding alone.
    package enum PathForm: Sendable {
        /// Decoded, and encoded once.
        case encodedOnce
        /// The path as sent is encoded once more, as AWS's SDKs do for every service but S3.
        case encodedAgain
    }

    static func canonicalRequest(
        _ request: Request, signedHeaders: [String], payloadHash: String, path: PathForm
    ) -> String {
        let parts = request.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return [
            request.method,
            canonicalPath(parts[0], path),
            canonicalQuery(parts.count == 2 ? parts[1] : ""),
            canonicalHeaders(request.headers, signedHeaders),
            signedHeaders.joined(separator: ";"),
            payloadHash,
        ].joined(separator: "\n")
    }

    /// Without empty segments, `.` and `..`; a trailing slash stays.
    static func canonicalPath(_ path: Substring, _ form: PathForm) -> String {
        var segments: [[UInt8]] = []
        for raw in path.split(separator: "/") {
            let segment = form == .encodedOnce ? percentDecoded(raw) : Array(raw.utf8)
            if segment == Array("..".utf8) {
                _ = segments.popLast()
            } else if segment != Array(".".utf8) {
                segments.append(segment)
            }
        }
        if segments.isEmpty { return "/" }
        return "/" + segments.map(percentEncoded).joined(separator: "/") + (path.hasSuffix("/") ? "/" : "")
    }

    /// Sorted by encoded name, then by encoded value. `+` is a plus sign, not a space.
    static func canonicalQuery(_ query: Substring) -> String {
        // Bytes all the way: what is encoded in a query need not be UTF-8.
        var items: [(name: String, value: String)] = []
        for item in query.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = percentEncoded(percentDecoded(parts[0]))
            guard name != "X-Amz-Signature" else { continue }
            items.append((name: name, value: parts.count == 2 ? percentEncoded(percentDecoded(parts[1])) : ""))
        }
        items.sort { $0.name == $1.name ? $0.value < $1.value : $0.name < $1.name }
        return items.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    static func queryItems(_ query: Substring) -> [(name: String, value: String)] {
        query.split(separator: "&").map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let texts = parts.map { String(decoding: percentDecoded($0), as: UTF8.self) }
            return (name: texts[0], value: texts.count == 2 ? texts[1] : "")
        }
    }

    /// One line for each name, with an empty one behind them; values of the same name in the order received.
    private static func canonicalHeaders(_ headers: [(name: String, value: String)], _ signed: [String]) -> String {
        var values: [String: [String]] = [:]
        for (name, value) in headers { values[name.lowercased(), default: []].append(collapsed(value)) }
        return signed.map { "\($0):\(values[$0, default: []].joined(separator: ","))\n" }.joined()
    }

    /// Without white space around it, and with one space for each run inside (folded lines too).
    private static func collapsed(_ value: String) -> String {
        value.split { $0.isWhitespace }.joined(separator: " ")
    }

    /// RFC 3986's unreserved characters stay, everything else becomes `%XX`.
    private static func percentEncoded(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in bytes {
            if byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || "-_.~".utf8.contains(byte) {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// A `%` that no two hexadecimal digits follow stays as it is.
    private static func percentDecoded(_ text: Substring) -> [UInt8] {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.count, let high = hexValue(bytes[at + 1]),
                let low = hexValue(bytes[at + 2])
            {
                result.append(high << 4 | low)
                at += 3
            } else {
                result.append(bytes[at])
                at += 1
            }
        }
        return result
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        if byte &- 0x30 < 10 { return byte - 0x30 }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }
}
