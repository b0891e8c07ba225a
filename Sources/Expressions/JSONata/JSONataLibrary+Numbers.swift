// Functions of numbers, booleans and aggregation.

import JSON

extension JSONataLibrary {
    static let numbers: [Function] = [
        entry("number", "<(nsb)-:n>") { (_, arguments, _) throws(JSONataError) in try number(arguments[0]) },
        entry("floor", "<n-:n>") { (_, arguments, _) throws(JSONataError) in
            whole(arguments[0]) { $0.rounded(.down) }
        },
        entry("ceil", "<n-:n>") { (_, arguments, _) throws(JSONataError) in whole(arguments[0]) { $0.rounded(.up) } },
        entry("round", "<n-n?:n>") { (_, arguments, _) throws(JSONataError) in rounded(arguments) },
        entry("abs", "<n-:n>") { (_, arguments, _) throws(JSONataError) in
            if let int = arguments[0].int, int != .min { return .int(abs(int)) }
            return arguments[0].double.map { .number($0.magnitude) } ?? .undefined
        },
        entry("sqrt", "<n-:n>") { (_, arguments, _) throws(JSONataError) in
            guard let number = arguments[0].double else { return .undefined }
            if number < 0 {
                throw JSONataError(
                    code: "D3060",
                    message: "The sqrt function cannot be applied to a negative number: \(arguments[0].brief)",
                    value: arguments[0].shownJSON)
            }
            return .number(number.squareRoot(), exact: true)
        },
        entry("power", "<n-n:n>") { (_, arguments, _) throws(JSONataError) in try power(arguments) },
        entry("random", "<:n>") { (evaluator, _, _) throws(JSONataError) in .number(evaluator.drawn()) },
        entry("formatNumber", "<n-so?:s>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let number = arguments[0].double else { return .undefined }
            let options = (arguments[2].members ?? []).compactMap { member in
                member.value.text.map { (member.key, $0) }
            }
            let picture = arguments[1].text ?? ""
            try evaluator.chargePicture(picture)
            return .string(
                try evaluator.counted(
                    JSONataFormats.formatNumber(
                        number, picture: picture, options: options, evaluator.expression.pictures)))
        },
        entry("formatBase", "<n-n?:s>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let number = arguments[0].double else { return .undefined }
            // A digit of base two for each bit of the greatest double.
            try evaluator.charge(bytes: 2_048, steps: number.magnitude < 1e15 ? 1 : 20)
            return .string(try JSONataFormats.formatBase(number, radix: arguments[1].double ?? 10))
        },
        entry("formatInteger", "<n-s:s>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let number = arguments[0].double else { return .undefined }
            let picture = arguments[1].text ?? ""
            try evaluator.chargePicture(picture)
            // Long division on up to 309 digits.
            if number.magnitude >= 1e18 { try evaluator.charge(bytes: 8_192, steps: 700) }
            return .string(
                try evaluator.counted(
                    JSONataFormats.formatInteger(number, picture: picture, evaluator.expression.pictures)))
        },
        entry("parseInteger", "<s-s:n>") { (evaluator, arguments, _) throws(JSONataError) in
            guard let text = arguments[0].text else { return .undefined }
            try evaluator.chargePicture(arguments[1].text ?? "")
            try evaluator.charge(bytes: 5 * text.utf8.count, steps: text.utf8.count >> 3)
            let value = try JSONataFormats.parseInteger(
                text, picture: arguments[1].text ?? "", evaluator.expression.pictures)
            if let value { return .number(value, exact: true) }
            // On AWS what the picture cannot read has a value (reported): JavaScript's, which is no number.
            return evaluator.dialect == .stepFunctions ? .number(.nan) : .undefined
        },
    ]

    private static func whole(_ value: Value, _ round: (Double) -> Double) -> Value {
        if let int = value.int { return .int(int) }
        return value.double.map { .number(round($0), exact: true) } ?? .undefined
    }

    private static func number(_ value: Value) throws(JSONataError) -> Value {
        switch value {
        case .undefined: return .undefined
        case .bool(let flag): return .int(flag ? 1 : 0)
        case .int, .number, .literal: return value
        case .string(let text):
            if let number = parsed(text) { return number }
        default: break
        }
        throw JSONataError(
            code: "D3030", message: "Unable to cast value to a number: \(value.brief)", value: value.shownJSON)
    }

    /// A number of JSON's form, perhaps with leading zeros, or with a prefix for base 16, 8 or 2.
    private static func parsed(_ text: String) -> Value? {
        var bytes = text.utf8[...]
        if bytes.first == UInt8(ascii: "0"), let radix = bytes.dropFirst().first.flatMap(radix(of:)) {
            return Int(text.dropFirst(2), radix: radix).map { .int($0) }
        }
        if bytes.first == UInt8(ascii: "-") { bytes.removeFirst() }
        guard bytes.first.map(isDigit) ?? false, bytes.allSatisfy(isNumeric), bytes.last != UInt8(ascii: "."),
            !hasBarePoint(bytes)
        else { return nil }
        if let int = Int(text), int.magnitude <= 9_007_199_254_740_992 { return .int(int) }
        guard let value = Double(text), value.isFinite else { return nil }
        return .number(value, exact: true)
    }

    /// By the letter of the prefix.
    private static func radix(of letter: UInt8) -> Int? {
        switch letter | 0x20 {
        case UInt8(ascii: "x"): 16
        case UInt8(ascii: "o"): 8
        case UInt8(ascii: "b"): 2
        default: nil
        }
    }

    /// Whether an exponent follows a point that has no digits behind it.
    private static func hasBarePoint(_ bytes: Substring.UTF8View) -> Bool {
        zip(bytes, bytes.dropFirst()).contains { $0 == UInt8(ascii: ".") && $1 | 0x20 == UInt8(ascii: "e") }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    private static func isNumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"): true
        default: isDigit(byte)
        }
    }

    /// Half to even, at a place before or behind the decimal point.
    private static func rounded(_ arguments: [Value]) -> Value {
        guard let number = arguments[0].double else { return .undefined }
        let places = arguments.count > 1 ? JSONataLibrary.whole(arguments[1]) ?? 0 : 0
        if places == 0 {
            if let int = arguments[0].int { return .int(int) }
            return .number(number.rounded(.toNearestOrEven), exact: true)
        }
        guard places.magnitude < 400 else { return places > 0 ? arguments[0] : .int(0) }
        let shifted = shift(number, places).rounded(.toNearestOrEven)
        return .number(shift(shifted, -places), exact: true)
    }

    /// Moves the decimal point by the text, so that no binary noise comes in.
    private static func shift(_ number: Double, _ places: Int) -> Double {
        let text = number.description
        guard let mark = text.firstIndex(of: "e") else { return Double("\(text)e\(places)") ?? number }
        let exponent = Int(text[text.index(after: mark)...]) ?? 0
        return Double("\(text[..<mark])e\(exponent + places)") ?? number
    }

    private static func power(_ arguments: [Value]) throws(JSONataError) -> Value {
        guard let base = arguments[0].double, let exponent = arguments[1].double else { return .undefined }
        let result = Power.of(base, exponent)
        guard result.isFinite else {
            throw JSONataError(
                code: "D3061",
                message:
                    "The power function has resulted in a value that cannot be represented as a JSON number: base=\(arguments[0].brief), exponent=\(arguments[1].brief)",
                value: arguments[0].shownJSON)
        }
        return .number(result, exact: true)
    }

    // MARK: - Aggregation

    static let aggregation: [Function] = [
        entry("sum", "<a<n>:n>") { (evaluator, arguments, _) throws(JSONataError) in
            if arguments[0].isUndefined { return .undefined }
            let items = try evaluator.numbers(arguments[0])
            var exact: Int? = 0
            var sum = 0.0
            for item in items {
                sum += item.double ?? 0
                if let before = exact, let int = item.int {
                    let (value, overflow) = before.addingReportingOverflow(int)
                    exact = overflow || !Value.isExact(value, evaluator.dialect) ? nil : value
                } else {
                    exact = nil
                }
            }
            return exact.map { .int($0) } ?? .number(sum)
        },
        entry("count", "<a:n>") { (_, arguments, _) throws(JSONataError) in
            if case .undefined = arguments[0] { return .int(0) }
            return .int(arguments[0].listCount)
        },
        entry("max", "<a<n>:n>") { (evaluator, arguments, _) throws(JSONataError) in
            extreme(try evaluator.numbers(arguments[0])) { $0 > $1 }
        },
        entry("min", "<a<n>:n>") { (evaluator, arguments, _) throws(JSONataError) in
            extreme(try evaluator.numbers(arguments[0])) { $0 < $1 }
        },
        entry("average", "<a<n>:n>") { (evaluator, arguments, _) throws(JSONataError) in
            let items = try evaluator.numbers(arguments[0])
            if items.isEmpty { return .undefined }
            return .number(items.reduce(0) { $0 + ($1.double ?? 0) } / Double(items.count), exact: true)
        },
    ]

    private static func extreme(_ items: [Value], _ isBetter: (Double, Double) -> Bool) -> Value {
        var best: Value = .undefined
        for item in items {
            guard let number = item.double else { continue }
            if best.double.map({ isBetter(number, $0) }) ?? true { best = item }
        }
        return best
    }

    // MARK: - Booleans

    static let booleans: [Function] = [
        entry("boolean", "<x-:b>") { (evaluator, arguments, _) throws(JSONataError) in
            try evaluator.truth(arguments[0]).map { .bool($0) } ?? .undefined
        },
        entry("not", "<x-:b>") { (evaluator, arguments, _) throws(JSONataError) in
            try evaluator.truth(arguments[0]).map { .bool(!$0) } ?? .undefined
        },
        entry("exists", "<x:b>") { (_, arguments, _) throws(JSONataError) in .bool(!arguments[0].isUndefined) },
    ]
}

/// Powers of doubles: by squaring where the exponent is whole, by logarithms otherwise.
enum Power {
    static func of(_ base: Double, _ exponent: Double) -> Double {
        if exponent == 0 { return 1 }
        if exponent == 0.5 { return base.squareRoot() }
        if let whole = Int(exactly: exponent), whole.magnitude <= 1_100 {
            var result = 1.0
            var factor = base
            var rest = whole.magnitude
            while rest > 0 {
                if rest & 1 == 1 { result *= factor }
                factor *= factor
                rest >>= 1
            }
            return whole < 0 ? 1 / result : result
        }
        if base < 0 { return .nan }
        if base == 0 { return exponent > 0 ? 0 : .infinity }
        return exponential(exponent * logarithm(base))
    }

    /// The natural logarithm: mantissa by its series, exponent apart.
    private static func logarithm(_ value: Double) -> Double {
        var mantissa = value.significand
        var exponent = Double(value.exponent)
        if mantissa > 1.414_213_562_373_095_1 {
            mantissa /= 2
            exponent += 1
        }
        let ratio = (mantissa - 1) / (mantissa + 1)
        let square = ratio * ratio
        var term = ratio
        var sum = 0.0
        for odd in stride(from: 1.0, through: 41, by: 2) {
            sum += term / odd
            term *= square
        }
        return 2 * sum + exponent * 0.693_147_180_559_945_3
    }

    private static func exponential(_ value: Double) -> Double {
        if value.isNaN { return .nan }
        if value > 709.8 { return .infinity }
        if value < -745.2 { return 0 }
        let halvings = (value / 0.693_147_180_559_945_3).rounded()
        let rest = value - halvings * 0.693_147_180_559_945_3
        var term = 1.0
        var sum = 1.0
        for place in 1...25 {
            term *= rest / Double(place)
            sum += term
        }
        return sum * Double(sign: .plus, exponent: Int(halvings), significand: 1)
    }
}
