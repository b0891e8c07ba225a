// States.Format, StringSplit, Base64Encode, Base64Decode and Hash.

import Crypto
import JSON

extension IntrinsicArguments {
    /// `{}` takes the arguments in turn; a backslash makes `{`, `}`, `'` and itself plain. `written` is a literal
    /// template with its escapes; a template that comes from data has them in its value.
    func format(_ written: String?) throws(IntrinsicError) -> JSONValue {
        let given = try text(0)
        let template = Array((written ?? given).utf8)
        var result: [UInt8] = []
        var next = 1
        var at = 0
        while at < template.count {
            let following = at + 1 < template.count ? template[at + 1] : nil
            switch (template[at], following) {
            case (UInt8(ascii: "{"), UInt8(ascii: "}")):
                guard next < values.count else { throw tooFew }
                result += values[next].javaText.utf8
                guard result.count <= Self.mostBytes else { throw refusal("the result is too long") }
                next += 1
                at += 2
            case (UInt8(ascii: "\\"), let escaped?) where "'{}\\".utf8.contains(escaped):
                result.append(escaped)
                at += 2
            default:
                result.append(template[at])
                at += 1
            }
        }
        guard next == values.count else {
            throw refusal("the template has \(next - 1) times {} for \(values.count - 1) arguments")
        }
        return try self.result(String(decoding: result, as: UTF8.self))
    }

    private var tooFew: IntrinsicError {
        refusal("the template has more than \(values.count - 1) times {} for \(values.count - 1) arguments")
    }

    /// Every character of the second argument parts the first; parts that are empty are left out.
    func stringSplit() throws(IntrinsicError) -> JSONValue {
        let delimiters = Set(try text(1).unicodeScalars)
        let parts = try text(0).unicodeScalars.split(whereSeparator: delimiters.contains)
        return .array(parts.map { .string(String(String.UnicodeScalarView($0))) })
    }

    func base64Encode() throws(IntrinsicError) -> JSONValue { .string(Base64.encode(Array(try shortText(0).utf8))) }

    /// Bytes that are not UTF-8 become U+FFFD, as Java decodes them.
    func base64Decode() throws(IntrinsicError) -> JSONValue {
        guard let bytes = Base64.decode(try shortText(0)) else { throw refusal("the text is not Base64") }
        return .string(String(decoding: bytes, as: UTF8.self))
    }

    func hash() throws(IntrinsicError) -> JSONValue {
        let data = Array(try shortText(0).utf8)
        switch try text(1) {
        case "MD5": return .string(data.hexDigest(Insecure.MD5.self))
        case "SHA-1": return .string(data.hexDigest(Insecure.SHA1.self))
        case "SHA-256": return .string(data.hexDigest(SHA256.self))
        case "SHA-384": return .string(data.hexDigest(SHA384.self))
        case "SHA-512": return .string(data.hexDigest(SHA512.self))
        case let other:
            throw refusal("the algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512 but was '\(other)'")
        }
    }
}

extension [UInt8] {
    func hexDigest<Function: HashFunction>(_: Function.Type) -> String {
        var function = Function()
        withUnsafeBytes { function.update(bufferPointer: $0) }
        let digits = Array("0123456789abcdef".utf8)
        let text = function.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}

extension JSONValue {
    /// The value as Java's `toString` shows it inside a text: a string bare, objects as `{a=1, b=[x, null]}`.
    var javaText: String {
        switch self {
        case .string(let text): text
        case .null, .bool, .number: text
        case .array(let elements): "[" + elements.map(\.javaText).joined(separator: ", ") + "]"
        case .object(let members): "{" + members.map { "\($0)=\($1.javaText)" }.joined(separator: ", ") + "}"
        }
    }
}
