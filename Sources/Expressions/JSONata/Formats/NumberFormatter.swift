// Numbers written by the pictures of `$formatNumber` (F&O 3.1, 4.7.5).

/// Writes numbers by a picture, in the characters of a decimal format.
struct NumberFormatter {
    private let format: DecimalFormat
    private let pictures: [NumberPicture]

    init(_ picture: String, _ format: DecimalFormat) throws(JSONataError) {
        self.format = format
        pictures = try NumberPicture.pictures(of: picture, format)
    }

    func text(of value: Double) -> String {
        guard !value.isNaN else { return String(scalars: format.notANumber.text) }
        var text: [UInt8] = []
        if value < 0, pictures.count == 1 { append(format.minusSign.text, to: &text) }
        let picture = value < 0 && pictures.count > 1 ? pictures[1] : pictures[0]
        append(picture.prefix, to: &text)
        if value.isFinite { write(value, picture, into: &text) } else { append(format.infinity.text, to: &text) }
        append(picture.suffix, to: &text)
        return text.text
    }

    private func append(_ scalars: some Sequence<Unicode.Scalar>, to text: inout [UInt8]) {
        for scalar in scalars { text.append(scalar) }
    }

    private func write(_ value: Double, _ picture: NumberPicture, into text: inout [UInt8]) {
        var decimal = DecimalDigits(value)
        if !decimal.digits.isEmpty {
            switch picture.scale {
            case .none: break
            case .percent: decimal.point += 2
            case .perMille: decimal.point += 3
            }
        }
        var exponent = 0
        if picture.leastExponent != nil, !decimal.digits.isEmpty {
            exponent = decimal.point - picture.scaling
            decimal.point = picture.scaling
        }
        decimal.round(places: picture.mostFraction)
        writeWhole(padded(decimal.whole, picture.leastWhole), picture, into: &text)
        var fraction = decimal.fraction
        fraction += repeatElement(0, count: max(0, picture.leastFraction - fraction.count))
        if !fraction.isEmpty {
            append(format.decimalSeparator.text, to: &text)
            writeFraction(fraction, picture, into: &text)
        }
        if let least = picture.leastExponent {
            append(format.exponentSeparator.text, to: &text)
            if exponent < 0 { append(format.minusSign.text, to: &text) }
            append(padded(DecimalDigits(Double(exponent)).whole, least).lazy.map(scalar), to: &text)
        }
    }

    private func padded(_ digits: [UInt8], _ least: Int) -> [UInt8] {
        digits.count >= least ? digits : Array(repeating: 0, count: least - digits.count) + digits
    }

    private func scalar(_ digit: UInt8) -> Unicode.Scalar {
        Unicode.Scalar(format.zeroDigit.value + UInt32(digit)) ?? "\u{FFFD}"
    }

    private func writeWhole(_ digits: [UInt8], _ picture: NumberPicture, into text: inout [UInt8]) {
        for (index, digit) in digits.enumerated() {
            let behind = digits.count - index
            let separates = picture.repeats > 0 ? behind % picture.repeats == 0 : picture.groups.contains(behind)
            if index > 0, separates { append(format.groupingSeparator.text, to: &text) }
            text.append(scalar(digit))
        }
    }

    private func writeFraction(_ digits: [UInt8], _ picture: NumberPicture, into text: inout [UInt8]) {
        for (index, digit) in digits.enumerated() {
            if picture.fractionGroups.contains(index) { append(format.groupingSeparator.text, to: &text) }
            text.append(scalar(digit))
        }
    }
}
