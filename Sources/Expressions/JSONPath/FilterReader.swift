// Reads the inside of `[?(…)]` (language.md §10.4). Parentheses do not group; `&&`, `||` and the operators are found in
// quotes too.

struct FilterReader {
    /// The whole path, for the places of errors.
    let text: [UInt8]
    /// Where `text` begins in the path as written.
    let start: Int

    /// Reads the filter whose question mark is at `mark` in `fragment`, a slice of `text`.
    func filter(_ fragment: ArraySlice<UInt8>, mark: Int) throws(JSONPathError) -> PathFilter {
        let open = fragment[..<mark].lastIndex(of: UInt8(ascii: "[")) ?? fragment.startIndex
        guard let end = end(of: fragment[open...]) else {
            throw error("The parentheses and brackets of the filter are not balanced", at: open)
        }
        var inside = fragment[(open + 1)..<(end - 1)].trimmed
        guard inside.first == UInt8(ascii: "?") else { throw malformed(at: open) }
        inside = inside.dropFirst().trimmed
        guard inside.count >= 2, inside.first == UInt8(ascii: "("), inside.last == UInt8(ascii: ")") else {
            throw malformed(at: open)
        }
        return PathFilter(alternatives: try alternatives(inside.dropFirst().dropLast().trimmed))
    }

    /// Where the filter ends: after the first `]` that is in no parentheses and no quotes. `nil` if anything is not
    /// closed there.
    private func end(of fragment: ArraySlice<UInt8>) -> Int? {
        var parentheses = 0
        var brackets = 0
        var isQuoted = false
        var last = UInt8(ascii: " ")
        for place in fragment.indices {
            let byte = fragment[place]
            switch byte {
            case UInt8(ascii: "'"): if last != UInt8(ascii: "\\") { isQuoted.toggle() }
            case _ where isQuoted: break
            case UInt8(ascii: "("): parentheses += 1
            case UInt8(ascii: ")"): parentheses -= 1
            case UInt8(ascii: "["): brackets += 1
            case UInt8(ascii: "]"):
                brackets -= 1
                if parentheses == 0 { return brackets == 0 ? place + 1 : nil }
            default: break
            }
            last = byte
        }
        return nil
    }

    /// Cuts the text at every `||` and `&&`.
    private func alternatives(_ inside: ArraySlice<UInt8>) throws(JSONPathError) -> [[FilterPiece]] {
        var alternatives: [[FilterPiece]] = [[]]
        var begin = inside.startIndex
        var place = begin
        while place < inside.endIndex {
            let byte = inside[place]
            if byte == UInt8(ascii: "&") || byte == UInt8(ascii: "|"), inside[place...].dropFirst().first == byte {
                alternatives[alternatives.count - 1].append(try piece(inside[begin..<place]))
                if byte == UInt8(ascii: "|") { alternatives.append([]) }
                place += 2
                begin = place
            } else {
                place += 1
            }
        }
        alternatives[alternatives.count - 1].append(try piece(inside[begin...]))
        return alternatives
    }

    private func piece(_ bytes: ArraySlice<UInt8>) throws(JSONPathError) -> FilterPiece {
        var piece = bytes.trimmed
        piece = piece.drop { "[?( ".utf8.contains($0) }
        while let last = piece.last, ") ".utf8.contains(last) { piece.removeLast() }
        guard !piece.isEmpty else { throw error("Expected a condition", at: piece.startIndex) }
        for candidate in FilterOperator.allCases {
            guard let place = piece.firstPlace(of: candidate) else { continue }
            let left = piece[..<place].trimmed
            let right = piece[(place + candidate.rawValue.utf8.count)...].trimmed
            if right.first == UInt8(ascii: "!"), isPath(right) {
                throw error("'!' is only allowed before a path without an operator", at: right.startIndex)
            }
            return .compare(try operand(left), candidate, try operand(right))
        }
        guard isPath(piece), case .path(let path) = try operand(piece) else {
            throw error("Expected a path, or an operator: == != < <= > >=", at: piece.startIndex)
        }
        return .exists(path, isNegated: piece.first == UInt8(ascii: "!"))
    }

    private func isPath(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.first == UInt8(ascii: "$") || bytes.first == UInt8(ascii: "@") || bytes.starts(with: "!@".utf8)
    }

    private func operand(_ bytes: ArraySlice<UInt8>) throws(JSONPathError) -> FilterOperand {
        if isPath(bytes) {
            let isNegated = bytes.first == UInt8(ascii: "!")
            return .path(try innerPath(isNegated ? bytes.dropFirst() : bytes))
        }
        if bytes.first == UInt8(ascii: "'"), bytes.last == UInt8(ascii: "'") {
            guard bytes.count >= 2 else { throw error("The text is not closed", at: bytes.startIndex) }
            return .text(FilterText(String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)))
        }
        if let pattern = try pattern(bytes) { return .pattern(pattern) }
        return .text(FilterText(String(decoding: bytes, as: UTF8.self)))
    }

    private func innerPath(_ bytes: ArraySlice<UInt8>) throws(JSONPathError) -> InnerPath {
        var reader = PathReader(bytes, isOperand: true)
        do throws(JSONPathError) {
            let startsAtDocument = try reader.operandRoot()
            return InnerPath(startsAtDocument: startsAtDocument, segments: try reader.segments())
        } catch {
            throw JSONPathError(code: error.code, message: error.message, offset: start + error.offset)
        }
    }

    /// `/expression/` or `/expression/i`; `nil` where the text is neither.
    private func pattern(_ bytes: ArraySlice<UInt8>) throws(JSONPathError) -> FilterPattern? {
        let slash = UInt8(ascii: "/")
        guard bytes.count > 2, bytes.first == slash, let last = bytes.last,
            last == slash || (last == UInt8(ascii: "i") && bytes[bytes.endIndex - 2] == slash),
            let close = bytes.lastIndex(of: slash)
        else { return nil }
        let expression = String(
            decoding: bytes[(bytes.startIndex + 1)..<max(close, bytes.startIndex + 1)], as: UTF8.self)
        guard let pattern = FilterPattern(expression, ignoresCase: last != slash) else {
            throw error("The regular expression /\(expression)/ is malformed", at: bytes.startIndex)
        }
        return pattern
    }

    private func malformed(at place: Int) -> JSONPathError { error("Expected [?(…)]", at: place) }

    private func error(_ message: String, at place: Int) -> JSONPathError {
        JSONPathError(code: .syntax, message: message, offset: start + place)
    }
}

extension ArraySlice<UInt8> {
    /// Where the operator occurs first.
    fileprivate func firstPlace(of filterOperator: FilterOperator) -> Int? {
        let sign = Array<UInt8>(filterOperator.rawValue.utf8)
        return indices.first { self[$0...].starts(with: sign) }
    }
}
