// Dates, errors, evaluation within an evaluation, and AWS's own functions (language.md §12).

import Core
import Crypto
import JSON

extension JSONataLibrary {
    static let dates: [Function] = [
        entry("now", "<s?s?:s>", arity: 0) { (evaluator, arguments, _) throws(JSONataError) in
            try evaluator.chargePicture(arguments[0].text ?? "")
            let text = try JSONataFormats.fromMillis(
                Double(evaluator.time), picture: arguments[0].text, timezone: arguments[1].text,
                evaluator.expression.pictures)
            return try text.map { (text) throws(JSONataError) in .string(try evaluator.counted(text)) } ?? .undefined
        },
        entry("millis", "<:n>") { (evaluator, _, _) throws(JSONataError) in .int(Int(evaluator.time)) },
        entry("toMillis", "<s-s?:n>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let text = arguments[0].text else { return .undefined }
            if let picture = arguments[1].text {
                try evaluator.chargePicture(picture)
                try evaluator.charge(
                    bytes: DateTimeMatch.bytes(text, picture), steps: DateTimeMatch.steps(text, picture))
            }
            let millis = try JSONataFormats.toMillis(
                text, picture: arguments[1].text, now: evaluator.time, evaluator.expression.pictures)
            return millis.map { .number($0, exact: true) } ?? .undefined
        },
        entry("fromMillis", "<n-s?s?:s>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let millis = arguments[0].double else { return .undefined }
            try evaluator.chargePicture(arguments[1].text ?? "")
            let text = try JSONataFormats.fromMillis(
                millis, picture: arguments[1].text, timezone: arguments[2].text, evaluator.expression.pictures)
            return try text.map { (text) throws(JSONataError) in .string(try evaluator.counted(text)) } ?? .undefined
        },
    ]

    static let control: [Function] = [
        entry("error", "<s?:x>") { (_, arguments, _) throws(JSONataError) in
            let message = arguments[0].text ?? "$error() function evaluated"
            throw JSONataError(code: "D3137", message: message)
        },
        entry("assert", "<bs?:x>") { (evaluator, arguments, _) throws(JSONataError) in
            if try evaluator.isTrue(arguments[0]) { return .undefined }
            throw JSONataError(code: "D3141", message: arguments[1].text ?? "$assert() statement failed")
        },
        entry("eval", "<sx?:x>") { (evaluator, arguments, context) throws(JSONataError) in
            guard let text = arguments[0].text else { return .undefined }
            return try evaluator.evaluate(text: text, over: arguments[1].isUndefined ? context : arguments[1])
        },
    ]

    // MARK: - Step Functions

    static let amazon: [Function] = [
        entry("partition", "<a-n:a>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let size = whole(arguments[1]) else { return .undefined }
            if size < 0 { throw evaluator.internalError() }
            if size == 0 { return .undefined }
            let items = try evaluator.list(arguments[0])
            if items.isEmpty { return .undefined }
            try evaluator.charge(8 * items.count, steps: items.count)
            try evaluator.charge(elements: 4 * (items.count / size + 1))
            let parts = stride(from: 0, to: items.count, by: size).map { start in
                Value.array(Array(items[start..<min(start + size, items.count)]))
            }
            return .array(parts)
        },
        entry("range", "<nnn?:a>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let first = whole(arguments[0]), let last = whole(arguments[1]), let step = whole(arguments[2]),
                step != 0, step > 0 ? first <= last : first >= last
            else { return .undefined }
            // Both ends are whole numbers of at most 9e15.
            let count = (last - first) / step + 1
            guard count <= Limits.Evaluation.JSONata.maximumRangeElements else { throw evaluator.memoryExceeded }
            try evaluator.charge(8 * count, steps: count)
            let items = stride(from: first, through: last, by: step).map { Value.int($0) }
            return .array(JSONataArray(items, isSequence: true))
        },
        entry("hash", "<s-s?:s>") { (_, arguments, _) throws(JSONataError) in
            guard let text = arguments[0].text, let algorithm = arguments[1].text else { return .undefined }
            return try hash(Array(text.utf8), algorithm)
        },
        entry("random", "<n?:n>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let number = arguments[0].double else { return .number(evaluator.drawn()) }
            var generator = JavaRandom(seed: arguments[0].int.map { Int64($0) } ?? JavaRandom.whole(number))
            return .number(generator.nextDouble())
        },
        entry("uuid", "<:s>") { (evaluator, _, _) throws(JSONataError) in .string(evaluator.chance.uuid()) },
        entry("parse", "<s-:x>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let text = arguments[0].text else { return .undefined }
            try evaluator.charge(
                memory: text.utf8.count, bytes: EvaluationBudget.parsedBytes * text.utf8.count,
                steps: text.utf8.count / 16)
            let value: Value
            do throws(JSONError) { value = Value(try JSONValue.parse(text)) } catch {
                throw JSONataError(code: "D3030", message: "Unable to parse value as JSON: \(error.message)")
            }
            // AWS gives a whole zero without its sign.
            return value.int == 0 ? .int(0) : value
        },
    ]

    private static func hash(_ data: [UInt8], _ algorithm: String) throws(JSONataError) -> Value {
        switch algorithm {
        case "MD5": .string(data.hexDigest(Insecure.MD5.self))
        case "SHA-1": .string(data.hexDigest(Insecure.SHA1.self))
        case "SHA-256": .string(data.hexDigest(SHA256.self))
        case "SHA-384": .string(data.hexDigest(SHA384.self))
        case "SHA-512": .string(data.hexDigest(SHA512.self))
        default:
            throw JSONataError(
                code: "D3137",
                message: "The algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512 but was '\(algorithm)'")
        }
    }
}

/// `java.util.Random`, whose first number AWS returns for a seed (language.md §12).
private struct JavaRandom {
    private var state: UInt64
    private static let multiplier: UInt64 = 0x5_DEEC_E66D
    private static let mask: UInt64 = (1 << 48) - 1

    init(seed: Int64) { state = (UInt64(bitPattern: seed) ^ Self.multiplier) & Self.mask }

    /// A number cut to a whole one of 64 bits, as Java casts a double.
    static func whole(_ number: Double) -> Int64 {
        number.isNaN ? 0 : Int64(exactly: number.rounded(.towardZero)) ?? (number < 0 ? .min : .max)
    }

    private mutating func next(_ bits: UInt64) -> UInt64 {
        state = (state &* Self.multiplier &+ 0xB) & Self.mask
        return state >> (48 - bits)
    }

    mutating func nextDouble() -> Double {
        let high = next(26)
        return Double((high << 27) + next(27)) * 0x1p-53
    }
}

extension JSONataEvaluator {
    /// A number from 0 up to, not including, 1.
    func drawn() -> Double { Double(chance.next() >> 11) * 0x1p-53 }

    /// What AWS reports where the language's own errors do not say what is wrong: a sentence with an id of the error.
    func internalError() -> JSONataError {
        JSONataError(code: JSONataError.internalCode, message: chance.uuid())
    }

    /// `$eval`: a text as an expression over a context of its own.
    func evaluate(text: String, over context: Value) throws(JSONataError) -> Value {
        let inner: JSONata
        do throws(JSONataError) { inner = try JSONata(text, dialect: dialect) } catch {
            throw JSONataError(
                code: "D3120", message: "Syntax error in expression passed to function eval: \(error.message)",
                value: .string(error.message))
        }
        do throws(JSONataError) { return try evaluate(inner, over: context) } catch {
            if error.code.hasPrefix("U") { throw error }
            throw JSONataError(
                code: "D3121",
                message: "Dynamic error evaluating the expression passed to function eval: \(error.message)",
                value: .string(error.message))
        }
    }
}
