// Functions of strings.

import Crypto
import JSON

extension JSONataLibrary {
    static let strings: [Function] = [
        entry("string", "<x-b?:s>", arity: 1) { (evaluator, arguments, _) throws(JSONataError) in
            var value = arguments[0]
            if case .array(let array) = value, array.isOuterWrapper { value = array.items.first ?? .undefined }
            if value.isUndefined || value.text != nil { return value }
            if value.isFunction { return .string("") }
            guard arguments.count > 1, arguments[1].truth ?? false else { return .string(try evaluator.string(value)) }
            return .string(try evaluator.printed(value, indent: 0))
        },
        entry("length", "<s-:n>") { (_, arguments, _) throws(JSONataError) in
            arguments[0].text.map { .int($0.unicodeScalars.count) } ?? .undefined
        },
        entry("substring", "<s-nn?:s>") { (_, arguments, _) throws(JSONataError) in substring(arguments) },
        entry("substringBefore", "<s-s:s>") { (_, arguments, _) throws(JSONataError) in
            guard let text = arguments[0].text else { return .undefined }
            guard let part = arguments[1].text, let range = Units.range(of: part, in: text) else {
                return .string(text)
            }
            return .string(Units.text(text, 0..<range.lowerBound))
        },
        entry("substringAfter", "<s-s:s>") { (_, arguments, _) throws(JSONataError) in
            guard let text = arguments[0].text else { return .undefined }
            guard let part = arguments[1].text, let range = Units.range(of: part, in: text) else {
                return .string(text)
            }
            return .string(Units.text(text, range.upperBound..<text.utf8.count))
        },
        entry("lowercase", "<s-:s>") { (_, arguments, _) throws(JSONataError) in
            arguments[0].text.map { .string($0.lowercased()) } ?? .undefined
        },
        entry("uppercase", "<s-:s>") { (_, arguments, _) throws(JSONataError) in
            arguments[0].text.map { .string($0.uppercased()) } ?? .undefined
        },
        entry("trim", "<s-:s>") { (_, arguments, _) throws(JSONataError) in
            guard let text = arguments[0].text else { return .undefined }
            let words = text.unicodeScalars.split { " \t\n\r".unicodeScalars.contains($0) }
            return .string(words.map { String($0) }.joined(separator: " "))
        },
        entry("pad", "<s-ns?:s>") { (evaluator, arguments, _) throws(JSONataError) in try pad(evaluator, arguments) },
        entry("contains", "<s-(sf):b>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let text = arguments[0].text else { return .undefined }
            if arguments[1].isUndefined { return .undefined }
            if let part = arguments[1].text { return .bool(part.isEmpty || Units.range(of: part, in: text) != nil) }
            return .bool(try !evaluator.matches(arguments[1], text, limit: 1).isEmpty)
        },
        entry("split", "<s-(sf)n?:a<s>>") { (evaluator, arguments, _) throws(JSONataError) in
            try split(evaluator, arguments)
        },
        entry("join", "<a<s>s?:s>") { (evaluator, arguments, _) throws(JSONataError) in
            if arguments[0].isUndefined { return .undefined }
            let parts = arguments[0].list.compactMap(\.text)
            let separator = arguments.count > 1 ? arguments[1].text ?? "" : ""
            let text = parts.joined(separator: separator)
            try evaluator.charge(text.utf8.count)
            return .string(text)
        },
        entry("match", "<s-f<s:o>n?:a<o>>") { (evaluator, arguments, _) throws(JSONataError) in
            try match(evaluator, arguments)
        },
        entry("replace", "<s-(sf)(sf)n?:s>") { (evaluator, arguments, _) throws(JSONataError) in
            try replace(evaluator, arguments)
        },
        entry("base64encode", "<s-:s>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let text = arguments[0].text else { return .undefined }
            let bytes =
                evaluator.dialect == .stepFunctions
                ? Array(text.utf8) : text.utf16.map { UInt8(truncatingIfNeeded: $0) }
            return .string(Base64.encode(bytes))
        },
        entry("base64decode", "<s-:s>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let text = arguments[0].text else { return .undefined }
            let bytes = Base64.decode(text) ?? []
            if evaluator.dialect == .stepFunctions { return .string(String(decoding: bytes, as: UTF8.self)) }
            return .string(String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })))
        },
        entry("encodeUrlComponent", "<s-:s>") { (_, arguments, _) throws(JSONataError) in
            try URLText.encoded(arguments[0], keeping: "", "encodeUrlComponent")
        },
        entry("encodeUrl", "<s-:s>") { (_, arguments, _) throws(JSONataError) in
            try URLText.encoded(arguments[0], keeping: ";/?:@&=+$,#", "encodeUrl")
        },
        entry("decodeUrlComponent", "<s-:s>") { (_, arguments, _) throws(JSONataError) in
            try URLText.decoded(arguments[0], keeping: "", "decodeUrlComponent")
        },
        entry("decodeUrl", "<s-:s>") { (_, arguments, _) throws(JSONataError) in
            try URLText.decoded(arguments[0], keeping: ";/?:@&=+$,#", "decodeUrl")
        },
    ]

    private static func substring(_ arguments: [Value]) -> Value {
        guard let text = arguments[0].text else { return .undefined }
        let scalars = Array(text.unicodeScalars)
        let count = scalars.count
        var start = JSONataLibrary.whole(arguments[1]) ?? 0
        if start < -count { start = -count }
        let first = start < 0 ? count + start : min(start, count)
        var last = count
        if arguments.count > 2, let length = JSONataLibrary.whole(arguments[2]) {
            if length <= 0 { return .string("") }
            last = min(count, length > count ? count : first + length)
        }
        return .string(String(String.UnicodeScalarView(scalars[first..<max(first, last)])))
    }

    /// A number as an index: fractions are cut off.
    static func whole(_ value: Value) -> Int? {
        value.double.map { Int(max(-9e15, min(9e15, $0.rounded(.towardZero)))) }
    }

    private static func pad(_ evaluator: JSONataEvaluator, _ arguments: [Value]) throws(JSONataError) -> Value {
        guard let text = arguments[0].text else { return .undefined }
        let width = whole(arguments[1]) ?? 0
        var fill = Array((arguments.count > 2 ? arguments[2].text ?? " " : " ").unicodeScalars)
        if fill.isEmpty { fill = [" "] }
        let missing = Int(width.magnitude) - text.unicodeScalars.count
        guard missing > 0 else { return .string(text) }
        try evaluator.charge(missing, steps: missing / 8)
        var padding = String.UnicodeScalarView()
        for place in 0..<missing { padding.append(fill[place % fill.count]) }
        return .string(width < 0 ? String(padding) + text : text + String(padding))
    }

    // MARK: - Matchers

    private static func limit(
        _ arguments: [Value], _ place: Int, _ code: String, _ message: String
    ) throws(JSONataError) -> Int {
        guard arguments.count > place, let number = arguments[place].double else { return .max }
        if number < 0 { throw JSONataError(code: code, message: message, value: arguments[place].json) }
        return Int(min(number.rounded(.down), 9e15))
    }

    private static func split(_ evaluator: JSONataEvaluator, _ arguments: [Value]) throws(JSONataError) -> Value {
        guard let text = arguments[0].text else { return .undefined }
        let most = try limit(
            arguments, 2, "D3020", "Third argument of split function must evaluate to a positive number")
        var parts: [String]
        if let separator = arguments[1].text {
            parts = separator.isEmpty ? text.unicodeScalars.map { String($0) } : Units.split(text, separator)
        } else {
            parts = []
            let bytes = Array(text.utf8)
            var from = 0
            for match in try evaluator.matches(arguments[1], text, limit: .max) {
                parts.append(String(decoding: bytes[from..<match.range.lowerBound], as: UTF8.self))
                from = match.range.upperBound
            }
            parts.append(String(decoding: bytes[from...], as: UTF8.self))
        }
        try evaluator.charge(16 * parts.count, steps: parts.count)
        return .array(parts.prefix(most).map { .string($0) })
    }

    private static func match(_ evaluator: JSONataEvaluator, _ arguments: [Value]) throws(JSONataError) -> Value {
        guard let text = arguments[0].text else { return .undefined }
        let most = try limit(
            arguments, 2, "D3040", "Third argument of match function must evaluate to a positive number")
        let result = Value.sequence()
        for match in try evaluator.matches(arguments[1], text, limit: most) {
            result.push(match.object)
        }
        try evaluator.charge(64 * result.items.count)
        return .array(result)
    }

    private static func replace(_ evaluator: JSONataEvaluator, _ arguments: [Value]) throws(JSONataError) -> Value {
        guard let text = arguments[0].text else { return .undefined }
        if arguments[1].text == "" {
            throw JSONataError(
                code: "D3010", message: "Second argument of replace function cannot be an empty string")
        }
        let most = try limit(
            arguments, 3, "D3011", "Fourth argument of replace function must evaluate to a positive number")
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        var from = 0
        if let pattern = arguments[1].text {
            let new = Array((arguments[2].text ?? "").utf8)
            for start in Units.occurrences(of: Array(pattern.utf8), in: bytes).prefix(most) {
                result += bytes[from..<start]
                result += new
                from = start + pattern.utf8.count
                try evaluator.charge(new.count, steps: 1)
            }
        } else {
            for match in try evaluator.matches(arguments[1], text, limit: most) {
                result += bytes[from..<match.range.lowerBound]
                let new = try replacement(evaluator, arguments[2], match)
                try evaluator.charge(new.count, steps: 1)
                result += new
                from = match.range.upperBound
            }
        }
        result += bytes[from...]
        try evaluator.charge(result.count)
        return .string(String(decoding: result, as: UTF8.self))
    }

    private static func replacement(
        _ evaluator: JSONataEvaluator, _ replacement: Value, _ match: JSONataMatch
    ) throws(JSONataError) -> [UInt8] {
        guard let template = replacement.text else {
            let value = try evaluator.apply(replacement, [match.value], .undefined)
            guard let text = value.text else {
                throw JSONataError(
                    code: "D3012", message: "Attempted to replace a matched string with a non-string value",
                    value: value.json)
            }
            return Array(text.utf8)
        }
        return match.expanded(template)
    }
}

/// Strings by their bytes.
enum Units {
    static func range(of part: String, in text: String) -> Range<Int>? {
        let bytes = Array(text.utf8)
        let wanted = Array(part.utf8)
        if wanted.isEmpty { return 0..<0 }
        guard let start = occurrences(of: wanted, in: bytes, most: 1).first else { return nil }
        return start..<start + wanted.count
    }

    static func text(_ text: String, _ range: Range<Int>) -> String {
        String(decoding: Array(text.utf8)[range], as: UTF8.self)
    }

    /// Where `part` begins, without overlaps.
    static func occurrences(of part: [UInt8], in text: [UInt8], most: Int = .max) -> [Int] {
        var found: [Int] = []
        guard let first = part.first else { return found }
        var at = 0
        while at + part.count <= text.count, found.count < most {
            if text[at] == first, text[at..<at + part.count].elementsEqual(part) {
                found.append(at)
                at += part.count
            } else {
                at += 1
            }
        }
        return found
    }

    /// How many UTF-16 units a piece of UTF-8 has.
    static func utf16Count(_ bytes: ArraySlice<UInt8>) -> Int {
        // One for each character, another one beyond the first plane.
        bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : $1 < 0xF0 ? 1 : 2) }
    }

    static func split(_ text: String, _ separator: String) -> [String] {
        let bytes = Array(text.utf8)
        var parts: [String] = []
        var from = 0
        for start in occurrences(of: Array(separator.utf8), in: bytes) {
            parts.append(String(decoding: bytes[from..<start], as: UTF8.self))
            from = start + separator.utf8.count
        }
        parts.append(String(decoding: bytes[from...], as: UTF8.self))
        return parts
    }
}

/// Percent-encoding as JavaScript's functions have it.
enum URLText {
    private static let unreserved = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()".utf8)

    static func encoded(
        _ value: JSONataValue, keeping: String, _ function: String
    ) throws(JSONataError) -> JSONataValue {
        guard let text = value.text else { return .undefined }
        // A lone surrogate cannot be encoded; it has become U+FFFD where the text was read.
        if text.unicodeScalars.contains("\u{FFFD}") { throw malformed(text, function) }
        let kept = unreserved.union(keeping.utf8)
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            if kept.contains(byte) {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return .string(String(decoding: result, as: UTF8.self))
    }

    static func decoded(
        _ value: JSONataValue, keeping: String, _ function: String
    ) throws(JSONataError) -> JSONataValue {
        guard let text = value.text else { return .undefined }
        let kept = Set(keeping.utf8)
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var at = 0
        while at < bytes.count {
            guard bytes[at] == UInt8(ascii: "%") else {
                result.append(bytes[at])
                at += 1
                continue
            }
            guard at + 2 < bytes.count,
                let byte = UInt8(String(decoding: bytes[at + 1...at + 2], as: UTF8.self), radix: 16)
            else { throw malformed(text, function) }
            if kept.contains(byte) { result += bytes[at...at + 2] } else { result.append(byte) }
            at += 3
        }
        guard let decoded = String(validating: result, as: UTF8.self) else { throw malformed(text, function) }
        return .string(decoded)
    }

    private static func malformed(_ text: String, _ function: String) -> JSONataError {
        JSONataError(
            code: "D3140", message: "Malformed URL passed to $\(function)(): \(JSONValue.string(text).text)",
            value: .string(text), token: function)
    }
}
