// The decimal digits of a double: of the shortest text that reads back as it, so that no binary noise shows.

/// The value 0.DIGITS × 10^point.
struct DecimalDigits: Equatable {
    /// The most significant first, without zeros at either end; empty for zero.
    var digits: [UInt8] = []
    var point = 0

    /// Of a finite value, without its sign.
    init(_ value: Double) {
        var exponent = 0
        var rest = value.magnitude.description.utf8[...]
        if let mark = rest.firstIndex(of: UInt8(ascii: "e")) {
            exponent = Int(Substring(rest[mark...].dropFirst())) ?? 0
            rest = rest[..<mark]
        }
        let parts = rest.split(separator: UInt8(ascii: "."))
        point = (parts.first?.count ?? 0) + exponent
        digits = parts.joined().map { $0 - UInt8(ascii: "0") }
        trim()
    }

    private mutating func trim() {
        let zeros = digits.prefix { $0 == 0 }.count
        digits.removeFirst(zeros)
        point -= zeros
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
        return digits.prefix(point) + Array(repeating: 0, count: max(0, point - digits.count))
    }

    /// The digits behind the decimal point, without zeros at the end.
    var fraction: [UInt8] {
        guard !digits.isEmpty else { return [] }
        return Array(repeating: 0, count: max(0, -point)) + digits.dropFirst(max(0, point))
    }
}
