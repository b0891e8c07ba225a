// A sub-picture of `$formatNumber` taken apart, and what may be wrong with it.

/// Prefix, whole digits, fraction, exponent and suffix of a sub-picture.
struct SubPicture {
    var all: ArraySlice<Unicode.Scalar>
    var prefix: ArraySlice<Unicode.Scalar>
    var suffix: ArraySlice<Unicode.Scalar>
    /// What stands between prefix and suffix.
    var active: ArraySlice<Unicode.Scalar>
    var mantissa: ArraySlice<Unicode.Scalar>
    var exponent: ArraySlice<Unicode.Scalar>?
    var whole: ArraySlice<Unicode.Scalar>
    var fraction: ArraySlice<Unicode.Scalar>
    var percents: Int
    var perMilles: Int

    init(_ all: ArraySlice<Unicode.Scalar>, _ format: DecimalFormat) {
        self.all = all
        let exponentMark = format.exponentSeparator.single
        // The exponent separator is an ordinary letter in a prefix or suffix.
        func opens(_ scalar: Unicode.Scalar) -> Bool { format.isActive(scalar) && scalar != exponentMark }
        // Without any digit or separator the whole counts as active, which the checks then refuse.
        let first = all.firstIndex(where: opens) ?? all.startIndex
        let end = all.lastIndex(where: opens).map { $0 + 1 } ?? all.endIndex
        prefix = all[..<first]
        suffix = all[end...]
        active = all[first..<end]
        let mark = active.firstIndex { $0 == exponentMark }
        let beforeMark = all[first..<(mark ?? end)]
        mantissa = beforeMark
        exponent = mark.map { all[($0 + 1)..<end] }
        let point = beforeMark.firstIndex { $0 == format.decimalSeparator.single } ?? beforeMark.endIndex
        whole = beforeMark[..<point]
        fraction = beforeMark[point...].dropFirst()
        percents = Self.count(format.percent.text, in: all)
        perMilles = Self.count(format.perMille.text, in: all)
    }

    /// How often a sign occurs, counted up to two. A sign of more than 64 characters counts as absent, so that the
    /// search takes the time of the picture alone.
    private static func count(_ sign: [Unicode.Scalar], in text: ArraySlice<Unicode.Scalar>) -> Int {
        guard (1...64).contains(sign.count), sign.count <= text.count else { return 0 }
        var count = 0
        var index = text.startIndex
        while index + sign.count <= text.endIndex, count < 2 {
            if text[index..<(index + sign.count)].elementsEqual(sign) {
                count += 1
                index += sign.count
            } else {
                index += 1
            }
        }
        return count
    }

    /// The code of what is wrong, `nil` for nothing. Where several things are, the reference names the last.
    func faultCode(_ format: DecimalFormat) -> String? {
        let point = format.decimalSeparator.single
        let group = format.groupingSeparator.single
        let optional = format.optionalDigit.single
        func isDigit(_ scalar: Unicode.Scalar) -> Bool { format.isDigit(scalar) }
        func isOptional(_ scalar: Unicode.Scalar) -> Bool { scalar == optional }

        if let exponent, exponent.isEmpty || !exponent.allSatisfy(isDigit) { return "D3093" }
        if exponent != nil, percents + perMilles > 0 { return "D3092" }
        if follows(in: fraction, isOptional, isDigit) { return "D3091" }
        if follows(in: whole, isDigit, isOptional) { return "D3090" }
        let pairs = zip(all, all.dropFirst())
        if let group, pairs.contains(where: { $0 == group && $1 == group }) { return "D3089" }
        if let group, mantissa.contains(where: { $0 == point }) {
            if whole.last == group || fraction.first == group { return "D3087" }
        } else if let group, whole.last == group {
            return "D3088"
        }
        if !active.allSatisfy(format.isActive) { return "D3086" }
        if !mantissa.contains(where: { isDigit($0) || isOptional($0) }) { return "D3085" }
        if percents > 0, perMilles > 0 { return "D3084" }
        if perMilles > 1 { return "D3083" }
        if percents > 1 { return "D3082" }
        if let point, all.count(where: { $0 == point }) > 1 { return "D3081" }
        return nil
    }

    private func follows(
        in part: ArraySlice<Unicode.Scalar>, _ early: (Unicode.Scalar) -> Bool, _ late: (Unicode.Scalar) -> Bool
    ) -> Bool {
        guard let first = part.firstIndex(where: early), let last = part.lastIndex(where: late) else { return false }
        return first < last
    }
}
