// Entry points to JSONata's pictures: numbers, integers and points in time as text, and text as integers and times.

import Core
import JSON

/// Pure functions of values and pictures: they read no clock, and are bounded in time and output for any input.
enum JSONataFormats {
    /// `$formatNumber` (XPath F&O 3.1, 4.7): `options` override the properties of the decimal format by name.
    static func formatNumber(
        _ value: Double, picture: String, options: [(String, String)], _ pictures: JSONataPictures = JSONataPictures()
    ) throws(JSONataError) -> String {
        try pictures.number(picture, options: options).text(of: value)
    }

    /// `$formatInteger` (XPath F&O 3.1, 4.6). What stands behind the decimal point is rounded down.
    static func formatInteger(
        _ value: Double, picture: String, _ pictures: JSONataPictures = JSONataPictures()
    ) throws(JSONataError) -> String {
        let picture = try pictures.integer(picture)
        guard value.isFinite else { return numberText(value) }
        let whole = value.rounded(.down)
        var bytes: [UInt8] = []
        if whole < 0 { bytes.append("-") }
        try picture.write(DecimalDigits(whole).whole, into: &bytes)
        return bytes.text
    }

    /// `$parseInteger`: the other way round; `nil` where the text is no such integer.
    static func parseInteger(
        _ text: String, picture: String, _ pictures: JSONataPictures = JSONataPictures()
    ) throws(JSONataError) -> Double? {
        try pictures.integer(picture).value(of: Array(text.unicodeScalars)[...])
    }

    /// `$fromMillis`: without a picture ISO 8601 with milliseconds. `nil` where `millis` is no point in time that
    /// JavaScript knows, or `timezone` is none.
    static func fromMillis(
        _ millis: Double, picture: String?, timezone: String?, _ pictures: JSONataPictures = JSONataPictures()
    ) throws(JSONataError) -> String? {
        let parsed: DateTimePicture? = if let picture { try pictures.dateTime(picture) } else { nil }
        guard let offset = timezone.map(ISO8601.offsetMinutes(ofTimezone:)) ?? 0,
            let moment = CivilMoment(millis: millis, offsetMinutes: offset)
        else { return nil }
        guard let parsed else { return ISO8601.text(of: moment) }
        return try parsed.text(of: moment)
    }

    /// `$toMillis`: without a picture ISO 8601, else by it; `nil` where the text does not match the picture. `now`, in
    /// milliseconds since 1970, fills in what stands before the first part that the picture gives.
    static func toMillis(
        _ text: String, picture: String?, now: Int64, _ pictures: JSONataPictures = JSONataPictures()
    ) throws(JSONataError) -> Double? {
        guard let picture else {
            if let millis = ISO8601.millis(of: text) { return millis }
            throw fault(
                "D3110",
                "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given "
                    + JSONValue.string(text).text, .string(text))
        }
        return try pictures.dateTime(picture).millis(of: text, now: now)
    }

    static func fault(_ code: String, _ message: String, _ value: JSONValue? = nil) -> JSONataError {
        JSONataError(code: code, message: message, value: value)
    }

    static var tooLong: JSONataError {
        let maximum = Limits.Evaluation.JSONata.maximumPictureCharacters
        return fault("U1001", "The picture asks for a text of more than \(maximum) characters")
    }
}

extension String {
    init(scalars: some Sequence<Unicode.Scalar>) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}
