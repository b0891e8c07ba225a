// Texts read by a picture: which piece of the text each marker takes.

import JSON

extension DateTimePicture {
    /// The values that the markers read, `nil` where the text does not match.
    func values(in text: [Unicode.Scalar]) throws(JSONataError) -> DateTimeValues? {
        try checkReadable()
        var matcher = DateTimeMatcher(parts: parts, text: text)
        guard let starts = try matcher.match() else { return nil }
        var values = DateTimeValues()
        for (index, part) in parts.enumerated() {
            guard case .marker(let marker) = part else { continue }
            let end = index + 1 < starts.count ? starts[index + 1] : text.count
            guard let value = try marker.value(of: text[starts[index]..<end]) else { return nil }
            values.set(marker.component, to: value)
        }
        return values
    }

    /// A picture that can only be written is refused whatever the text is.
    private func checkReadable() throws(JSONataError) {
        for case .marker(let marker) in parts {
            switch marker.presentation {
            case .name: if marker.component.names == nil { throw marker.nameless }
            case .integer(let picture):
                if case .sequence(let token) = picture.primary { throw IntegerPicture.unsupported(token) }
            }
        }
    }
}

/// What a match may take: more than any sensible picture does, and in proportion to picture and text.
enum DateTimeMatch {
    static func mostLooks(_ text: Int, _ parts: Int) -> Int { 1_000 + 16 * (text + parts) }

    /// Steps of an evaluation for all these looks.
    static func steps(_ text: String, _ picture: String) -> Int {
        mostLooks(text.utf8.count, picture.utf8.count) >> 6
    }

    /// Bytes for text, parts and the ends that are still to be tried.
    static func bytes(_ text: String, _ picture: String) -> Int {
        8 * mostLooks(text.utf8.count, picture.utf8.count) + 4 * text.utf8.count
    }
}

/// Tries for each part the longest piece first and comes back for a shorter one, as a regular expression does.
private struct DateTimeMatcher {
    /// A part, where its piece starts, and where it may end, the best last.
    struct Attempt {
        var start: Int
        var ends: [Int]
    }

    var parts: [DateTimePicture.Part]
    var text: [Unicode.Scalar]
    var looksLeft: Int

    init(parts: [DateTimePicture.Part], text: [Unicode.Scalar]) {
        self.parts = parts
        self.text = text
        looksLeft = DateTimeMatch.mostLooks(text.count, parts.count)
    }

    /// Where the piece of each part starts.
    mutating func match() throws(JSONataError) -> [Int]? {
        guard !parts.isEmpty else { return text.isEmpty ? [] : nil }
        var attempts = [Attempt(start: 0, ends: try ends(of: parts[0], from: 0))]
        while let last = attempts.indices.last {
            guard let end = attempts[last].ends.popLast() else {
                attempts.removeLast()
                continue
            }
            if attempts.count == parts.count {
                if end == text.count { return attempts.map(\.start) }
            } else {
                attempts.append(Attempt(start: end, ends: try ends(of: parts[attempts.count], from: end)))
            }
        }
        return nil
    }

    private mutating func step(_ count: Int) throws(JSONataError) {
        looksLeft -= count + 1
        guard looksLeft >= 0 else {
            throw JSONataFormats.fault("U1001", "The picture takes too long to match the text")
        }
    }

    private mutating func ends(of part: DateTimePicture.Part, from start: Int) throws(JSONataError) -> [Int] {
        switch part {
        case .literal(let literal):
            let piece = text[start...].prefix(literal.scalars.count)
            try step(piece.count)
            let isThere = piece.count == literal.scalars.count && zip(piece, literal.scalars).allSatisfy(Self.isSame)
            return isThere ? [piece.endIndex] : []
        case .marker(let marker):
            var looked = start
            let ends = marker.ends(in: text[start...], &looked)
            try step(max(ends.last ?? start, looked) - start)
            return ends
        }
    }

    private static func isSame(_ left: Unicode.Scalar, _ right: Unicode.Scalar) -> Bool {
        left.asciiLowered == right.asciiLowered
    }
}

extension DateTimeMarker {
    /// Where a piece at the start of `text` may end, the best last.
    ///
    /// `looked` becomes the place up to which the text was read, where it is more than the last end.
    fileprivate func ends(in text: ArraySlice<Unicode.Scalar>, _ looked: inout Int) -> [Int] {
        if component.isOffset { return offsetEnds(in: text) }
        switch presentation {
        case .name: return nameEnds(in: text)
        case .integer where component == .halfDay: return nameEnds(in: text)
        case .integer(let picture):
            switch picture.primary {
            case .decimal(let pattern): return digitEnds(in: text, pattern, isOrdinal: picture.isOrdinal, &looked)
            case .letters: return Self.ends(of: text.prefix { $0.isASCIILetter })
            case .roman: return Self.ends(of: text.prefix { Self.isRoman($0) })
            case .words: return wordEnds(in: text, &looked)
            case .sequence: return []
            }
        }
    }

    private static func ends(of run: ArraySlice<Unicode.Scalar>) -> [Int] {
        run.isEmpty ? [] : Array((run.startIndex + 1)...run.endIndex)
    }

    private static func isRoman(_ scalar: Unicode.Scalar) -> Bool {
        switch Unicode.Scalar(scalar.asciiLowered) {
        case "m", "d", "c", "l", "x", "v", "i": true
        default: false
        }
    }

    private func nameEnds(in text: ArraySlice<Unicode.Scalar>) -> [Int] {
        names.filter { !$0.isEmpty && Self.starts(text, with: $0) }.map { text.startIndex + $0.utf8.count }.sorted()
    }

    /// Whether the text starts with a name, in any case.
    private static func starts(_ text: ArraySlice<Unicode.Scalar>, with name: String) -> Bool {
        text.count >= name.utf8.count && zip(text, name.utf8).allSatisfy { $0.asciiLowered == $1 }
    }

    private func digitEnds(
        in text: ArraySlice<Unicode.Scalar>, _ pattern: DecimalPattern, isOrdinal: Bool, _ looked: inout Int
    ) -> [Int] {
        var ends: [Int] = []
        for (index, scalar) in zip(text.indices, text) {
            looked = index
            if pattern.digit(of: scalar) != nil {
                ends.append(index + 1)
                if ends.count == parseWidth { break }
            } else if ends.isEmpty || !pattern.isMark(scalar) {
                break
            }
        }
        if let parseWidth {
            guard ends.count == parseWidth, let end = ends.last else { return [] }
            ends = [end]
        }
        guard isOrdinal else { return ends }
        guard let end = ends.last else { return [] }
        return Self.ordinalSuffixes.contains { Self.starts(text[end...], with: $0) } ? [end + 2] : []
    }

    private static let ordinalSuffixes = ["st", "nd", "rd", "th"]

    private func wordEnds(in text: ArraySlice<Unicode.Scalar>, _ looked: inout Int) -> [Int] {
        var ends: [Int] = []
        var rest = text
        while true {
            // No word of a number has more letters than twelve.
            let word = rest.prefix(13).prefix { $0.isASCIILetter }
            if NumberWords.value(ofWord: word) != nil {
                ends.append(word.endIndex)
            } else if ends.isEmpty || !NumberWords.isAnd(word) {
                return ends
            }
            rest = rest[word.endIndex...].drop(while: NumberWords.isSeparator)
            looked = rest.startIndex
            if rest.startIndex == word.endIndex { return ends }
        }
    }

    private func offsetEnds(in text: ArraySlice<Unicode.Scalar>) -> [Int] {
        var rest = text
        if isTraditional, rest.first == "Z" || rest.first == "z" { return [rest.startIndex + 1] }
        if component == .namedOffset {
            guard Self.starts(rest, with: "gmt") else { return [] }
            rest = rest.dropFirst(3)
        }
        guard let pattern = integer?.decimal, let sign = rest.first, sign == "+" || sign == "-" else { return [] }
        rest = rest.dropFirst()
        let first = rest.prefix(4).prefix { pattern.digit(of: $0) != nil }
        rest = rest.dropFirst(first.count)
        let mark = pattern.separators.first?.scalar
        let pair = rest.dropFirst().prefix(2).prefix { pattern.digit(of: $0) != nil }
        let hasMinutes = rest.first == (mark ?? ":") && (1...2).contains(first.count) && pair.count == 2
        if mark != nil { return hasMinutes ? [pair.endIndex] : [] }
        let plain = first.indices.map { $0 + 1 }
        return hasMinutes && pattern.mandatory <= 2 ? plain + [pair.endIndex] : plain
    }

    /// What the piece says; `nil` where it says nothing.
    func value(of piece: ArraySlice<Unicode.Scalar>) throws(JSONataError) -> Double? {
        if component.isOffset { return offset(of: piece) }
        guard case .integer(let picture) = presentation, component != .halfDay else {
            let place = names.firstIndex { $0.utf8.count == piece.count && Self.starts(piece, with: $0) }
            return place.map { Double(component == .halfDay ? $0 : $0 + 1) }
        }
        if component == .fraction, let pattern = picture.decimal {
            // Digits behind a decimal point, whatever their number.
            let digits = piece.compactMap(pattern.digit).prefix(3)
            let value = digits.reduce(0) { $0 * 10 + Int($1) }
            return Double(value * [1000, 100, 10, 1][digits.count])
        }
        if case .letters = picture.primary { return LetterNumbers.value(ofLetters: piece, anyCase: true) }
        if case .roman = picture.primary { return LetterNumbers.value(ofRoman: piece, anyCase: true) }
        return try picture.value(of: piece)
    }

    /// Minutes.
    private func offset(of piece: ArraySlice<Unicode.Scalar>) -> Double? {
        guard let pattern = integer?.decimal, let sign = piece.firstIndex(where: { $0 == "+" || $0 == "-" }) else {
            return 0
        }
        let parts = piece[(sign + 1)...].split { pattern.digit(of: $0) == nil }
        let numbers = parts.map { part in part.compactMap(pattern.digit).reduce(0) { $0 * 10 + Int($1) } }
        guard let first = numbers.first else { return nil }
        let minutes =
            if numbers.count > 1 { first * 60 + numbers[1] } else if parts[0].count > 2 {
                first / 100 * 60 + first % 100
            } else { first * 60 }
        return Double(piece[sign] == "-" ? -minutes : minutes)
    }
}
