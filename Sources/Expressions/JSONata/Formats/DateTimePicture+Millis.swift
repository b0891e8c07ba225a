// Points in time read by a picture: what the text leaves out, and what it comes to.

import Core
import JSON

extension DateTimePicture {
    func millis(of text: String, now: Int64) throws(JSONataError) -> Double? {
        guard let values = try values(in: Array(text.unicodeScalars)), !values.given.isEmpty else { return nil }
        guard let moment = CivilMoment(millis: Double(now), offsetMinutes: 0) else { return nil }
        let fields = try Fields(values, now: moment)
        guard let local = fields.millis else { return nil }
        let offset = values[.offset] ?? values[.namedOffset] ?? 0
        return local - offset * 60_000
    }
}

/// The fields of a point in time, all filled in.
private struct Fields {
    private var values: DateTimeValues
    private let isByDayOfYear: Bool
    private let isByHalfDay: Bool

    private static let dateComponents = DateTimeComponents(
        .year, .weekYear, .month, .weekMonth, .weekOfYear, .weekOfMonth, .dayOfYear, .day)
    private static let byMonth = DateTimeComponents(.year, .month, .day)
    private static let byDayOfYear = DateTimeComponents(.year, .dayOfYear)
    private static let byWeekOfMonth = DateTimeComponents(.weekYear, .weekMonth, .weekOfMonth)
    private static let byWeekOfYear = DateTimeComponents(.weekYear, .weekOfYear)
    private static let byHalfDay = DateTimeComponents(.halfDay, .halfDayHour)

    private static let datePartsByMonth: [DateTimeComponent] = [.year, .month, .day]
    private static let datePartsByDayOfYear: [DateTimeComponent] = [.year, .dayOfYear]
    private static let timeParts: [DateTimeComponent] = [.hour, .minute, .second, .fraction]
    private static let timePartsByHalfDay: [DateTimeComponent] = [.halfDay, .halfDayHour, .minute, .second, .fraction]

    init(_ values: DateTimeValues, now: CivilMoment) throws(JSONataError) {
        self.values = values
        let date = values.given.intersection(Self.dateComponents)
        func isOf(_ components: DateTimeComponents) -> Bool { !date.isEmpty && date.isSubset(of: components) }
        isByDayOfYear = !isOf(Self.byMonth) && isOf(Self.byDayOfYear)
        isByHalfDay = !values.given.isDisjoint(with: Self.byHalfDay) && !values.given.contains(.hour)
        // Dates by weeks cannot be read.
        guard !isOf(Self.byWeekOfMonth), !isOf(Self.byWeekOfYear) else { throw Self.underspecified }
        try fill(
            isByDayOfYear ? Self.datePartsByDayOfYear : Self.datePartsByMonth,
            isByHalfDay ? Self.timePartsByHalfDay : Self.timeParts, now)
    }

    /// What stands before the first part given is as now, what stands behind the last the least; a gap is an error.
    private mutating func fill(
        _ dateParts: [DateTimeComponent], _ timeParts: [DateTimeComponent], _ now: CivilMoment
    ) throws(JSONataError) {
        var hasStarted = false
        var hasEnded = false
        for place in 0..<dateParts.count + timeParts.count {
            let part = place < dateParts.count ? dateParts[place] : timeParts[place - dateParts.count]
            if values.given.contains(part) {
                guard !hasEnded else { throw Self.underspecified }
                hasStarted = true
            } else if hasStarted {
                values.set(part, to: part == .month || part == .day || part == .dayOfYear ? 1 : 0)
                hasEnded = true
            } else {
                values.set(part, to: Double(part.value(of: now)))
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
        let first = GregorianCalendar.days(year: Int(year) + century + years, month: Int(month) % 12 + 1, day: 1)
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
