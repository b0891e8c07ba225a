// Timestamps as text: epoch seconds and ISO 8601.

extension Timestamp {
    /// Epoch seconds with the millisecond fraction, as the API prints timestamps: `1719835200.123` (api.md §1).
    package var epochSeconds: String {
        let fraction = String((milliseconds % 1000).magnitude)
        // The sign of a time less than a second before 1970 is not in its seconds.
        let sign = milliseconds < 0 && milliseconds > -1000 ? "-" : ""
        return "\(sign)\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.utf8.count))\(fraction)"
    }

    /// `2024-07-01T12:00:00.123Z`, as the context object prints timestamps (language.md §8).
    package var iso8601: String {
        let fraction = String((milliseconds % 1000 + 1000) % 1000)
        return "\(date)T\(timeOfDay).\(String(repeating: "0", count: 3 - fraction.utf8.count))\(fraction)Z"
    }

    /// `2024-07-01T12:00:00Z`, the form of `aws:CurrentTime` (iam.md §2).
    package var iso8601Seconds: String { "\(date)T\(timeOfDay)Z" }

    /// `2024-07-01`.
    private var date: String {
        let (year, month, day) = GregorianCalendar.date(ofDay: seconds.flooredDivision(by: 86_400))
        return "\(year.padded(to: 4))-\(month.padded(to: 2))-\(day.padded(to: 2))"
    }

    /// `12:00:00`.
    private var timeOfDay: String {
        let (hour, minute, second) = clock
        return "\(hour.padded(to: 2)):\(minute.padded(to: 2)):\(second.padded(to: 2))"
    }

    /// The time of day in UTC.
    var clock: (hour: Int, minute: Int, second: Int) {
        let rest = seconds - seconds.flooredDivision(by: 86_400) * 86_400
        return (rest / 3_600, rest / 60 % 60, rest % 60)
    }

    /// Reads `YYYY-MM-DDThh:mm:ss[.f{1,9}](Z|±hh:mm)`; `T` and the offset are mandatory and upper case
    /// (language.md §4, Wait). Digits beyond milliseconds are cut off.
    package init?(iso8601 text: String) {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2), scanner.take("-"),
            let day = scanner.number(2), scanner.take("T"), let hour = scanner.number(2), scanner.take(":"),
            let minute = scanner.number(2), scanner.take(":"), let second = scanner.number(2),
            GregorianCalendar.isDate(year: Int(year), month: Int(month), day: Int(day)), hour < 24, minute < 60,
            second < 60
        else { return nil }
        var fraction: Int64 = 0
        if scanner.take(".") {
            guard let value = scanner.fraction() else { return nil }
            fraction = value
        }
        guard let offset = scanner.offsetMinutes(), scanner.isAtEnd else { return nil }
        let days = Int64(GregorianCalendar.days(year: Int(year), month: Int(month), day: Int(day)))
        milliseconds = ((days * 24 + hour) * 60 + minute - offset) * 60_000 + second * 1000 + fraction
    }
}

extension Int {
    /// Decimal digits with zeros in front up to a width.
    package func padded(to width: Int) -> String {
        let text = String(self)
        return String(repeating: "0", count: Swift.max(0, width - text.utf8.count)) + text
    }
}

/// Reads the fixed columns of a timestamp.
private struct DigitScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = rest.first, UInt32(byte) == character.value else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(_ digits: Int) -> Int64? {
        let head = rest.prefix(digits)
        guard head.count == digits, head.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        rest.removeFirst(digits)
        return head.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    mutating func fraction() -> Int64? {
        let head = rest.prefix { (0x30...0x39).contains($0) }
        guard (1...9).contains(head.count) else { return nil }
        rest.removeFirst(head.count)
        let digits = head.map { Int64($0 - 0x30) } + [0, 0]
        return digits[0] * 100 + digits[1] * 10 + digits[2]
    }

    mutating func offsetMinutes() -> Int64? {
        if take("Z") { return 0 }
        let sign: Int64 = take("+") ? 1 : take("-") ? -1 : 0
        guard sign != 0, let hours = number(2), take(":"), let minutes = number(2), hours <= 18, minutes < 60 else {
            return nil
        }
        return sign * (hours * 60 + minutes)
    }
}
