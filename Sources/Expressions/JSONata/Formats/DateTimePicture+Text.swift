// Points in time written by a picture.

import JSON

extension DateTimePicture {
    func text(of moment: CivilMoment) throws(JSONataError) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .literal(let scalars): result.unicodeScalars.append(contentsOf: scalars)
            case .marker(let marker): result += try marker.text(of: moment)
            }
            if result.utf8.count > JSONataFormats.longestOutput * 4 { throw JSONataFormats.tooLong }
        }
        return result
    }
}

extension DateTimeMarker {
    func text(of moment: CivilMoment) throws(JSONataError) -> String {
        if component.isOffset { return try offset(of: moment) }
        if component == .calendar || component == .era { return "ISO" }
        var value = component.value(of: moment)
        switch presentation {
        case .name(let letterCase): return try name(of: value, letterCase)
        case .integer(let picture):
            if component == .halfDay { return try name(of: value, .lower) }
            if let yearDigits, yearDigits < 7 { value %= (0..<yearDigits).reduce(1) { power, _ in power * 10 } }
            let digits = DecimalDigits(Double(value)).whole
            return (value < 0 ? "-" : "") + (try picture.text(of: digits))
        }
    }

    private func name(of value: Int, _ letterCase: IntegerPicture.LetterCase) throws(JSONataError) -> String {
        guard let names = component.names else { throw nameless }
        let name = names[component == .halfDay ? value : value - 1]
        return NumberWords.cased(String(name.prefix(mostWidth ?? .max)), letterCase)
    }

    /// What is wrong with a name for a component that has none.
    var nameless: JSONataError {
        let name = String(component.rawValue)
        return JSONataFormats.fault(
            "D3133",
            "The 'name' modifier can only be applied to months and days in the date/time picture string, not \(name)",
            .string(name))
    }

    private func offset(of moment: CivilMoment) throws(JSONataError) -> String {
        guard let picture = integer else { throw nameless }
        guard let pattern = picture.decimal else {
            if case .sequence(let token) = picture.primary { throw IntegerPicture.unsupported(token) }
            throw IntegerPicture.unsupported("")
        }
        guard pattern.mandatory <= 4 else {
            throw JSONataFormats.fault(
                "D3134", "The timezone integer format specifier cannot have more than four digits")
        }
        if moment.offsetMinutes == 0, isTraditional { return "Z" }
        let (hours, minutes) = moment.offsetMinutes.magnitude.quotientAndRemainder(dividingBy: 60)
        var text = component == .namedOffset ? "GMT" : ""
        text += moment.offsetMinutes < 0 ? "-" : "+"
        func digits(_ value: UInt) -> [UInt8] { DecimalDigits(Double(value)).whole }
        guard pattern.separators.isEmpty, pattern.mandatory <= 2 else {
            return text + pattern.text(of: digits(hours * 100 + minutes))
        }
        text += pattern.text(of: digits(hours))
        guard minutes > 0 else { return text }
        let pair = [UInt8(minutes / 10), UInt8(minutes % 10)].map(pattern.scalar)
        return text + ":" + String(scalars: pair)
    }
}

extension DateTimeComponent {
    func value(of moment: CivilMoment) -> Int {
        switch self {
        case .year: moment.year
        case .month: moment.month
        case .day: moment.day
        case .dayOfYear: moment.dayOfYear
        case .weekday: moment.weekday
        case .weekOfYear: moment.weekOfYear
        case .weekOfMonth: moment.weekOfMonth
        case .weekYear: moment.weekYear
        case .weekMonth: moment.weekMonth
        case .hour: moment.hour
        case .halfDayHour: moment.hour % 12 == 0 ? 12 : moment.hour % 12
        case .halfDay: moment.hour / 12
        case .minute: moment.minute
        case .second: moment.second
        case .fraction: moment.millisecond
        case .offset, .namedOffset: moment.offsetMinutes
        case .calendar, .era: 0
        }
    }
}
