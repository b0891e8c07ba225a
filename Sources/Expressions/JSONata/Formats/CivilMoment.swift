// A point in time as a calendar shows it: the proleptic Gregorian one, with ISO 8601's weeks.

/// Days counted from 1970-01-01.
enum CivilCalendar {
    /// Counted in eras of 400 years that begin in March, so that the leap day comes last.
    static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = floored(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func date(ofDay days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = floored(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }

    static func floored(_ value: Int, _ divisor: Int) -> Int {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }

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
        let days = CivilCalendar.floored(whole, 86_400_000)
        let rest = whole - days * 86_400_000
        (year, month, day) = CivilCalendar.date(ofDay: days)
        dayOfYear = days - CivilCalendar.days(year: year, month: 1, day: 1) + 1
        weekday = days + 3 - CivilCalendar.floored(days + 3, 7) * 7 + 1
        let thursday = days - weekday + 4
        let date = CivilCalendar.date(ofDay: thursday)
        (weekYear, weekMonth) = (date.year, date.month)
        weekOfYear = (thursday - CivilCalendar.days(year: date.year, month: 1, day: 1)) / 7 + 1
        weekOfMonth = (date.day - 1) / 7 + 1
        hour = rest / 3_600_000
        minute = rest / 60_000 % 60
        second = rest / 1000 % 60
        millisecond = rest % 1000
        self.offsetMinutes = offsetMinutes
    }
}
