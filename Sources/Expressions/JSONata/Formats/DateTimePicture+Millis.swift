// Points in time read by a picture: what the text leaves out, and what it comes to.

import JSON

extension DateTimePicture {
    func millis(of text: String, now: Int64) throws(JSONataError) -> Double? {
        guard let values = try values(in: Array(text.unicodeScalars)), !values.isEmpty else { return nil }
        guard let moment = CivilMoment(millis: Double(now), offsetMinutes: 0) else { return nil }
        let fields = try Fields(values, now: moment)
        guard let local = fields.millis else { return nil }
        let offset = values[.offset] ?? values[.namedOffset] ?? 0
        return local - offset * 60_000
    }
}

/// The fields of a point in time, all filled in.
private struct Fields {
    private var values: [DateTimeComponent: Double]
    private let isByDayOfYear: Bool
    private let isByHalfDay: Bool

    init(_ given: [DateTimeComponent: Double], now: CivilMoment) throws(JSONataError) {
        values = given
        let date = Set(given.keys).intersection([
            .year, .weekYear, .month, .weekMonth, .weekOfYear, .weekOfMonth, .dayOfYear, .day,
        ])
        func isOf(_ kinds: Set<DateTimeComponent>) -> Bool { !date.isEmpty && date.isSubset(of: kinds) }
        let isByMonth = isOf([.year, .month, .day])
        isByDayOfYear = !isByMonth && isOf([.year, .dayOfYear])
        let isByWeek = isOf([.weekYear, .weekMonth, .weekOfMonth]) || isOf([.weekYear, .weekOfYear])
        let time = Set(given.keys).intersection([.halfDay, .hour, .halfDayHour, .minute, .second, .fraction])
        isByHalfDay = !time.isDisjoint(with: [.halfDay, .halfDayHour]) && !time.contains(.hour)
        // Dates by weeks cannot be read.
        guard !isByWeek else { throw Self.underspecified }
        let dateParts: [DateTimeComponent] = isByDayOfYear ? [.year, .dayOfYear] : [.year, .month, .day]
        let timeParts: [DateTimeComponent] =
            (isByHalfDay ? [.halfDay, .halfDayHour] : [.hour]) + [.minute, .second, .fraction]
        try fill(dateParts + timeParts, now)
    }

    /// What stands before the first part given is as now, what stands behind the last the least; a gap is an error.
    private mutating func fill(_ parts: [DateTimeComponent], _ now: CivilMoment) throws(JSONataError) {
        var hasStarted = false
        var hasEnded = false
        for part in parts {
            if values[part] != nil {
                guard !hasEnded else { throw Self.underspecified }
                hasStarted = true
            } else if hasStarted {
                values[part] = [.month, .day, .dayOfYear].contains(part) ? 1 : 0
                hasEnded = true
            } else {
                values[part] = Double(part.value(of: now))
            }
        }
    }

    private static var underspecified: JSONataError {
        JSONataFormats.fault(
            "D3136", "The date/time picture string is missing specifiers required to parse the timestamp")
    }

    /// Fields out of their range run over into the next, and a year of at most two digits is one of 1900 to 1999, as
    /// in JavaScript's `Date.UTC`; `nil` beyond JavaScript's dates.
    var millis: Double? {
        let year = self[.year]
        let month = isByDayOfYear ? 0 : max(0, self[.month] - 1)
        let day = isByDayOfYear ? self[.dayOfYear] : self[.day]
        guard year.magnitude < 1e6, month < 1e7, day < 1e9 else { return nil }
        let years = Int(month) / 12
        let century = (0...99).contains(year) ? 1900 : 0
        let first = CivilCalendar.days(year: Int(year) + century + years, month: Int(month) % 12 + 1, day: 1)
        var hour = self[.hour]
        if isByHalfDay {
            hour = self[.halfDayHour] == 12 ? 0 : self[.halfDayHour]
            if self[.halfDay] == 1 { hour += 12 }
        }
        let days = Double(first) + day - 1
        let seconds = hour * 3600 + self[.minute] * 60 + self[.second]
        let millis = days * 86_400_000 + seconds * 1000 + self[.fraction]
        return millis.magnitude <= CivilMoment.furthest ? millis : nil
    }

    private subscript(_ part: DateTimeComponent) -> Double { values[part] ?? 0 }
}
