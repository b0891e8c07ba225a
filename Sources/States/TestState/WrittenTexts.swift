// The JSON texts that a test was given, to show values as they were written (recorded for Map and Parallel).

import JSON

/// The texts of a test: its input, mock, context object and variables.
struct WrittenTexts {
    private let texts: [(text: String, value: JSONValue)]

    /// - Parameter texts: JSON texts; the first that has a value is the one that shows it.
    init(_ texts: [String]) {
        self.texts = texts.compactMap { text in (try? JSONValue.parse(text)).map { (text, $0) } }
    }

    /// Returns the text in which the value was given, as a whole or within another one, and its compact text if it was
    /// not given: what a field of the state has made.
    func text(of value: JSONValue) -> String {
        guard value.arrayValue != nil || value.objectValue != nil else { return value.text }
        let compact = value.text
        for (text, whole) in texts {
            let bytes = Array(text.utf8)
            guard let path = whole.path(to: value, compact), let range = JSONSpan.range(of: path, in: bytes) else {
                continue
            }
            let written = String(decoding: bytes[range], as: UTF8.self)
            // A name that occurs twice has moved the places of the members after it.
            if (try? JSONValue.parse(written))?.text.hasSameUnits(as: compact) == true { return written }
        }
        return compact
    }
}

extension JSONValue {
    /// The steps from this value to the first value within it, in the order of the text, that is the same as `wanted`;
    /// `compact` is that one's text. Each step is the place of an element or member.
    fileprivate func path(to wanted: JSONValue, _ compact: String) -> [Int]? {
        var waiting: [(value: JSONValue, path: [Int])] = [(self, [])]
        while let (value, path) = waiting.popLast() {
            if value == wanted, value.text.hasSameUnits(as: compact) { return path }
            let children = value.arrayValue ?? value.objectValue.map { $0.map(\.value) } ?? []
            for (place, child) in children.enumerated().reversed()
            where child.arrayValue != nil || child.objectValue != nil {
                waiting.append((child, path + [place]))
            }
        }
        return nil
    }
}

/// Finds values in a text that is known to be JSON.
private enum JSONSpan {
    /// The bytes of the value that the steps lead to; `nil` if they lead nowhere.
    static func range(of path: [Int], in bytes: [UInt8]) -> Range<Int>? {
        var start = skipSpace(0, bytes)
        for step in path {
            guard start < bytes.count, bytes[start] == UInt8(ascii: "[") || bytes[start] == UInt8(ascii: "{") else {
                return nil
            }
            let isObject = bytes[start] == UInt8(ascii: "{")
            start = skipSpace(start + 1, bytes)
            for place in 0...step {
                guard start < bytes.count, bytes[start] != UInt8(ascii: "]"), bytes[start] != UInt8(ascii: "}") else {
                    return nil
                }
                if isObject { start = skipSpace(skipSpace(end(start, bytes), bytes) + 1, bytes) }
                if place < step { start = skipSpace(skipSpace(end(start, bytes), bytes) + 1, bytes) }
            }
        }
        return start < bytes.count ? start..<end(start, bytes) : nil
    }

    private static func skipSpace(_ start: Int, _ bytes: [UInt8]) -> Int {
        var at = start
        while at < bytes.count, bytes[at] == 0x20 || (0x09...0x0D).contains(bytes[at]) { at += 1 }
        return at
    }

    /// Where the value that begins at `start` ends.
    private static func end(_ start: Int, _ bytes: [UInt8]) -> Int {
        var at = start
        var depth = 0
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                at += 1
                while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
                    at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
                }
                at += 1
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                at += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                at += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x09...0x0D:
                if depth == 0 { return at }
                at += 1
                continue
            default:
                while at < bytes.count, !isEnd(bytes[at]) { at += 1 }
            }
            if depth <= 0 { return min(at, bytes.count) }
        }
        return bytes.count
    }

    private static func isEnd(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "]"), UInt8(ascii: "}"), 0x20, 0x09...0x0D: true
        default: false
        }
    }
}
