// `$util`: escaping and encoding.

import Core
import JSON

extension TemplateEvaluator {
    mutating func callUtil(
        _ method: TemplateMethod, _ arguments: [TemplateValue], at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        guard arguments.count == 1 else { return nil }
        let text = arguments[0].isNull ? "" : try text(of: arguments[0])
        // Escapes have six letters at most, and some of these methods look at each letter for long.
        try charge(text.utf8.count >> 4, at: place)
        try charge(bytes: (method == .parseJson ? EvaluationBudget.parsedBytes : 8) * text.utf8.count, at: place)
        switch method {
        case .escapeJavaScript: return try checked(TemplateUtil.escapeJavaScript(text), at: place)
        case .urlEncode: return try checked(TemplateUtil.urlEncode(text), at: place)
        case .urlDecode:
            guard let decoded = TemplateUtil.urlDecode(text) else { throw thrown("urlDecode: a bad %", at: place) }
            return .string(decoded)
        case .base64Encode: return try checked(TemplateUtil.base64Encode(Array(text.utf8)), at: place)
        case .base64Decode: return .string(String(decoding: TemplateUtil.base64Decode(text), as: UTF8.self))
        case .parseJson:
            if text.isEmpty { return .null }
            do throws(JSONError) {
                return TemplateValue(
                    try JSONValue.parse(text, limits: JSONLimits(depth: Limits.Gateway.maximumBodyDepth)), lists: .json)
            } catch {
                throw thrown("parseJson: \(error)", at: place)
            }
        default: return nil
        }
    }

    private mutating func checked(_ text: String, at place: Int) throws(TemplateFault) -> TemplateValue {
        try charge(text: text, at: place)
        return .string(text)
    }
}

/// What `$util` does to texts.
package enum TemplateUtil {
    /// commons-lang 2's rules: quotes of both kinds, the backslash and the slash get a backslash; all above U+007E
    /// becomes `\uXXXX`, by UTF-16 units. (An AWS execution log shows `"Accept": "*\/*"`.)
    package static func escapeJavaScript(_ text: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + 16)
        for unit in text.utf16 {
            switch unit {
            case 0x27, 0x22, 0x5C, 0x2F:
                result.append(UInt8(ascii: "\\"))
                result.append(UInt8(unit))
            case 0x20..<0x80: result.append(UInt8(unit))
            case 0x08: result.append(contentsOf: "\\b".utf8)
            case 0x09: result.append(contentsOf: "\\t".utf8)
            case 0x0A: result.append(contentsOf: "\\n".utf8)
            case 0x0C: result.append(contentsOf: "\\f".utf8)
            case 0x0D: result.append(contentsOf: "\\r".utf8)
            default: TemplateText.escape(UInt32(unit), into: &result)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Java's URLEncoder, the form's spelling: a space is `+`; letters, digits, `.`, `-`, `*` and `_` stay.
    package static func urlEncode(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: " "): result.append(UInt8(ascii: "+"))
            case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "_"): result.append(byte)
            case _ where TemplateParser.isLetter(byte) || TemplateParser.isDigit(byte): result.append(byte)
            default:
                result.append(UInt8(ascii: "%"))
                for digit in [byte >> 4, byte & 15] {
                    result.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
                }
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Java's URLDecoder; `nil` where a `%` has not two hexadecimal digits behind it.
    package static func urlDecode(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var at = 0
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "+"): result.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = String(decoding: bytes[(at + 1)...].prefix(2), as: UTF8.self)
                guard digits.utf8.count == 2, let byte = UInt8(digits, radix: 16) else { return nil }
                result.append(byte)
                at += 2
            default: result.append(bytes[at])
            }
            at += 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    package static func base64Encode(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        var at = 0
        while at < bytes.count {
            let rest = bytes[at...].prefix(3)
            var group = UInt32(0)
            for place in 0..<3 { group = group << 8 | (place < rest.count ? UInt32(rest[at + place]) : 0) }
            for place in 0..<4 {
                let digit = alphabet[Int(group >> UInt32(18 - 6 * place) & 63)]
                result.append(place <= rest.count ? digit : UInt8(ascii: "="))
            }
            at += 3
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// What is no base64 digit is passed over, as commons-codec does.
    package static func base64Decode(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        var group = UInt32(0)
        var bits = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "=") { break }
            let plain =
                byte == UInt8(ascii: "-") ? UInt8(ascii: "+") : byte == UInt8(ascii: "_") ? UInt8(ascii: "/") : byte
            guard let digit = alphabet.firstIndex(of: plain) else { continue }
            group = group << 6 | UInt32(digit)
            bits += 6
            if bits >= 8 {
                bits -= 8
                result.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
            }
        }
        return result
    }
}
