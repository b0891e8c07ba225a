// The base URL of a service.

import Core

/// A base URL taken apart.
package struct Endpoint: Sendable {
    /// `http://host:port`
    package var origin: String
    /// `host:port`
    package var authority: String
    /// Without a trailing slash; empty for none.
    package var path: String

    package init(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        authority = parts.count > 2 ? parts[2] : ""
        origin = "\(parts[0])//\(authority)"
        let rest = parts.count > 3 ? "/" + parts[3] : ""
        path = rest.hasSuffix("/") ? String(rest.dropLast()) : rest
    }

    /// Whether the port, if there is one, is from 1 to 65535. NIO ends the process for others.
    package var hasValidPort: Bool {
        let host = authority.fields(by: "@").last ?? ""
        let afterHost = host.fields(by: "]").last ?? ""
        let fields = afterHost.fields(by: ":")
        return fields.count < 2 || UInt16(fields[fields.count - 1]).map { $0 > 0 } ?? false
    }

    /// Percent-encoded except for RFC 3986's unreserved characters.
    package static func encoded(_ text: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        let digits = Array("0123456789ABCDEF")
        var result = ""
        for byte in text.utf8 {
            if plain.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return result
    }
}
