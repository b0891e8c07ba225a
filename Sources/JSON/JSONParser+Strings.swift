// Strings: the part of the parser where the time goes.

extension JSONParser {
    /// Reads a string whose opening quote has been passed.
    mutating func string() throws(JSONError) -> String {
        let start = at
        var isASCII = true
        skipPlain(&isASCII)
        guard at < bytes.count else { throw unclosedString() }
        if bytes[at] != UInt8(ascii: "\"") { return try escapedString(from: start, isASCII) }
        guard let text = text(UnsafeBufferPointer(rebasing: bytes[start..<at]), isASCII) else { throw notUTF8() }
        at += 1
        return text
    }

    /// Goes on until a quote, a backslash, a control character or the end; eight bytes at a time.
    private mutating func skipPlain(_ isASCII: inout Bool) {
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return }
        var seen: UInt64 = 0
        var position = at
        let last = bytes.count - 8
        while position <= last {
            let word = UInt64(littleEndian: (base + position).loadUnaligned(as: UInt64.self))
            let stop = StringScan.stops(word)
            if stop != 0 {
                let plain = stop.trailingZeroBitCount & ~7
                if seen | (word & ((1 << UInt64(plain)) &- 1)) & StringScan.highBits != 0 { isASCII = false }
                at = position + plain / 8
                return
            }
            seen |= word & StringScan.highBits
            position += 8
        }
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            seen |= UInt64(byte & 0x80)
            position += 1
        }
        if seen != 0 { isASCII = false }
        at = position
    }

    /// The bytes as a string, `nil` if they are not UTF-8.
    private func text(_ utf8: UnsafeBufferPointer<UInt8>, _ isASCII: Bool) -> String? {
        isASCII || isUTF8 || StringScan.isUTF8(utf8) ? String(decoding: utf8, as: UTF8.self) : nil
    }

    private mutating func escapedString(from start: Int, _ plainIsASCII: Bool) throws(JSONError) -> String {
        var isASCII = plainIsASCII
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<at]))
        while true {
            guard at < bytes.count else { throw unclosedString() }
            switch bytes[at] {
            case UInt8(ascii: "\""):
                guard let text = scratch.withUnsafeBufferPointer({ text($0, isASCII) }) else { throw notUTF8() }
                at += 1
                return text
            case UInt8(ascii: "\\"):
                at += 1
                try escape(&isASCII)
            case let byte where byte < 0x20:
                throw error(
                    "Illegal unquoted character ((CTRL-CHAR, code \(byte))): has to be escaped using backslash "
                        + "to be included in string value")
            default:
                let plain = at
                skipPlain(&isASCII)
                scratch.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[plain..<at]))
            }
        }
    }

    private mutating func escape(_ isASCII: inout Bool) throws(JSONError) {
        guard at < bytes.count else { throw error("Unexpected end-of-input in character escape sequence") }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(byte)
        case UInt8(ascii: "b"): scratch.append(0x08)
        case UInt8(ascii: "f"): scratch.append(0x0C)
        case UInt8(ascii: "n"): scratch.append(0x0A)
        case UInt8(ascii: "r"): scratch.append(0x0D)
        case UInt8(ascii: "t"): scratch.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try unicodeEscape()
            if !scalar.isASCII { isASCII = false }
            scratch.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
        default:
            at -= 1
            throw error("Unrecognized character escape \(described(at))")
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let unit = try hex4()
        guard let lead = UTF16.isLeadSurrogate(unit) ? unit : nil else {
            return Unicode.Scalar(UInt32(unit)) ?? "\u{FFFD}"
        }
        guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
            return "\u{FFFD}"
        }
        let back = at
        at += 2
        let trail = try hex4()
        guard UTF16.isTrailSurrogate(trail) else {
            at = back
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + (UInt32(lead) - 0xD800) << 10 + UInt32(trail) - 0xDC00) ?? "\u{FFFD}"
    }

    private mutating func hex4() throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard at < bytes.count else { throw error("Unexpected end-of-input in character escape sequence") }
            let byte = bytes[at]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw unexpected("expected a hex-digit for character escape sequence")
            }
            value = value << 4 | UInt16(digit)
            at += 1
        }
        return value
    }

    private func notUTF8() -> JSONError { error(.invalidUTF8, "Invalid UTF-8 in a string") }

    private func unclosedString() -> JSONError {
        error("Unexpected end-of-input: was expecting closing quote for a string value")
    }
}
