// The decimal digits of a double: of the shortest text that reads back as it, so that no binary noise shows.

/// The value 0.DIGITS × 10^point.
struct DecimalDigits: Equatable {
    /// The most significant first, without zeros at either end; empty for zero.
    var digits: [UInt8] = []
    var point = 0

    /// Of a finite value, without its sign.
    init(_ value: Double) {
        let magnitude = value.magnitude
        if let whole = UInt64(exactly: magnitude), whole < 1 << 53 {
            digits = Self.digits(of: UInt(whole))
            point = digits.count
        } else {
            read(magnitude.description)
        }
        trim()
    }

    /// Takes a number's text apart: digits with a point among them, an exponent behind them.
    private mutating func read(_ text: String) {
        var pointAt: Int?
        var exponent = 0
        digits.reserveCapacity(24)
        for (place, byte) in text.utf8.enumerated() {
            if byte == UInt8(ascii: ".") {
                pointAt = digits.count
            } else if byte == UInt8(ascii: "e") {
                exponent = Int(Substring(text.utf8.dropFirst(place + 1))) ?? 0
                break
            } else {
                digits.append(byte - UInt8(ascii: "0"))
            }
        }
        point = (pointAt ?? digits.count) + exponent
    }

    /// The digits of a whole number, the most significant first; none for zero.
    static func digits(of value: UInt) -> [UInt8] {
        var digits: [UInt8] = []
        digits.reserveCapacity(20)
        var rest = value
        while rest > 0 {
            digits.append(UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        digits.reverse()
        return digits
    }

    private mutating func trim() {
        if digits.first == 0 {
            let zeros = digits.prefix { $0 == 0 }.count
            digits.removeFirst(zeros)
            point -= zeros
        }
        while digits.last == 0 { digits.removeLast() }
        if digits.isEmpty { point = 0 }
    }

    /// Rounds half to even.
    mutating func round(places: Int) {
        let keep = point + places
        guard keep < digits.count else { return }
        guard keep >= 0 else {
            (digits, point) = ([], 0)
            return
        }
        let first = digits[keep]
        let isTie = first == 5 && digits.count == keep + 1
        let isOdd = keep > 0 && digits[keep - 1] % 2 == 1
        let up = isTie ? isOdd : first >= 5
        digits.removeSubrange(keep...)
        if up { increment() }
        trim()
    }

    private mutating func increment() {
        while let last = digits.last, last == 9 { digits.removeLast() }
        if digits.isEmpty {
            digits = [1]
            point += 1
        } else {
            digits[digits.count - 1] += 1
        }
    }

    /// The digits before the decimal point, without leading zeros: none for a value below one.
    var whole: [UInt8] {
        guard point > 0 else { return [] }
        if point == digits.count { return digits }
        return digits.prefix(point) + Array(repeating: 0, count: max(0, point - digits.count))
    }

    /// The digits behind the decimal point, without zeros at the end.
    var fraction: [UInt8] {
        guard point < digits.count else { return [] }
        return Array(repeating: 0, count: max(0, -point)) + digits.dropFirst(max(0, point))
    }
}
