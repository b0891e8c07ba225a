// Functions of strings.

import Core
import Crypto
import JSON

extension JSONataLibrary {
    static let strings: [Function] = [
        entry("string", "<x-b?:s>", arity: 1) { (evaluator, arguments, _) throws(JSONataError) in
            var value = arguments[0]
            if case .array(let array) = value, array.isOuterWrapper { value = array.items.first ?? .undefined }
            if value.isUndefined || value.text != nil { return value }
            if value.isFunction { return .string("") }
            guard arguments.count > 1, try evaluator.isTrue(arguments[1]) else {
                return .string(try evaluator.string(value))
            }
            return .string(try evaluator.printed(value, indent: 0))
        },
        entry("length", "<s-:n>") { (_, arguments, _) throws(JSONataError) in
            arguments[0].text.map { .int(Units.scalarCount($0)) } ?? .undefined
        },
        entry("substring", "<s-nn?:s>") { (evaluator, arguments, _) throws(JSONataError) in
            try substring(evaluator, arguments)
        },
        entry("substringBefore", "<s-s:s>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let text = arguments[0].text else { return .undefined }
            guard let part = arguments[1].text, let range = try evaluator.range(of: part, in: text) else {
                return .string(text)
            }
            return .string(Units.text(text, 0..<range.lowerBound))
        },
        entry("substringAfter", "<s-s:s>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let text = arguments[0].text else { return .undefined }
            guard let part = arguments[1].text, let range = try evaluator.range(of: part, in: text) else {
                return .string(text)
            }
            return .string(Units.text(text, range.upperBound..<text.utf8.count))
        },
        entry("lowercase", "<s-:s>") { (evaluator, arguments, _) throws(JSONataError) in
            try evaluator.chargeCase(arguments[0])
            return arguments[0].text.map { .string($0.lowercased()) } ?? .undefined
        },
        entry("uppercase", "<s-:s>") { (evaluator, arguments, _) throws(JSONataError) in
            try evaluator.chargeCase(arguments[0])
            return arguments[0].text.map { .string($0.uppercased()) } ?? .undefined
        },
        entry("trim", "<s-:s>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let text = arguments[0].text else { return .undefined }
            try evaluator.charge(bytes: 3 * text.utf8.count, steps: text.utf8.count >> 6)
            return .string(Units.trimmed(text))
        },
        entry("pad", "<s-ns?:s>") { (evaluator, arguments, _) throws(JSONataError) in try pad(evaluator, arguments) },
        entry("contains", "<s-(sf):b>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let text = arguments[0].text else { return .undefined }
            if arguments[1].isUndefined { return .undefined }
            if let part = arguments[1].text { return .bool(try evaluator.range(of: part, in: text) != nil) }
            return .bool(try !evaluator.matches(arguments[1], text, limit: 1).isEmpty)
        },
        entry("split", "<s-(sf)n?:a<s>>") { (evaluator, arguments, _) throws(JSONataError) in
            try split(evaluator, arguments)
        },
        entry("join", "<a<s>s?:s>") { (evaluator, arguments, _) throws(JSONataError) in
            if arguments[0].isUndefined { return .undefined }
            let parts = try evaluator.list(arguments[0]).compactMap(\.text)
            let separator = arguments.count > 1 ? arguments[1].text ?? "" : ""
            try evaluator.charge(elements: parts.count)
            for part in parts {
                let count = part.utf8.count + separator.utf8.count
                try evaluator.charge(memory: count, bytes: 3 * count, steps: 1 + count >> 6)
            }
            return .string(parts.joined(separator: separator))
        },
        entry("match", "<s-f<s:o>n?:a<o>>") { (evaluator, arguments, _) throws(JSONataError) in
            try match(evaluator, arguments)
        },
        entry("replace", "<s-(sf)(sf)n?:s>") { (evaluator, arguments, _) throws(JSONataError) in
            try replace(evaluator, arguments)
        },
        entry("base64encode", "<s-:s>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let text = arguments[0].text else { return .undefined }
            try evaluator.charge(bytes: 4 * text.utf8.count, steps: text.utf8.count >> 5)
            let bytes =
                evaluator.dialect == .stepFunctions
                ? Array(text.utf8) : text.utf16.map { UInt8(truncatingIfNeeded: $0) }
            return .string(Base64.encode(bytes))
        },
        entry("base64decode", "<s-:s>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let text = arguments[0].text else { return .undefined }
            try evaluator.charge(bytes: 4 * text.utf8.count, steps: text.utf8.count >> 5)
            let decoded = Base64.decode(text)
            if evaluator.dialect == .stepFunctions {
                guard let decoded else { throw evaluator.internalError() }
                return .string(String(decoding: decoded, as: UTF8.self))
            }
            let bytes = decoded ?? []
            return .string(String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })))
        },
        entry("encodeUrlComponent", "<s-:s>") { (evaluator, arguments, _) throws(JSONataError) in
            try evaluator.chargeURL(arguments[0])
            return try URLText.encoded(arguments[0], keeping: "", "encodeUrlComponent")
        },
        entry("encodeUrl", "<s-:s>") { (evaluator, arguments, _) throws(JSONataError) in
            try evaluator.chargeURL(arguments[0])
            return try URLText.encoded(arguments[0], keeping: ";/?:@&=+$,#", "encodeUrl")
        },
        entry("decodeUrlComponent", "<s-:s>") { (evaluator, arguments, _) throws(JSONataError) in
            try evaluator.chargeURL(arguments[0])
            return try URLText.decoded(arguments[0], keeping: "", "decodeUrlComponent")
        },
        entry("decodeUrl", "<s-:s>") { (evaluator, arguments, _) throws(JSONataError) in
            try evaluator.chargeURL(arguments[0])
            return try URLText.decoded(arguments[0], keeping: ";/?:@&=+$,#", "decodeUrl")
        },
    ]

    private static func substring(
        _ evaluator: JSONataEvaluator, _ arguments: [Value]
    ) throws(JSONataError) -> Value {
        guard let text = arguments[0].text else { return .undefined }
        let count = Units.scalarCount(text)
        var start = JSONataLibrary.whole(arguments[1]) ?? 0
        if start < -count { start = -count }
        let first = start < 0 ? count + start : min(start, count)
        var last = count
        if arguments.count > 2, let length = JSONataLibrary.whole(arguments[2]) {
            if length <= 0 { return .string("") }
            last = min(count, length > count ? count : first + length)
        }
        // At most four bytes for each character, and no more than there are.
        try evaluator.charge(bytes: min(4 * (max(first, last) - first), text.utf8.count))
        return .string(Units.scalars(first..<max(first, last), of: text, count: count))
    }

    /// A number as an index: fractions are cut off.
    static func whole(_ value: Value) -> Int? {
        value.double.map { Int(max(-9e15, min(9e15, $0.rounded(.towardZero)))) }
    }

    private static func pad(_ evaluator: JSONataEvaluator, _ arguments: [Value]) throws(JSONataError) -> Value {
        guard let text = arguments[0].text else { return .undefined }
        let width = whole(arguments[1]) ?? 0
        let missing = Int(width.magnitude) - Units.scalarCount(text)
        guard missing > 0 else { return .string(text) }
        let given = arguments.count > 2 ? arguments[2].text ?? " " : " "
        try evaluator.charge(bytes: 4 * given.utf8.count + 2 * text.utf8.count)
        try evaluator.charge(missing, steps: missing / 8)
        var fill = Array(given.unicodeScalars)
        if fill.isEmpty { fill = [" "] }
        var padding = String.UnicodeScalarView()
        for place in 0..<missing { padding.append(fill[place % fill.count]) }
        return .string(width < 0 ? String(padding) + text : text + String(padding))
    }

    // MARK: - Matchers

    private static func limit(
        _ arguments: [Value], _ place: Int, _ code: String, _ message: String
    ) throws(JSONataError) -> Int {
        guard arguments.count > place, let number = arguments[place].double, !number.isNaN else { return .max }
        if number < 0 { throw JSONataError(code: code, message: message, value: arguments[place].shownJSON) }
        return Int(min(number.rounded(.down), 9e15))
    }

    private static func split(_ evaluator: JSONataEvaluator, _ arguments: [Value]) throws(JSONataError) -> Value {
        guard let text = arguments[0].text else { return .undefined }
        let most = try limit(
            arguments, 2, "D3020", "Third argument of split function must evaluate to a positive number")
        var parts: [Value] = []
        // AWS counts every part, we count also what it takes.
        func add(_ part: ArraySlice<UInt8>) throws(JSONataError) {
            try evaluator.charge(memory: 16, bytes: 64 + 2 * part.count, steps: 1)
            if parts.count < most { parts.append(.string(String(decoding: part, as: UTF8.self))) }
        }
        let bytes = Array(text.utf8)
        var from = 0
        if let separator = arguments[1].text {
            let finder = try evaluator.finder(separator, length: bytes.count)
            while let end = separator.isEmpty ? Units.next(from, in: bytes) : finder.next(in: bytes, from: from) {
                if parts.count >= most { break }
                try add(bytes[from..<end])
                from = end + separator.utf8.count
            }
            if separator.isEmpty, from == bytes.count { return .array(parts) }
        } else {
            for match in try evaluator.matches(arguments[1], text, limit: .max) {
                try add(bytes[from..<match.range.lowerBound])
                from = match.range.upperBound
            }
        }
        try add(bytes[from...])
        return .array(parts)
    }

    private static func match(_ evaluator: JSONataEvaluator, _ arguments: [Value]) throws(JSONataError) -> Value {
        guard let text = arguments[0].text else { return .undefined }
        let most = try limit(
            arguments, 2, "D3040", "Third argument of match function must evaluate to a positive number")
        let result = Value.sequence()
        for match in try evaluator.matches(arguments[1], text, limit: most) {
            try evaluator.charge(memory: 64, bytes: match.objectBytes, steps: match.objectBytes >> 6)
            result.push(match.object)
        }
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
            let finder = try evaluator.finder(pattern, length: bytes.count)
            var count = 0
            while count < most, let start = finder.next(in: bytes, from: from) {
                try evaluator.charge(new.count, steps: 1 + new.count >> 6)
                result += bytes[from..<start]
                result += new
                from = start + pattern.utf8.count
                count += 1
            }
        } else {
            for match in try evaluator.matches(arguments[1], text, limit: most) {
                result += bytes[from..<match.range.lowerBound]
                let new = try replacement(evaluator, arguments[2], match)
                try evaluator.charge(new.count, steps: 1 + new.count >> 6)
                result += new
                from = match.range.upperBound
            }
        }
        try evaluator.charge(memory: result.count + bytes.count - from, bytes: 2 * (result.count + bytes.count))
        result += bytes[from...]
        return .string(String(decoding: result, as: UTF8.self))
    }

    private static func replacement(
        _ evaluator: JSONataEvaluator, _ replacement: Value, _ match: JSONataMatch
    ) throws(JSONataError) -> [UInt8] {
        guard let template = replacement.text else {
            try evaluator.charge(bytes: match.objectBytes, steps: match.objectBytes >> 6)
            let value = try evaluator.apply(replacement, [match.value], .undefined)
            guard let text = value.text else {
                throw JSONataError(
                    code: "D3012", message: "Attempted to replace a matched string with a non-string value",
                    value: value.shownJSON)
            }
            return Array(text.utf8)
        }
        return try match.expanded(template, evaluator)
    }
}
