// Timestamps in the forms of Signature Version 4 (iam.md §5) and of HTTP.

extension Timestamp {
    /// `20260822T101112Z`, the form of `X-Amz-Date`.
    package var basic: String {
        let (hour, minute, second) = clock
        return "\(day)T\(hour.padded(to: 2))\(minute.padded(to: 2))\(second.padded(to: 2))Z"
    }

    /// `20260822`, the day of a credential scope.
    package var day: String {
        let (year, month, day) = GregorianCalendar.date(ofDay: seconds.flooredDivision(by: 86_400))
        return "\(year.padded(to: 4))\(month.padded(to: 2))\(day.padded(to: 2))"
    }

    /// Parses `20260822T101112Z`.
    package init?(basic text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z"),
            let year = Int(digits: bytes[0..<4]), let month = Int(digits: bytes[4..<6]),
            let day = Int(digits: bytes[6..<8]), let hour = Int(digits: bytes[9..<11]),
            let minute = Int(digits: bytes[11..<13]), let second = Int(digits: bytes[13..<15])
        else { return nil }
        self.init(year, month, day, hour, minute, second)
    }

    /// Parses an HTTP date, `Sat, 22 Aug 2026 10:11:12 GMT` (RFC 9110 §5.6.7, the preferred form).
    package init?(http text: String) {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT" || words[5] == "UTC",
            let month = GregorianCalendar.shortMonths.firstIndex(of: String(words[2])),
            let day = Int(words[1]), let year = Int(words[3])
        else { return nil }
        let clock = words[4].split(separator: ":").compactMap { Int(digits: Array($0.utf8)[...]) }
        guard clock.count == 3 else { return nil }
        self.init(year, month + 1, day, clock[0], clock[1], clock[2])
    }

    /// A leap second is the second after it.
    private init?(_ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int, _ second: Int) {
        guard GregorianCalendar.isDate(year: year, month: month, day: day), hour < 24, minute < 60, second < 61 else {
            return nil
        }
        let days = GregorianCalendar.days(year: year, month: month, day: day)
        self.init(seconds: days * 86_400 + hour * 3_600 + minute * 60 + second)
    }
}

extension Int {
    /// The number that one to nine ASCII digits form.
    package init?(digits: ArraySlice<UInt8>) {
        guard !digits.isEmpty, digits.count <= 9 else { return nil }
        self = 0
        for digit in digits {
            guard digit &- 0x30 < 10 else { return nil }
            self = self * 10 + Int(digit) - 0x30
        }
    }
}
