// Texts as the functions of strings see them: by their bytes.

import JSON

/// Strings by their bytes.
enum Units {
    static func text(_ text: String, _ range: Range<Int>) -> String {
        String(decoding: Array(text.utf8)[range], as: UTF8.self)
    }

    /// How many UTF-16 units a piece of UTF-8 has.
    static func utf16Count(_ bytes: ArraySlice<UInt8>) -> Int {
        // One for each character, another one beyond the first plane.
        bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : $1 < 0xF0 ? 1 : 2) }
    }

    /// How many characters a string has: its bytes but those that continue a character.
    static func scalarCount(_ text: String) -> Int {
        var text = text
        return text.withUTF8 { utf8 in utf8.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } }
    }

    /// The characters of a string that has `count` of them.
    static func scalars(_ range: Range<Int>, of text: String, count: Int) -> String {
        var text = text
        return text.withUTF8 { utf8 in
            if count == utf8.count { return String(decoding: utf8[range], as: UTF8.self) }
            let start = offset(of: range.lowerBound, in: utf8, from: 0)
            let end = offset(of: range.count, in: utf8, from: start)
            return String(decoding: utf8[start..<end], as: UTF8.self)
        }
    }

    /// Where the character begins that is `count` characters behind the one at `start`.
    private static func offset(of count: Int, in utf8: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var (at, left) = (start, count)
        while at < utf8.count, left > 0 {
            at += 1
            while at < utf8.count, utf8[at] & 0xC0 == 0x80 { at += 1 }
            left -= 1
        }
        return at
    }

    /// Where the next character begins after the one at `place`, `nil` after the last one.
    static func next(_ place: Int, in utf8: [UInt8]) -> Int? {
        guard place < utf8.count else { return nil }
        var place = place + 1
        while place < utf8.count, utf8[place] & 0xC0 == 0x80 { place += 1 }
        return place
    }

    /// Without white space at its ends, and with one blank for each within.
    static func trimmed(_ text: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        var isBlank = false
        for byte in text.utf8 {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: isBlank = true
            default:
                if isBlank, !result.isEmpty { result.append(0x20) }
                isBlank = false
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// Finds a text in others in time that grows with their length alone (Knuth, Morris and Pratt).
struct UnitFinder<Unit: FixedWidthInteger> {
    private let wanted: [Unit]
    /// For each length of a beginning of `wanted`: how long its longest beginning is that is also its end.
    private var borders: [Int32] = []

    init(_ wanted: [Unit]) {
        self.wanted = wanted
        guard wanted.count > 1 else { return }
        borders = [Int32](repeating: 0, count: wanted.count)
        var length = 0
        for place in 1..<wanted.count {
            while length > 0, wanted[place] != wanted[length] { length = Int(borders[length - 1]) }
            if wanted[place] == wanted[length] { length += 1 }
            borders[place] = Int32(length)
        }
    }

    /// Where the text begins for the first time at or behind `start`; `nil` also for an empty one.
    func next(in text: [Unit], from start: Int) -> Int? { next(in: text[start...]) }

    /// Where the text begins for the first time in a part of another.
    func next(in text: ArraySlice<Unit>) -> Int? {
        guard let first = wanted.first, text.count >= wanted.count else { return nil }
        if wanted.count == 1 { return text.firstIndex(of: first) }
        var length = 0
        var at = text.startIndex
        while at < text.endIndex {
            while length > 0, text[at] != wanted[length] { length = Int(borders[length - 1]) }
            if text[at] == wanted[length] { length += 1 }
            at += 1
            if length == wanted.count { return at - length }
        }
        return nil
    }
}

typealias TextFinder = UnitFinder<UInt8>

extension JSONataEvaluator {
    /// A finder of `part`, and the steps to look through `length` bytes with it.
    func finder(_ part: String, length: Int) throws(JSONataError) -> TextFinder {
        try charge(bytes: 5 * part.utf8.count + length, steps: (part.utf8.count + length) >> 6)
        return TextFinder(Array(part.utf8))
    }

    /// Where `part` is in `text`, in bytes.
    func range(of part: String, in text: String) throws(JSONataError) -> Range<Int>? {
        if part.isEmpty { return 0..<0 }
        let finder = try finder(part, length: text.utf8.count)
        return finder.next(in: Array(text.utf8), from: 0).map { $0..<$0 + part.utf8.count }
    }

    /// Counts what it takes to change the case of a text.
    func chargeCase(_ value: Value) throws(JSONataError) {
        let count = value.text?.utf8.count ?? 0
        try charge(bytes: 3 * count, steps: count >> 4)
    }

    /// Counts what it takes to encode or decode a text for an URL.
    func chargeURL(_ value: Value) throws(JSONataError) {
        let count = value.text?.utf8.count ?? 0
        try charge(bytes: 8 * count, steps: count >> 4)
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
        let kept = table(unreserved.union(keeping.utf8))
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            if kept[Int(byte)] {
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

    /// Whether each byte is among `bytes`.
    private static func table(_ bytes: Set<UInt8>) -> [Bool] {
        var table = [Bool](repeating: false, count: 256)
        for byte in bytes { table[Int(byte)] = true }
        return table
    }

    private static func malformed(_ text: String, _ function: String) -> JSONataError {
        let shown = JSONValue.string(String(decoding: text.utf8.prefix(100_000), as: UTF8.self)).text
        return JSONataError(
            code: "D3140", message: "Malformed URL passed to $\(function)(): \(shown)",
            value: .string(text), token: function)
    }
}
