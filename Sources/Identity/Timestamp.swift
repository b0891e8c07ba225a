// Points in time in the forms that IAM and SigV4 use; all in UTC.

/// Seconds since 1970 (UTC), and the texts they are written as.
package struct Timestamp: Sendable, Equatable, Comparable {
    package var seconds: Int

    package init(seconds: Int) { self.seconds = seconds }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.seconds < right.seconds }

    /// `20260822T101112Z`, the form of `X-Amz-Date`.
    package var basic: String {
        let (year, month, day) = civil
        let (hour, minute, second) = clock
        return pad(year, 4) + pad(month, 2) + pad(day, 2) + "T" + pad(hour, 2) + pad(minute, 2) + pad(second, 2) + "Z"
    }

    /// `2026-08-22T10:11:12Z`, the form of `aws:CurrentTime`.
    package var extended: String {
        let (year, month, day) = civil
        let (hour, minute, second) = clock
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T\(pad(hour, 2)):\(pad(minute, 2)):\(pad(second, 2))Z"
    }

    /// `20260822`, the day of a credential scope.
    package var day: String { String(basic.prefix(8)) }

    /// Reads `20260822T101112Z`.
    package init?(basic text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z"),
            let year = number(bytes[0..<4]), let month = number(bytes[4..<6]), let day = number(bytes[6..<8]),
            let hour = number(bytes[9..<11]), let minute = number(bytes[11..<13]), let second = number(bytes[13..<15]),
            let days = daysSince1970(year, month, day), hour < 24, minute < 60, second < 61
        else { return nil }
        self.init(seconds: days * 86_400 + hour * 3600 + minute * 60 + second)
    }

    /// Reads an HTTP date, `Sat, 22 Aug 2026 10:11:12 GMT` (RFC 9110 §5.6.7, the preferred form).
    package init?(http text: String) {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT" || words[5] == "UTC",
            let month = months.firstIndex(of: String(words[2])),
            let day = Int(words[1]), let year = Int(words[3]), let days = daysSince1970(year, month + 1, day)
        else { return nil }
        let clock = words[4].split(separator: ":").compactMap { number(Array($0.utf8)[...]) }
        guard clock.count == 3, clock[0] < 24, clock[1] < 60, clock[2] < 61 else { return nil }
        self.init(seconds: days * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2])
    }

    private var civil: (year: Int, month: Int, day: Int) { civilDay(floorDivide(seconds, 86_400)) }

    private var clock: (hour: Int, minute: Int, second: Int) {
        let rest = seconds - floorDivide(seconds, 86_400) * 86_400
        return (rest / 3600, rest / 60 % 60, rest % 60)
    }
}

/// Days since 1970-01-01 of a day of the proleptic Gregorian calendar, `nil` if there is no such day.
func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int? {
    guard (0...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
    // Years begin in March, so that the leap day is a year's last one.
    let shifted = month > 2 ? year : year - 1
    let era = floorDivide(shifted, 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    return civilDay(days) == (year, month, day) ? days : nil
}

private func civilDay(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}

func floorDivide(_ value: Int, _ by: Int) -> Int {
    value >= 0 ? value / by : (value - by + 1) / by
}

/// The number that digits alone make.
func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard !digits.isEmpty, digits.count <= 9 else { return nil }
    var value = 0
    for digit in digits {
        guard digit &- 0x30 < 10 else { return nil }
        value = value * 10 + Int(digit) - 0x30
    }
    return value
}

private func pad(_ value: Int, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}
