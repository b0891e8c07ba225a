// `String.format`, as far as templates use it: %s %S %d %x %X %o %c %b %f %e %% %n, with flags, width and precision.

import Core

extension TemplateEvaluator {
    mutating func format(_ arguments: [TemplateValue], at place: Int) throws(TemplateFault) -> TemplateValue? {
        guard case .string(let pattern) = arguments[0] else { return nil }
        var values = arguments.dropFirst()[...]
        if values.count == 1, case .list(let list)? = values.first, list.kind == .array { values = list.elements[...] }
        // Patterns are read letter by letter.
        try charge(pattern.utf8.count >> 3, at: place)
        var result = ""
        var rest = Substring(pattern)
        while let percent = rest.firstIndex(of: "%") {
            result += rest[..<percent]
            rest = rest[percent...].dropFirst()
            let flags = rest.prefix { "-+ 0,#(".contains($0) }
            rest = rest.dropFirst(flags.count)
            let width = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(width.count)
            var precision: Int?
            if rest.first == "." {
                let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
                precision = Int(digits)
                rest = rest.dropFirst(1 + digits.count)
            }
            guard let conversion = rest.popFirst() else { throw thrown("format: '%' at the end", at: place) }
            let text: String
            switch conversion {
            case "%": text = "%"
            case "n": text = "\n"
            default:
                guard let value = values.popFirst() else { throw thrown("format: too few arguments", at: place) }
                text = try converted(value, conversion, flags, precision, at: place)
            }
            let column = min(Int(width) ?? 0, limits.outputBytes)
            let padding = String(
                repeating: flags.contains("0") && conversion != "s" ? "0" : " ",
                count: max(0, column - text.utf16.count))
            result += flags.contains("-") ? text + padding : Self.pad(text, padding)
            try charge(text: result, at: place)
        }
        result += rest
        try charge(text: result, at: place)
        return .string(result)
    }

    /// Zeros stand behind the sign.
    private static func pad(_ text: String, _ padding: String) -> String {
        guard padding.first == "0", let sign = text.first, sign == "-" || sign == "+" else { return padding + text }
        return "\(sign)\(padding)\(text.dropFirst())"
    }

    private mutating func converted(
        _ value: TemplateValue, _ conversion: Character, _ flags: Substring, _ precision: Int?, at place: Int
    ) throws(TemplateFault) -> String {
        switch (conversion, value) {
        case ("s", _), ("S", _):
            var text = value.isNull ? "null" : try text(of: value)
            if let precision { text = String(decoding: Array(text.utf16.prefix(precision)), as: UTF16.self) }
            return conversion == "S" ? text.uppercased() : text
        case ("b", .bool(let flag)): return flag ? "true" : "false"
        case ("b", _): return value.isNull ? "false" : "true"
        case ("c", .string(let text)): return text
        case ("d", .integer), ("d", .wide):
            let text = try text(of: value)
            return flags.contains("+") && !text.hasPrefix("-") ? "+" + text : text
        case ("x", .integer(let number)): return String(UInt(bitPattern: number), radix: 16)
        case ("X", .integer(let number)): return String(UInt(bitPattern: number), radix: 16, uppercase: true)
        case ("o", .integer(let number)): return String(UInt(bitPattern: number), radix: 8)
        case ("f", .double(let number)): return Self.fixed(number, min(precision ?? 6, 64))
        default: throw thrown("format: %\(conversion) does not fit its argument", at: place)
        }
    }

    /// Decimal digits, the last one rounded half up as Java rounds.
    private static func fixed(_ value: Double, _ places: Int) -> String {
        guard value.isFinite, value.magnitude < 1e15, places <= 15 else { return TemplateText.double(value) }
        let sign = value.sign == .minus ? "-" : ""
        let parts = decimal(value.magnitude)
        var digits = Array(parts.whole + parts.fraction.prefix(places)).map { Int(String($0)) ?? 0 }
        while digits.count < parts.whole.count + places { digits.append(0) }
        if parts.fraction.dropFirst(places).first.map({ $0 >= "5" }) ?? false {
            var at = digits.count - 1
            while at >= 0, digits[at] == 9 {
                digits[at] = 0
                at -= 1
            }
            if at >= 0 { digits[at] += 1 } else { digits.insert(1, at: 0) }
        }
        let text = digits.map(String.init).joined()
        return places == 0 ? sign + text : "\(sign)\(text.dropLast(places)).\(text.suffix(places))"
    }

    private static func decimal(_ value: Double) -> (whole: String, fraction: String) {
        let whole = value.rounded(.down)
        let text = (value - whole).description
        if text.contains("e") {
            // Smaller than 0.0001: all zeros as far as fifteen places matter, less what the exponent says.
            let pieces = text.split(separator: "e")
            let zeros = -(Int(pieces[1]) ?? 0) - 1
            return (String(Int(whole)), String(repeating: "0", count: zeros) + pieces[0].filter { $0 != "." })
        }
        // The text of the whole value has the digits that were meant: 1.005 - 1 has not.
        let all = value.description.split(separator: ".")
        return (String(Int(whole)), all.count > 1 && !all[1].contains("e") ? String(all[1]) : String(text.dropFirst(2)))
    }
}
