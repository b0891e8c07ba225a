// The pictures that stand in an expression's text: taken apart once, when the expression is read.

import JSON

/// The pictures of an expression. One that is not among them, since an evaluation makes it, is parsed at each call.
struct JSONataPictures: Sendable {
    private var integers: [CodeUnits: IntegerPicture] = [:]
    private var dateTimes: [CodeUnits: DateTimePicture] = [:]
    /// With the usual decimal format.
    private var numbers: [CodeUnits: NumberFormatter] = [:]

    /// Parses a text that is an argument of a function. What is wrong with it is said when the function is called.
    mutating func prepare(_ text: String, for function: String) {
        let key = CodeUnits(text)
        switch function {
        case "formatInteger", "parseInteger": integers[key] = try? integer(text)
        case "fromMillis", "toMillis", "now": dateTimes[key] = try? dateTime(text)
        case "formatNumber": numbers[key] = try? number(text, options: [])
        default: break
        }
    }

    func integer(_ picture: String) throws(JSONataError) -> IntegerPicture {
        if let known = integers[CodeUnits(picture)] { return known }
        return try IntegerPicture(Array(picture.unicodeScalars))
    }

    func dateTime(_ picture: String) throws(JSONataError) -> DateTimePicture {
        if let known = dateTimes[CodeUnits(picture)] { return known }
        return try DateTimePicture(picture)
    }

    /// `options` are those of `$formatNumber`, by name.
    func number(_ picture: String, options: [(String, String)]) throws(JSONataError) -> NumberFormatter {
        if options.isEmpty, let known = numbers[CodeUnits(picture)] { return known }
        return try NumberFormatter(picture, options.isEmpty ? .usual : DecimalFormat(options: options))
    }
}
