// Points in time without a picture: ISO 8601, and the offsets from UTC that one may name.

import Core

enum ISO8601 {
    /// `2018-03-23T10:33:36.617Z`; beyond four digits a year has a sign and six, as JavaScript writes it.
    static func text(of moment: CivilMoment) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(32)
        let isPlain = (0...9999).contains(moment.year)
        if !isPlain { text.append(moment.year < 0 ? "-" : "+") }
        text.append(decimal: moment.year.magnitude, width: isPlain ? 4 : 6)
        func append(_ separator: Unicode.Scalar, _ value: Int, width: Int = 2) {
            text.append(separator)
            text.append(decimal: value.magnitude, width: width)
        }
        append("-", moment.month)
        append("-", moment.day)
        append("T", moment.hour)
        append(":", moment.minute)
        append(":", moment.second)
        append(".", moment.millisecond, width: 3)
        let offset = moment.offsetMinutes
        if offset == 0 {
            text.append("Z")
        } else {
            append(offset < 0 ? "-" : "+", offset / 60)
            append(":", offset % 60)
        }
        return text.text
    }

    /// Minutes of `±HHMM`, which the reference reads as a number: `+530` and `530` are five and a half hours. A colon
    /// may stand before the minutes. `nil` for other texts.
    static func offsetMinutes(ofTimezone text: String) -> Int? {
        var columns = Columns(text)
        let isNegative = columns.take("-")
        if !isNegative { _ = columns.take("+") }
        guard var number = columns.digits(1...6) else { return nil }
        if columns.take(":") {
            guard let minutes = columns.digits(2...2) else { return nil }
            number = number * 100 + minutes
        }
        guard columns.isAtEnd else { return nil }
        let minutes = number / 100 * 60 + number % 100
        return isNegative ? -minutes : minutes
    }

    /// `YYYY[-MM[-DD]][Thh:mm:ss[.fff]][±hh[:]mm|Z]`; digits beyond milliseconds are cut off, and a day that its month
    /// has not runs over into the next. `nil` for other texts.
    static func millis(of text: String) -> Double? {
        var columns = Columns(text)
        guard let year = columns.digits(4...4), let month = columns.part(after: "-", 1...12),
            let day = columns.part(after: "-", 1...31)
        else { return nil }
        var time = 0
        if columns.take("T") {
            guard let hour = columns.digits(2...2), columns.take(":"), let minute = columns.digits(2...2),
                columns.take(":"), let second = columns.digits(2...2), minute < 60, second < 60
            else { return nil }
            time = ((hour * 60 + minute) * 60 + second) * 1000
            if columns.take(".") {
                guard let fraction = columns.milliseconds() else { return nil }
                time += fraction
            }
            guard time <= 86_400_000 else { return nil }
        }
        guard let offset = columns.offset(), columns.isAtEnd else { return nil }
        let days = GregorianCalendar.days(year: year, month: month, day: 1) + day - 1
        return Double(days * 86_400_000 + time - offset * 60_000)
    }
}

/// Reads the columns of a timestamp.
private struct Columns {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard let byte = rest.first, UInt32(byte) == scalar.value else { return false }
        rest.removeFirst()
        return true
    }

    mutating func digits(_ count: ClosedRange<Int>) -> Int? {
        let run = rest.prefix(count.upperBound).prefix { (0x30...0x39).contains($0) }
        guard run.count >= count.lowerBound else { return nil }
        rest.removeFirst(run.count)
        return run.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Two digits behind a separator; 1 where there is no separator, `nil` where what follows it does not fit. A sign
    /// that opens an offset (`-hh:mm`, `-hhmm`) is no separator.
    mutating func part(after separator: Unicode.Scalar, _ range: ClosedRange<Int>) -> Int? {
        let start = rest
        guard take(separator) else { return 1 }
        guard let value = digits(2...2) else { return nil }
        if let next = rest.first, next == UInt8(ascii: ":") || (0x30...0x39).contains(next) {
            rest = start
            return 1
        }
        return range.contains(value) ? value : nil
    }

    mutating func milliseconds() -> Int? {
        let run = rest.prefix { (0x30...0x39).contains($0) }
        guard !run.isEmpty else { return nil }
        rest.removeFirst(run.count)
        let three = run.prefix(3).reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return three * [100, 10, 1][min(run.count, 3) - 1]
    }

    /// Minutes; 0 where there is no offset.
    mutating func offset() -> Int? {
        if isAtEnd || take("Z") { return 0 }
        let isNegative = take("-")
        guard isNegative || take("+"), let hours = digits(2...2), hours < 30 else { return nil }
        _ = take(":")
        guard let minutes = digits(2...2), minutes < 60 else { return nil }
        return (hours * 60 + minutes) * (isNegative ? -1 : 1)
    }
}
