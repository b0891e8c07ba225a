// How values print: Java's toString, and JSON for the lists that came out of JSON.

import JSON

/// Grows the text of values. A value inside itself, or one nested too deep, prints as nothing; a text that is full
/// stays as it is, so that lists of lists of lists cannot grow one without end.
struct TemplateText {
    private(set) var bytes: [UInt8] = []
    private var depth: Int
    private let limit: Int

    init(depth: Int, limit: Int) {
        self.depth = depth
        self.limit = limit
    }

    var isFull: Bool { bytes.count > limit }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func append(_ text: String) { if !isFull { bytes.append(contentsOf: text.utf8) } }

    /// Java's `String.valueOf`.
    mutating func append(_ value: TemplateValue) {
        switch value {
        case .null: append("null")
        case .bool(let flag): append(flag ? "true" : "false")
        case .integer(let number): append(String(number))
        case .wide(let number): append(number.description)
        case .double(let number): append(Self.double(number))
        case .string(let text): append(text)
        case .list(let list): nested { $0.append(list) }
        case .map(let map): nested { $0.append(map) }
        case .entry(let entry): nested { $0.append(key: entry.key, entry.value) }
        case .loop(let state): nested { $0.append(state.notes) }
        // Evaluated and printed by the evaluator, which alone can; what is left prints as Velocity's own name for it.
        case .block(let block): append("$" + block.name)
        case .iterator, .input, .util: break
        }
    }

    private mutating func nested(_ body: (inout TemplateText) -> Void) {
        guard depth > 0, !isFull else { return }
        depth -= 1
        body(&self)
        depth += 1
    }

    private mutating func append(_ list: TemplateList) {
        if list.kind == .json {
            appendJSON(.list(list))
            return
        }
        append("[")
        for (place, element) in list.elements.enumerated() {
            if place > 0 { append(", ") }
            append(element)
        }
        append("]")
    }

    private mutating func append(_ map: TemplateMap) {
        if map.printsEmpty { return }
        append("{")
        for (place, key) in map.keys.enumerated() {
            if place > 0 { append(", ") }
            append(key: key, map.values[place])
        }
        append("}")
    }

    private mutating func append(key: TemplateValue, _ value: TemplateValue) {
        append(key)
        append("=")
        append(value)
    }
}

// MARK: - JSON

extension TemplateText {
    /// The value as API Gateway's JSON library (json-smart) writes it.
    mutating func appendJSON(_ value: TemplateValue) {
        switch value {
        case .string(let text): quote(text)
        case .list(let list): nested { $0.appendJSON(list: list) }
        case .map(let map): nested { $0.appendJSON(map: map) }
        case .null, .bool, .integer, .wide, .double: append(value)
        case .entry, .iterator, .loop, .block, .input, .util: quote("")
        }
    }

    mutating func appendJSON(_ value: JSONValue) {
        switch value {
        case .null, .bool: append(value.text)
        case .number(let number): append(number.isIntegerText ? number.text : Self.double(number.double))
        case .string(let text): quote(text)
        case .array(let elements):
            append("[")
            for (place, element) in elements.enumerated() {
                if place > 0 { append(",") }
                appendJSON(element)
            }
            append("]")
        case .object(let members):
            append("{")
            for (place, member) in members.enumerated() {
                if place > 0 { append(",") }
                quote(member.key)
                append(":")
                appendJSON(member.value)
            }
            append("}")
        }
    }

    private mutating func appendJSON(list: TemplateList) {
        append("[")
        for (place, element) in list.elements.enumerated() {
            if place > 0 { append(",") }
            appendJSON(element)
        }
        append("]")
    }

    private mutating func appendJSON(map: TemplateMap) {
        append("{")
        for (place, key) in map.keys.enumerated() {
            if place > 0 { append(",") }
            var name = TemplateText(depth: depth, limit: limit)
            name.append(key)
            quote(name.text)
            append(":")
            appendJSON(map.values[place])
        }
        append("}")
    }

    /// json-smart escapes what JSON asks for, U+007F to U+009F and U+2000 to U+20FF, but no slash.
    private mutating func quote(_ text: String) {
        if isFull { return }
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { utf8 in
            var plain = 0
            var at = 0
            while at < utf8.count {
                guard let (escape, length) = Self.escape(utf8, at) else {
                    at += 1
                    continue
                }
                bytes.append(contentsOf: utf8[plain..<at])
                Self.append(escape, to: &bytes)
                at += length
                plain = at
            }
            bytes.append(contentsOf: utf8[plain...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The character to escape at that byte, and how many bytes it has; `nil` for one that stays.
    private static func escape(_ utf8: UnsafeBufferPointer<UInt8>, _ at: Int) -> (unit: UInt32, length: Int)? {
        switch utf8[at] {
        case 0..<0x20, 0x22, 0x5C, 0x7F: return (UInt32(utf8[at]), 1)
        case 0xC2 where utf8[at + 1] < 0xA0: return (UInt32(utf8[at + 1]), 2)
        case 0xE2 where utf8[at + 1] < 0x84:
            return (0x2000 | UInt32(utf8[at + 1] & 3) << 6 | UInt32(utf8[at + 2] & 63), 3)
        default: return nil
        }
    }

    private static func append(_ unit: UInt32, to bytes: inout [UInt8]) {
        let short: UInt8
        switch unit {
        case 0x22, 0x5C: short = UInt8(unit)
        case 0x08: short = UInt8(ascii: "b")
        case 0x09: short = UInt8(ascii: "t")
        case 0x0A: short = UInt8(ascii: "n")
        case 0x0C: short = UInt8(ascii: "f")
        case 0x0D: short = UInt8(ascii: "r")
        default: return escape(unit, into: &bytes)
        }
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(short)
    }

    /// `\u00E9`.
    static func escape(_ unit: UInt32, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(UInt8(ascii: "u"))
        for shift in [12, 8, 4, 0] as [UInt32] {
            let digit = UInt8(unit >> shift & 15)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
        }
    }
}

// MARK: - Doubles

extension TemplateText {
    /// Java's `Double.toString`: plain from 0.001 up to ten million, else one digit, a point and `E`.
    static func double(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
        guard value != 0 else { return value.sign == .minus ? "-0.0" : "0.0" }
        let (digits, exponent) = shortest(value.magnitude)
        let sign = value < 0 ? "-" : ""
        if exponent >= -3 && exponent < 7 { return sign + plain(digits, exponent) }
        let fraction = digits.count > 1 ? String(digits.dropFirst()) : "0"
        return "\(sign)\(digits.prefix(1)).\(fraction)E\(exponent)"
    }

    /// The fewest digits that read back as the value, and the power of ten of the first.
    private static func shortest(_ value: Double) -> (digits: String, exponent: Int) {
        let parts = value.description.split(separator: "e")
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let number = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = String(number[0])
        var digits = whole + (number.count > 1 ? String(number[1]) : "")
        exponent += whole.count - 1
        let leading = digits.prefix { $0 == "0" }.count
        digits.removeFirst(leading)
        exponent -= leading
        while digits.count > 1 && digits.last == "0" { digits.removeLast() }
        return (digits, exponent)
    }

    private static func plain(_ digits: String, _ exponent: Int) -> String {
        if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + digits }
        if digits.count <= exponent + 1 {
            return digits + String(repeating: "0", count: exponent + 1 - digits.count) + ".0"
        }
        return digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
    }
}
