// From a diagnostic's location to a line and a column of the definition's text.

import JSON

/// A place in a text as editors count: line and column from 1, the column in Unicode scalars.
package struct TextPosition: Sendable, Equatable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

extension Diagnostic {
    /// Where in `definition` the finding is: at the name of the member that `location` names, or at the element of an
    /// array. Where that is not in the text (a field that is missing), at what is nearest around it; without a
    /// location, at the beginning.
    package func position(in definition: String) -> TextPosition {
        guard let location = exactLocation ?? location else { return TextPosition(line: 1, column: 1) }
        if let position = Self.jacksonPosition(location) { return position }
        let bytes = Array(definition.utf8)
        var scanner = LocationScanner(bytes: bytes)
        return TextPosition(of: scanner.offset(of: Array(location.utf8)), in: bytes)
    }

    /// The place in `[Source: (String)"…"; line: 1, column: 4]`.
    private static func jacksonPosition(_ location: String) -> TextPosition? {
        guard location.hasPrefix("[Source: "), location.hasSuffix("]") else { return nil }
        let words = location.dropLast().split(separator: " ")
        guard words.count >= 4, words[words.count - 4] == "line:", words[words.count - 2] == "column:",
            let line = Int(words[words.count - 3].dropLast()), let column = Int(words[words.count - 1])
        else { return nil }
        return TextPosition(line: line, column: column)
    }
}

extension TextPosition {
    fileprivate init(of offset: Int, in bytes: [UInt8]) {
        self.init(line: 1, column: 1)
        for byte in bytes.prefix(offset) {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
    }
}

/// Walks the text of a definition beside a location, to find how much of the location is there and where. Names are not
/// escaped in locations, so that the text alone tells where one ends: every member that may be meant is tried.
private struct LocationScanner {
    let bytes: [UInt8]
    private var at = 0
    /// How much of the location is left at the best place so far, and that place.
    private var left = Int.max
    private var best = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func offset(of location: [UInt8]) -> Int {
        skipSpace()
        best = at
        value(location[...])
        return best
    }

    /// Passes a value; `location` is what is left of the location in it, `nil` where the location lies elsewhere.
    private mutating func value(_ location: ArraySlice<UInt8>?) {
        skipSpace()
        guard at < bytes.count else { return }
        switch bytes[at] {
        case UInt8(ascii: "{"): object(location)
        case UInt8(ascii: "["): array(location)
        case UInt8(ascii: "\""): skipString()
        default: while at < bytes.count, !Self.ends.contains(bytes[at]) { at += 1 }
        }
    }

    private static let ends = Set(",]} \t\r\n".utf8)

    private mutating func object(_ location: ArraySlice<UInt8>?) {
        at += 1
        while true {
            skipSpace()
            guard at < bytes.count, bytes[at] != UInt8(ascii: "}") else { break }
            guard bytes[at] == UInt8(ascii: "\"") else {
                at += 1
                continue
            }
            let start = at
            skipString()
            let key = Array(bytes[start..<min(at, bytes.count)])
            skipSpace()
            if at < bytes.count, bytes[at] == UInt8(ascii: ":") { at += 1 }
            let rest = location.flatMap { Self.rest(of: $0, behind: "/" + Self.name(key)) }
            note(rest, start)
            value(rest)
        }
        at += 1
    }

    private mutating func array(_ location: ArraySlice<UInt8>?) {
        at += 1
        var index = 0
        while true {
            skipSpace()
            guard at < bytes.count, bytes[at] != UInt8(ascii: "]") else { break }
            if bytes[at] == UInt8(ascii: ",") {
                at += 1
                index += 1
                continue
            }
            let rest = location.flatMap { Self.rest(of: $0, behind: "[\(index)]") }
            note(rest, at)
            let before = at
            value(rest)
            if at == before { at += 1 }
        }
        at += 1
    }

    /// Of members with the same name the last one counts, as for the parser.
    private mutating func note(_ rest: ArraySlice<UInt8>?, _ offset: Int) {
        guard let rest, rest.count <= left else { return }
        left = rest.count
        best = offset
    }

    private static func name(_ quoted: [UInt8]) -> String { (try? JSONValue.parse(quoted))?.stringValue ?? "" }

    private static func rest(of location: ArraySlice<UInt8>, behind step: String) -> ArraySlice<UInt8>? {
        guard location.starts(with: step.utf8) else { return nil }
        let rest = location.dropFirst(step.utf8.count)
        guard let next = rest.first else { return rest }
        return next == UInt8(ascii: "/") || next == UInt8(ascii: "[") ? rest : nil
    }

    private mutating func skipString() {
        at += 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
        at += 1
    }

    private mutating func skipSpace() {
        while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
    }
}
