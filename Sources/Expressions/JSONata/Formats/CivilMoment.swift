// A point in time as a calendar shows it: the proleptic Gregorian one, with ISO 8601's weeks.

import Core

/// Names as the pictures of `$fromMillis` print them, in lower case.
enum CalendarNames {
    static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]
    /// From Monday, as ISO 8601 counts them.
    static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
}

/// The fields of a point in time, seen at an offset from UTC.
struct CivilMoment {
    /// As far from 1970 as JavaScript's dates go.
    static let furthest = 8.64e15

    var year: Int
    var month: Int
    var day: Int
    var dayOfYear: Int
    /// 1 is Monday.
    var weekday: Int
    /// A week belongs to the year and to the month that its Thursday is in.
    var weekYear: Int
    var weekOfYear: Int
    var weekMonth: Int
    var weekOfMonth: Int
    var hour: Int
    var minute: Int
    var second: Int
    var millisecond: Int
    var offsetMinutes: Int

    init?(millis: Double, offsetMinutes: Int) {
        let local = millis.rounded(.towardZero) + Double(offsetMinutes) * 60_000
        guard millis.magnitude <= Self.furthest, local.magnitude <= Self.furthest else { return nil }
        let whole = Int(local)
        let days = whole.flooredDivision(by: 86_400_000)
        let rest = whole - days * 86_400_000
        (year, month, day) = GregorianCalendar.date(ofDay: days)
        dayOfYear = days - GregorianCalendar.days(year: year, month: 1, day: 1) + 1
        weekday = days + 3 - (days + 3).flooredDivision(by: 7) * 7 + 1
        let thursday = days - weekday + 4
        let date = GregorianCalendar.date(ofDay: thursday)
        (weekYear, weekMonth) = (date.year, date.month)
        weekOfYear = (thursday - GregorianCalendar.days(year: date.year, month: 1, day: 1)) / 7 + 1
        weekOfMonth = (date.day - 1) / 7 + 1
        hour = rest / 3_600_000
        minute = rest / 60_000 % 60
        second = rest / 1000 % 60
        millisecond = rest % 1000
        self.offsetMinutes = offsetMinutes
    }
}
