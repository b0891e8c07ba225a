// Times in responses and histories.

package import Core
package import JSON

extension JSONObjectWriter {
    /// Epoch seconds as a number with milliseconds, as the services write times; `nil` leaves the member out.
    package mutating func timestamp(_ name: StaticString, _ value: Timestamp?) {
        guard let value else { return }
        member(name) { $0.timestamp(value) }
    }
}

extension JSONWriter {
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
