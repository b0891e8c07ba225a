// From a value to bytes: compact, members in their order, numbers in their own text.

/// Grows a buffer of UTF-8 that values and raw pieces are written to; the way to build a response without building its
/// value first.
package struct JSONWriter: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    package private(set) var count = 0
    private let limit: Int
    private var depthLeft: Int
    private var isTooDeep = false

    /// With limits, `write(_:)` gives up soon behind `bytes` bytes and does not enter what nests deeper than `depth`;
    /// `excess` tells. What has been written then is the beginning of the text and no more.
    package init(capacity: Int = 512, bytes: Int = .max, depth: Int = .max) {
        self.capacity = max(capacity, 64)
        base = .allocate(capacity: self.capacity)
        limit = bytes
        depthLeft = depth
    }

    /// Which limit what was written has met, `nil` if it is whole.
    package var excess: JSONExcess? { isTooDeep ? .depth : count > limit ? .bytes : nil }

    deinit { base.deallocate() }

    /// What has been written, as text.
    package var text: String {
        String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
    }

    /// What has been written, as bytes.
    package var bytes: [UInt8] { Array(UnsafeBufferPointer(start: base, count: count)) }

    /// Lends what has been written without a copy.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    package mutating func removeAll() { count = 0 }

    /// Writes the value in compact form.
    package mutating func write(_ value: JSONValue) {
        switch value {
        case .null: raw("null")
        case .bool(let flag): raw(flag ? "true" : "false")
        case .number(let number): raw(number.text)
        case .string(let text): string(text)
        case .array(let elements):
            guard enter() else { return }
            byte(UInt8(ascii: "["))
            elements.withUnsafeBufferPointer { elements in
                for position in elements.indices where count <= limit {
                    if position > 0 { byte(UInt8(ascii: ",")) }
                    write(elements[position])
                }
            }
            byte(UInt8(ascii: "]"))
            depthLeft += 1
        case .object(let members):
            guard enter() else { return }
            byte(UInt8(ascii: "{"))
            members.members.withUnsafeBufferPointer { members in
                for position in members.indices where count <= limit {
                    if position > 0 { byte(UInt8(ascii: ",")) }
                    string(members[position].key)
                    byte(UInt8(ascii: ":"))
                    write(members[position].value)
                }
            }
            byte(UInt8(ascii: "}"))
            depthLeft += 1
        }
    }

    private mutating func enter() -> Bool {
        guard depthLeft > 0 else {
            isTooDeep = true
            return false
        }
        depthLeft -= 1
        return true
    }

    /// Writes text that is JSON already, or a piece of it.
    package mutating func raw(_ text: String) {
        var text = text
        text.withUTF8 { append($0) }
    }

    /// Writes a string with its quotes and escapes; a control character without a short escape becomes `\u00XX` with
    /// upper-case digits, as Jackson writes it.
    package mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            reserve(utf8.count + 2)
            byte(UInt8(ascii: "\""))
            var start = 0
            while let at = StringScan.firstStop(utf8, from: start) {
                append(UnsafeBufferPointer(rebasing: utf8[start..<at]))
                escape(utf8[at])
                start = at + 1
            }
            append(UnsafeBufferPointer(rebasing: utf8[start...]))
            byte(UInt8(ascii: "\""))
        }
    }

    private mutating func escape(_ value: UInt8) {
        byte(UInt8(ascii: "\\"))
        switch value {
        case 0x22, 0x5C: byte(value)
        case 0x08: byte(UInt8(ascii: "b"))
        case 0x09: byte(UInt8(ascii: "t"))
        case 0x0A: byte(UInt8(ascii: "n"))
        case 0x0C: byte(UInt8(ascii: "f"))
        case 0x0D: byte(UInt8(ascii: "r"))
        default:
            raw("u00")
            byte(Self.hexDigit(value >> 4))
            byte(Self.hexDigit(value & 15))
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    package mutating func byte(_ value: UInt8) {
        if count == capacity { grow(by: 1) }
        base[count] = value
        count += 1
    }

    package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        (base + count).update(from: start, count: bytes.count)
        count += bytes.count
    }

    private mutating func reserve(_ extra: Int) {
        if count + extra > capacity { grow(by: extra) }
    }

    private mutating func grow(by extra: Int) {
        let larger = max(capacity * 2, count + extra)
        let new = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        new.update(from: base, count: count)
        base.deallocate()
        base = new
        capacity = larger
    }
}

extension JSONValue {
    /// The compact text.
    package var text: String {
        var writer = JSONWriter()
        writer.write(self)
        return writer.text
    }

    /// The compact text, if it is no longer than `bytes` bytes and nests no deeper than `depth`: what repeats a value a
    /// thousand times costs little memory and much text, which is not printed to be found too long.
    package func text(within bytes: Int, depth: Int) throws(JSONExcess) -> String {
        var writer = JSONWriter(bytes: bytes, depth: depth)
        writer.write(self)
        if let excess = writer.excess { throw excess }
        return writer.text
    }

    /// The beginning of the compact text, at least `bytes` bytes of it where there are as many, and not much more.
    package func text(upTo bytes: Int) -> String {
        var writer = JSONWriter(bytes: bytes)
        writer.write(self)
        return writer.text
    }

    /// The compact text as UTF-8.
    package var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }

    /// The text for people: two spaces an indent, one member a line.
    package var prettyText: String {
        var writer = JSONWriter()
        writer.writePretty(self, indent: 0)
        return writer.text
    }
}

extension JSONWriter {
    fileprivate mutating func writePretty(_ value: JSONValue, indent: Int) {
        switch value {
        case .array(let elements) where !elements.isEmpty:
            raw("[")
            for (position, element) in elements.enumerated() {
                newLine(indent + 1, after: position > 0 ? "," : "")
                writePretty(element, indent: indent + 1)
            }
            newLine(indent, after: "")
            raw("]")
        case .object(let members) where !members.isEmpty:
            raw("{")
            for (position, member) in members.enumerated() {
                newLine(indent + 1, after: position > 0 ? "," : "")
                string(member.key)
                raw(": ")
                writePretty(member.value, indent: indent + 1)
            }
            newLine(indent, after: "")
            raw("}")
        default: write(value)
        }
    }

    private mutating func newLine(_ indent: Int, after text: String) {
        raw(text)
        raw("\n")
        for _ in 0..<indent { raw("  ") }
    }
}
