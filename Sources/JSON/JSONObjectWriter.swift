// One JSON object, written straight to bytes member by member.

/// Writes one JSON object. Members that are `nil` are left out, as AWS's services do; names are written without
/// escapes.
package struct JSONObjectWriter: ~Copyable {
    private var json: JSONWriter
    private var needsComma = false

    package init(capacity: Int = 512) {
        json = JSONWriter(capacity: capacity)
        json.byte(UInt8(ascii: "{"))
    }

    /// Closes the object and lends its bytes.
    package consuming func finish<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        json.byte(UInt8(ascii: "}"))
        return json.withBytes(body)
    }

    /// A member that an extension writes as one JSON value.
    package mutating func member(_ name: StaticString, _ value: (inout JSONWriter) -> Void) {
        key(name)
        value(&json)
    }

    private mutating func key(_ name: StaticString) {
        if needsComma { json.byte(UInt8(ascii: ",")) }
        needsComma = true
        json.byte(UInt8(ascii: "\""))
        json.append(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        json.byte(UInt8(ascii: "\""))
        json.byte(UInt8(ascii: ":"))
    }

    /// A string, escaped.
    package mutating func string(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        key(name)
        json.string(value)
    }

    /// A member whose name is not known beforehand.
    package mutating func string(key name: String, _ value: String) {
        key(name)
        json.string(value)
    }

    /// An array of strings under a name that is not known beforehand.
    package mutating func strings(key name: String, _ values: [String]) {
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
    package mutating func string(_ name: StaticString, _ head: String, _ tail: StaticString) {
        key(name)
        json.byte(UInt8(ascii: "\""))
        json.raw(head)
        json.append(UnsafeBufferPointer(start: tail.utf8Start, count: tail.utf8CodeUnitCount))
        json.byte(UInt8(ascii: "\""))
    }

    /// A whole number.
    package mutating func int(_ name: StaticString, _ value: Int?) {
        guard let value else { return }
        key(name)
        json.integer(value)
    }

    /// `true` or `false`.
    package mutating func bool(_ name: StaticString, _ value: Bool) {
        key(name)
        json.raw(value ? "true" : "false")
    }

    /// A value that is JSON text already.
    package mutating func json(_ name: StaticString, _ text: String) {
        key(name)
        json.raw(text)
    }

    /// An object whose members `body` writes.
    package mutating func object(_ name: StaticString, _ body: (inout JSONObjectWriter) -> Void) {
        key(name)
        nested(body)
    }

    /// An array of objects, one for each element.
    package mutating func objects<Element>(
        _ name: StaticString, _ elements: some Sequence<Element>, _ body: (inout JSONObjectWriter, Element) -> Void
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

    private mutating func nested(_ body: (inout JSONObjectWriter) -> Void) {
        json.byte(UInt8(ascii: "{"))
        needsComma = false
        body(&self)
        json.byte(UInt8(ascii: "}"))
        needsComma = true
    }
}

extension JSONWriter {
    /// A whole number in decimal digits.
    package mutating func integer(_ value: Int) {
        if value < 0 { byte(UInt8(ascii: "-")) }
        digits(value.magnitude)
    }

    private mutating func digits(_ value: UInt) {
        if value > 9 { digits(value / 10) }
        byte(UInt8(ascii: "0") + UInt8(value % 10))
    }
}
