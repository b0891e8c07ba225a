// Text as it is being written: its bytes in UTF-8, and the letters of ASCII among them.

extension [UInt8] {
    /// Writes a character.
    mutating func append(_ scalar: Unicode.Scalar) {
        if scalar.isASCII {
            append(UInt8(truncatingIfNeeded: scalar.value))
        } else {
            append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }

    /// Writes a number in decimal, with zeros before it up to a width.
    mutating func append(decimal value: UInt, width: Int = 1) {
        let start = count
        var rest = value
        while rest > 0 || count - start < width {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        self[start...].reverse()
    }

    var text: String { String(decoding: self, as: UTF8.self) }
}

extension Unicode.Scalar {
    var isASCIIDigit: Bool { value &- 0x30 < 10 }

    var isASCIILetter: Bool { value | 0x20 &- 0x61 < 26 }

    /// Letters of ASCII become small ones, all else stays as it is.
    var asciiLowered: UInt32 { value &- 0x41 < 26 ? value | 0x20 : value }

    /// `isWhitespace` of its properties, which are slow to look up.
    var isSpace: Bool {
        isASCII ? value == 0x20 || value &- 0x09 < 5 : properties.isWhitespace
    }
}
