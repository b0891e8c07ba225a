// The members of a response, written straight to bytes.

import Core
import JSON
import NIOCore
import States

/// Writes one JSON object. Members that are `nil` are left out, as the service does; names are written as they stand.
struct ResponseWriter: ~Copyable {
    private var json: JSONWriter
    private var needsComma = false

    init(capacity: Int = 512) {
        json = JSONWriter(capacity: capacity)
        json.byte(UInt8(ascii: "{"))
    }

    /// Closes the object and gives the bytes.
    consuming func finish() -> ByteBuffer {
        json.byte(UInt8(ascii: "}"))
        return json.withBytes { ByteBuffer(bytes: $0) }
    }

    private mutating func key(_ name: StaticString) {
        if needsComma { json.byte(UInt8(ascii: ",")) }
        needsComma = true
        json.byte(UInt8(ascii: "\""))
        json.append(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        json.byte(UInt8(ascii: "\""))
        json.byte(UInt8(ascii: ":"))
    }

    mutating func string(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        key(name)
        json.string(value)
    }

    /// A member whose name is not known beforehand.
    mutating func string(key name: String, _ value: String) {
        key(name)
        json.string(value)
    }

    /// An array of strings under a name that is not known beforehand.
    mutating func strings(key name: String, _ values: [String]) {
        key(name)
        for (index, value) in values.enumerated() {
            json.raw(index == 0 ? "[" : ",")
            json.string(value)
        }
        json.raw(values.isEmpty ? "[]" : "]")
    }

    private mutating func key(_ name: String) {
        if needsComma { json.byte(UInt8(ascii: ",")) }
        needsComma = true
        json.string(name)
        json.byte(UInt8(ascii: ":"))
    }

    /// A string of two parts: event types are written so, without putting them together first.
    mutating func string(_ name: StaticString, _ head: String, _ tail: StaticString) {
        key(name)
        json.byte(UInt8(ascii: "\""))
        json.raw(head)
        json.append(UnsafeBufferPointer(start: tail.utf8Start, count: tail.utf8CodeUnitCount))
        json.byte(UInt8(ascii: "\""))
    }

    mutating func int(_ name: StaticString, _ value: Int?) {
        guard let value else { return }
        key(name)
        json.integer(value)
    }

    mutating func bool(_ name: StaticString, _ value: Bool) {
        key(name)
        json.raw(value ? "true" : "false")
    }

    /// Epoch seconds as a number with milliseconds.
    mutating func timestamp(_ name: StaticString, _ value: Timestamp?) {
        guard let value else { return }
        key(name)
        json.timestamp(value)
    }

    /// A value that is JSON text already.
    mutating func json(_ name: StaticString, _ text: String) {
        key(name)
        json.raw(text)
    }

    mutating func object(_ name: StaticString, _ body: (inout ResponseWriter) -> Void) {
        key(name)
        nested(body)
    }

    /// An array of objects, one for each element.
    mutating func objects<Element>(
        _ name: StaticString, _ elements: some Sequence<Element>, _ body: (inout ResponseWriter, Element) -> Void
    ) {
        key(name)
        json.byte(UInt8(ascii: "["))
        var isFirst = true
        for element in elements {
            if !isFirst { json.byte(UInt8(ascii: ",")) }
            isFirst = false
            nested { body(&$0, element) }
        }
        json.byte(UInt8(ascii: "]"))
        needsComma = true
    }

    private mutating func nested(_ body: (inout ResponseWriter) -> Void) {
        json.byte(UInt8(ascii: "{"))
        needsComma = false
        body(&self)
        json.byte(UInt8(ascii: "}"))
        needsComma = true
    }

    /// One response.
    static func body(capacity: Int = 512, _ members: (inout ResponseWriter) -> Void) -> ByteBuffer {
        var writer = ResponseWriter(capacity: capacity)
        members(&writer)
        return writer.finish()
    }
}

extension JSONWriter {
    mutating func integer(_ value: Int) {
        if value < 0 { byte(UInt8(ascii: "-")) }
        digits(value.magnitude)
    }

    private mutating func digits(_ value: UInt) {
        if value > 9 { digits(value / 10) }
        byte(UInt8(ascii: "0") + UInt8(value % 10))
    }

    /// `1719835200.123`: digits straight to the buffer, since every event of a history has one.
    mutating func timestamp(_ time: Timestamp) {
        integer(Int(time.milliseconds / 1000))
        let fraction = UInt((time.milliseconds % 1000).magnitude)
        byte(UInt8(ascii: "."))
        byte(UInt8(ascii: "0") + UInt8(fraction / 100))
        byte(UInt8(ascii: "0") + UInt8(fraction / 10 % 10))
        byte(UInt8(ascii: "0") + UInt8(fraction % 10))
    }
}
