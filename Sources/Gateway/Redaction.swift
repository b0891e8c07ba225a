// Keeps credentials out of the execution log.

import Expressions
import JSON

/// Replaces the credentials of one request wherever they occur in a line of the log: in its headers and its query, and
/// in the bodies that a template builds of them.
///
/// Like API Gateway [K], it keeps the last characters of a long value, so that two values can be distinguished:
/// asterisks and the last 6 characters of a value of 24 or more. Cookies and shorter values become asterisks alone.
struct Redaction: Sendable {
    /// Values and their replacements, long values first.
    private var replacements: [(value: String, shown: String)] = []

    /// Headers whose values are credentials, in lower case.
    static let headers: Set<String> = [
        "authorization", "proxy-authorization", "x-api-key", "cookie", "set-cookie", "x-amz-security-token",
        "x-amzn-oidc-accesstoken", "x-amzn-oidc-data", "x-auth-token", "x-csrf-token", "authentication",
    ]

    /// Query parameters whose values are credentials, in lower case.
    static let queryParameters: Set<String> = [
        "access_token", "api_key", "apikey", "authorization", "client_secret", "code", "id_token", "key", "password",
        "refresh_token", "secret", "sig", "signature", "token", "x-amz-credential", "x-amz-security-token",
        "x-amz-signature", "x-api-key", "tasktoken",
    ]

    /// Values shorter than this are replaced where they are a header's or a parameter's value, not within other text.
    private static let shortest = 6
    private static let kept = 6
    private static let shortestShown = 24

    /// Nothing is replaced.
    init() {}

    init(_ parameters: RequestParameters) {
        var values: [String: String] = [:]
        for (name, given) in parameters.headers where Self.isSecret(header: name) {
            for value in given {
                for part in Self.parts(of: value, header: name) { values[part] = Self.shown(part, header: name) }
            }
        }
        for (name, given) in parameters.query where Self.queryParameters.contains(name.lowercased()) {
            for value in given { values[value] = Self.shown(value) }
        }
        for (value, shown) in values where value.utf8.count >= Self.shortest {
            for form in Self.forms(of: value) { replacements.append((form, shown)) }
        }
        replacements.sort { ($0.value.utf8.count, $0.value) > ($1.value.utf8.count, $1.value) }
    }

    static func isSecret(header name: String) -> Bool { headers.contains(name.lowercased()) }

    /// Returns the text without the request's credentials.
    func redacted(_ text: String) -> String {
        var text = text
        for (value, shown) in replacements where text.contains(value) { text = text.replacing(value, with: shown) }
        return text
    }

    /// The first bytes of a body. A credential that the cut would go through is replaced as a whole.
    func body(_ bytes: [UInt8], limit: Int = 1_024) -> String {
        let maximum = replacements.first?.value.utf8.count ?? 0
        let text = redacted(String(decoding: bytes.prefix(limit + maximum), as: UTF8.self))
        return String(decoding: text.utf8.prefix(limit), as: UTF8.self)
    }

    /// `{Accept=*/*, Authorization=******8a8ad7}`
    func headers(_ values: [String: String]) -> String {
        var shown: [String: String] = [:]
        for (name, value) in values {
            shown[name] = Self.isSecret(header: name) ? Self.shown(value, header: name) : redacted(value)
        }
        return ExecutionLog.map(shown)
    }

    func query(_ values: [String: String]) -> String {
        var shown: [String: String] = [:]
        for (name, value) in values {
            shown[name] = Self.queryParameters.contains(name.lowercased()) ? Self.shown(value) : redacted(value)
        }
        return ExecutionLog.map(shown)
    }

    static func shown(_ value: String, header: String = "") -> String {
        let isCookie = ["cookie", "set-cookie"].contains(header.lowercased())
        guard !isCookie, value.count >= shortestShown else { return "******" }
        return "******" + value.suffix(kept)
    }

    /// A header's value, and what a template may cut out of it: the token after the scheme, the value of each cookie.
    private static func parts(of value: String, header: String) -> [String] {
        var parts = [value]
        if ["cookie", "set-cookie"].contains(header.lowercased()) {
            for pair in value.split(separator: ";") {
                guard let equals = pair.firstIndex(of: "=") else { continue }
                parts.append(String(pair[pair.index(after: equals)...]))
            }
        } else if let space = value.firstIndex(of: " ") {
            parts.append(String(value[value.index(after: space)...]))
        }
        return parts
    }

    /// A value as it is, as JSON text and as `$util.escapeJavaScript` writes it, once and twice.
    private static func forms(of value: String) -> Set<String> {
        let json = JSONValue.string(value).text.dropFirst().dropLast()
        let once = TemplateUtil.escapeJavaScript(value)
        return [
            value, String(json), once, once.replacing("\\'", with: "'"), TemplateUtil.escapeJavaScript(once),
            TemplateUtil.escapeJavaScript(String(json)),
        ]
    }
}
