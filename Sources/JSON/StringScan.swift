// Looking through the bytes of strings, eight at a time.

/// What parser and writer look for in strings.
enum StringScan {
    static let highBits: UInt64 = 0x8080_8080_8080_8080
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// A word whose lowest set bit is in the first byte that is a quote, a backslash or a control character; 0 when
    /// none of the eight is. Bits behind the first may be wrong (a borrow runs upwards).
    @inline(__always)
    static func stops(_ word: UInt64) -> UInt64 {
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let control = (word &- (ones &* 0x20)) & ~word
        return (control | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash) & highBits
    }

    /// Where the first byte is that a string cannot hold as it is, `nil` if there is none.
    static func firstStop(_ utf8: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard let base = UnsafeRawPointer(utf8.baseAddress) else { return nil }
        var at = start
        while at <= utf8.count - 8 {
            let stop = stops(UInt64(littleEndian: (base + at).loadUnaligned(as: UInt64.self)))
            if stop != 0 { return at + stop.trailingZeroBitCount / 8 }
            at += 8
        }
        while at < utf8.count {
            if utf8[at] < 0x20 || utf8[at] == UInt8(ascii: "\"") || utf8[at] == UInt8(ascii: "\\") { return at }
            at += 1
        }
        return nil
    }

    /// Whether the bytes are UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
    static func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        while at < bytes.count {
            let lead = bytes[at]
            if lead < 0x80 {
                at += 1
                continue
            }
            let length: Int
            let second: ClosedRange<UInt8>
            switch lead {
            case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
            case 0xE0: (length, second) = (3, 0xA0...0xBF)
            case 0xED: (length, second) = (3, 0x80...0x9F)
            case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
            case 0xF0: (length, second) = (4, 0x90...0xBF)
            case 0xF4: (length, second) = (4, 0x80...0x8F)
            case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
            default: return false
            }
            guard at + length <= bytes.count, second.contains(bytes[at + 1]) else { return false }
            for offset in 2..<max(length, 2) where bytes[at + offset] & 0xC0 != 0x80 { return false }
            at += length
        }
        return true
    }
}
