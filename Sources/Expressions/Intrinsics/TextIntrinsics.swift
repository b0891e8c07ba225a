// States.Format, StringSplit, Base64Encode, Base64Decode and Hash.

import Core
import Crypto
import JSON

extension IntrinsicArguments {
    /// `{}` takes the arguments in turn; a backslash makes `{`, `}`, `'` and itself plain. `written` is a literal
    /// template with its escapes; a template that comes from data has them in its value.
    func format(_ written: String?, _ budget: inout EvaluationBudget) throws(IntrinsicError) -> JSONValue {
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
                try append(values[next], to: &result, &budget)
                next += 1
                at += 2
            case (UInt8(ascii: "{"), _):
                throw IntrinsicError(
                    code: .failure, message: "Invalid template in States.Format: matching '}' not found for '{'.")
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
        return .string(String(decoding: result, as: UTF8.self))
    }

    /// Appends the value as Java's `toString` shows it inside a text: a string bare, objects as `{a=1, b=[x, null]}`.
    private func append(
        _ value: JSONValue, to result: inout [UInt8], _ budget: inout EvaluationBudget
    ) throws(IntrinsicError) {
        switch value {
        case .string(let text): try append(text, to: &result, &budget)
        case .null, .bool, .number: try append(value.text, to: &result, &budget)
        case .array(let elements):
            try append("[", to: &result, &budget)
            for (place, element) in elements.enumerated() {
                if place > 0 { try append(", ", to: &result, &budget) }
                try append(element, to: &result, &budget)
            }
            try append("]", to: &result, &budget)
        case .object(let members):
            try append("{", to: &result, &budget)
            for (place, member) in members.enumerated() {
                if place > 0 { try append(", ", to: &result, &budget) }
                try append(member.key, to: &result, &budget)
                try append("=", to: &result, &budget)
                try append(member.value, to: &result, &budget)
            }
            try append("}", to: &result, &budget)
        }
    }

    private func append(
        _ text: String, to result: inout [UInt8], _ budget: inout EvaluationBudget
    ) throws(IntrinsicError) {
        let count = text.utf8.count
        guard result.count + count <= Limits.Evaluation.Intrinsics.maximumTextBytes else {
            throw refusal("the result is too long")
        }
        try budgeted { () throws(EvaluationBudgetExceeded) in
            try budget.charge(textBytes: count)
            // The buffer grows to two times its length.
            try budget.charge(bytes: 2 * count)
        }
        result += text.utf8
    }

    private var tooFew: IntrinsicError {
        refusal("the template has more than \(values.count - 1) times {} for \(values.count - 1) arguments")
    }

    /// Every character of the second argument parts the first; parts that are empty are left out.
    func stringSplit(_ budget: inout EvaluationBudget) throws(IntrinsicError) -> JSONValue {
        let delimiters = ScalarSet(try text(1))
        let text = Array(try text(0).utf8)
        try budgeted { () throws(EvaluationBudgetExceeded) in try budget.charge(textBytes: 4 * text.count) }
        var parts: [JSONValue] = []
        var start = 0
        var at = 0
        while at <= text.count {
            let length = at < text.count ? delimiters.length(at, in: text) : 1
            if length > 0 {
                if start < at {
                    try budgeted { () throws(EvaluationBudgetExceeded) in
                        try budget.charge(bytes: 2 * EvaluationBudget.elementBytes + at - start)
                    }
                    parts.append(.string(String(decoding: text[start..<at], as: UTF8.self)))
                }
                start = at + length
            }
            at += max(length, 1)
        }
        return .array(parts)
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

/// Characters that part a text.
private struct ScalarSet {
    private var ascii = [Bool](repeating: false, count: 128)
    private var others: Set<UInt32> = []

    init(_ characters: String) {
        for scalar in characters.unicodeScalars {
            if scalar.isASCII { ascii[Int(scalar.value)] = true } else { others.insert(scalar.value) }
        }
    }

    /// Returns how many bytes the character that begins at that byte has if it is in the set, 0 otherwise. `text` is
    /// UTF-8, as it comes from a string.
    func length(_ at: Int, in text: [UInt8]) -> Int {
        let byte = text[at]
        if byte < 0x80 { return ascii[Int(byte)] ? 1 : 0 }
        guard byte >= 0xC2, !others.isEmpty else { return 0 }
        let length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        guard at + length <= text.count else { return 0 }
        var value = UInt32(byte) & (0x7F >> UInt32(length))
        for next in at + 1..<at + length { value = value << 6 | UInt32(text[next] & 0x3F) }
        return others.contains(value) ? length : 0
    }
}
