// Numbers written by the pictures of `$formatNumber` (F&O 3.1, 4.7.5).

/// Writes numbers in the characters of a decimal format.
struct NumberFormatter {
    var format: DecimalFormat

    func text(of value: Double, _ pictures: [NumberPicture]) -> String {
        guard !value.isNaN else { return String(scalars: format.notANumber.text) }
        var picture = pictures[0]
        if value < 0 {
            if pictures.count > 1 {
                picture = pictures[1]
            } else {
                picture.prefix = format.minusSign.text + picture.prefix
            }
        }
        let body = value.isFinite ? digits(of: value, picture) : format.infinity.text
        return String(scalars: picture.prefix + body + picture.suffix)
    }

    private func digits(of value: Double, _ picture: NumberPicture) -> [Unicode.Scalar] {
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
        var result = whole(padded(decimal.whole, picture.leastWhole), picture)
        var fraction = decimal.fraction
        fraction += Array(repeating: 0, count: max(0, picture.leastFraction - fraction.count))
        if !fraction.isEmpty { result += format.decimalSeparator.text + self.fraction(fraction, picture) }
        if let least = picture.leastExponent {
            result += format.exponentSeparator.text + (exponent < 0 ? format.minusSign.text : [])
            result += padded(DecimalDigits(Double(exponent)).whole, least).map(scalar)
        }
        return result
    }

    private func padded(_ digits: [UInt8], _ least: Int) -> [UInt8] {
        Array(repeating: 0, count: max(0, least - digits.count)) + digits
    }

    private func scalar(_ digit: UInt8) -> Unicode.Scalar {
        Unicode.Scalar(format.zeroDigit.value + UInt32(digit)) ?? "\u{FFFD}"
    }

    private func whole(_ digits: [UInt8], _ picture: NumberPicture) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        for (index, digit) in digits.enumerated() {
            let behind = digits.count - index
            let separates = picture.repeats > 0 ? behind % picture.repeats == 0 : picture.groups.contains(behind)
            if index > 0, separates { result += format.groupingSeparator.text }
            result.append(scalar(digit))
        }
        return result
    }

    private func fraction(_ digits: [UInt8], _ picture: NumberPicture) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        for (index, digit) in digits.enumerated() {
            if picture.fractionGroups.contains(index) { result += format.groupingSeparator.text }
            result.append(scalar(digit))
        }
        return result
    }
}
