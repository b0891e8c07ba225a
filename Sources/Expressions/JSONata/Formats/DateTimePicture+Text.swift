// Points in time written by a picture.

import Core
import JSON

extension DateTimePicture {
    func text(of moment: CivilMoment) throws(JSONataError) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for part in parts {
            switch part {
            case .literal(let literal): text += literal.bytes
            case .marker(let marker): try marker.write(moment, into: &text)
            }
            if text.count > Limits.Evaluation.JSONata.maximumPictureCharacters * 4 { throw JSONataFormats.tooLong }
        }
        return text.text
    }
}

extension DateTimeMarker {
    func write(_ moment: CivilMoment, into text: inout [UInt8]) throws(JSONataError) {
        if component.isOffset { return try writeOffset(of: moment, into: &text) }
        if component == .calendar || component == .era {
            text += "ISO".utf8
            return
        }
        var value = component.value(of: moment)
        switch presentation {
        case .name(let letterCase): try writeName(of: value, letterCase, into: &text)
        case .integer(let picture):
            if component == .halfDay { return try writeName(of: value, .lower, into: &text) }
            if let yearDigits, yearDigits < 7 { value %= (0..<yearDigits).reduce(1) { power, _ in power * 10 } }
            if value < 0 { text.append("-") }
            try picture.write(DecimalDigits.digits(of: value.magnitude), into: &text)
        }
    }

    private func writeName(
        of value: Int, _ letterCase: IntegerPicture.LetterCase, into text: inout [UInt8]
    ) throws(JSONataError) {
        guard component.names != nil else { throw nameless }
        let start = text.count
        text += names[component == .halfDay ? value : value - 1].utf8
        NumberWords.setCase(letterCase, of: &text, from: start)
    }

    /// What is wrong with a name for a component that has none.
    var nameless: JSONataError {
        let name = String(component.letter)
        return JSONataFormats.fault(
            "D3133",
            "The 'name' modifier can only be applied to months and days in the date/time picture string, not \"\(name)\"",
            .string(name))
    }

    private func writeOffset(of moment: CivilMoment, into text: inout [UInt8]) throws(JSONataError) {
        guard let picture = integer else { throw nameless }
        guard let pattern = picture.decimal else {
            if case .sequence(let token) = picture.primary { throw IntegerPicture.unsupported(token) }
            throw IntegerPicture.unsupported("")
        }
        guard pattern.mandatory <= 4 else {
            throw JSONataFormats.fault(
                "D3134", "The timezone integer format specifier cannot have more than four digits")
        }
        if moment.offsetMinutes == 0, isTraditional { return text.append("Z") }
        let (hours, minutes) = moment.offsetMinutes.magnitude.quotientAndRemainder(dividingBy: 60)
        if component == .namedOffset { text += "GMT".utf8 }
        text.append(moment.offsetMinutes < 0 ? "-" : "+")
        guard pattern.separators.isEmpty, pattern.mandatory <= 2 else {
            return pattern.write(DecimalDigits.digits(of: hours * 100 + minutes), into: &text)
        }
        pattern.write(DecimalDigits.digits(of: hours), into: &text)
        guard minutes > 0 else { return }
        text.append(":")
        text.append(pattern.scalar(UInt8(minutes / 10)))
        text.append(pattern.scalar(UInt8(minutes % 10)))
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
