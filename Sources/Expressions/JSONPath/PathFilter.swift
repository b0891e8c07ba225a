// The condition of a filter step `[?(…)]`, compiled (language.md §10.4).

import JSON

/// Alternatives joined by `||`, each of them pieces joined by `&&`; evaluated from the last to the first.
struct PathFilter: Sendable {
    var alternatives: [[FilterPiece]]
}

enum FilterPiece: Sendable {
    /// `@.a`, or `!@.a` with `isNegated`.
    case exists(InnerPath, isNegated: Bool)
    case compare(FilterOperand, FilterOperator, FilterOperand)
}

enum FilterOperand: Sendable {
    case path(InnerPath)
    case text(FilterText)
    case pattern(FilterPattern)
}

/// A definite path inside a filter.
struct InnerPath: Sendable {
    /// Whether the path starts at the document (`$`) and not at the current element (`@`).
    var startsAtDocument: Bool
    var segments: [PathSegment]
}

/// The operators, in the order in which a piece is searched for them.
enum FilterOperator: String, Sendable, CaseIterable {
    case equal = "=="
    case greaterOrEqual = ">="
    case lessOrEqual = "<="
    case notEqual = "!="
    case less = "<"
    case greater = ">"
    case matches = "=~"
}

/// A text of a filter. Whatever is written there without being a path or a pattern is one: `5`, `true`, `a`, `'a'`.
struct FilterText: Sendable {
    let text: String
    /// What the text is to a text on its left: `\'` stands for `'`.
    let unescaped: String
    /// What the text is to a number on its left; `nil` where it is none.
    let number: JSONNumber?
    /// Whether it is `null`, which compares like null.
    let isNullish: Bool

    init(_ text: String) {
        self.text = text
        isNullish = text.hasSameUnits(as: "null")
        unescaped = Self.unescaped(text)
        number = JSONNumber(javaDecimal: text)
    }

    static func unescaped(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.contains(UInt8(ascii: "'")) else { return text }
        var result: [UInt8] = []
        for (place, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\\"), place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "'") { continue }
            result.append(byte)
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension JSONNumber {
    /// The number that Java's `BigDecimal` reads from a text: JSON's numbers and `+1`, `01`, `1.`, `.5`.
    init?(javaDecimal text: String) {
        var rest = Substring(text).utf8
        var written: [UInt8] = []
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            if sign == UInt8(ascii: "-") { written.append(sign) }
            rest.removeFirst()
        }
        let whole = rest.prefix { $0 &- 0x30 < 10 }
        rest = rest.dropFirst(whole.count)
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = rest.prefix { $0 &- 0x30 < 10 }
            rest = rest.dropFirst(fraction.count)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let significant = whole.drop { $0 == UInt8(ascii: "0") }
        written += significant.isEmpty ? [UInt8(ascii: "0")] : Array(significant)
        if !fraction.isEmpty { written += [UInt8(ascii: ".")] + Array(fraction) }
        if let letter = rest.first, letter | 0x20 == UInt8(ascii: "e") {
            // Java's exponents are of 32 bits.
            guard let exponent = Int32(String(Substring(rest.dropFirst()))) else { return nil }
            written += "e\(exponent)".utf8
        } else if !rest.isEmpty {
            return nil
        }
        self.init(text: String(decoding: written, as: UTF8.self))
    }
}
