// What `$match`, `$replace`, `$split` and `$contains` find: matches of regular expressions, or of functions like them.

import JSON

/// One match of a matcher function: of a regular expression, or of a function that answers like one.
struct JSONataMatch {
    private enum Source {
        /// The groups, by where they are in the text.
        case regex(text: [UInt8], groups: [Range<Int>?])
        case function(match: String, groups: [String], value: JSONataValue)
    }

    /// In UTF-16 units, as JavaScript counts.
    let index: Int
    /// In bytes.
    let range: Range<Int>
    private let source: Source

    init(_ match: JSONataRegex.Match, of text: [UInt8], index: Int) {
        self.index = index
        range = match.range
        source = .regex(text: text, groups: match.groups)
    }

    /// What a function says that it has found.
    init(_ value: JSONataValue, _ match: String, index: Int, range: Range<Int>) {
        self.index = index
        self.range = range
        source = .function(match: match, groups: value.member("groups").list.map { $0.text ?? "" }, value: value)
    }

    private var groupCount: Int {
        switch source {
        case .regex(_, let groups): groups.count
        case .function(_, let groups, _): groups.count
        }
    }

    private func append(group place: Int, to result: inout [UInt8]) {
        switch source {
        case .regex(let text, let groups): if let range = groups[place] { result += text[range] }
        case .function(_, let groups, _): result += groups[place].utf8
        }
    }

    private func appendMatch(to result: inout [UInt8]) {
        switch source {
        case .regex(let text, _): result += text[range]
        case .function(let match, _, _): result += match.utf8
        }
    }

    /// As a function sees it that makes the replacement.
    var value: JSONataValue { if case .function(_, _, let value) = source { value } else { object } }

    /// As `$match` gives it.
    var object: JSONataValue {
        var match: [UInt8] = []
        appendMatch(to: &match)
        let groups = (0..<groupCount).map { place in
            var group: [UInt8] = []
            append(group: place, to: &group)
            return JSONataValue.string(group.text)
        }
        return .object(
            JSONataObject([("match", .string(match.text)), ("index", .int(index)), ("groups", .array(groups))]))
    }

    /// Bytes that `object` takes, about.
    var objectBytes: Int {
        let groupBytes =
            switch source {
            case .regex(_, let groups): groups.reduce(0) { $0 + 64 + ($1?.count ?? 0) }
            case .function(_, let groups, _): groups.reduce(0) { $0 + 64 + $1.utf8.count }
            }
        return 512 + range.count + groupBytes
    }

    /// `$0` is the match, `$1` a group, `$$` a dollar.
    func expanded(_ template: String, _ evaluator: JSONataEvaluator) throws(JSONataError) -> [UInt8] {
        let dollar = UInt8(ascii: "$")
        var result: [UInt8] = []
        var rest = template.utf8[...]
        var counted = 0
        while let byte = rest.popFirst() {
            if result.count > counted {
                // What one group adds is no longer than the text itself.
                try evaluator.charge(memory: result.count - counted, bytes: 2 * (result.count - counted))
                try evaluator.charge(0, steps: (result.count - counted) >> 6)
                counted = result.count
            }
            guard byte == dollar else {
                result.append(byte)
                continue
            }
            switch rest.first {
            case dollar:
                result.append(dollar)
                rest.removeFirst()
            case UInt8(ascii: "0"):
                appendMatch(to: &result)
                rest.removeFirst()
            default: expandGroup(&rest, into: &result)
            }
        }
        return result
    }

    /// As many digits count as the number of groups has; fewer, where they are beyond it.
    private func expandGroup(_ rest: inout Substring.UTF8View, into result: inout [UInt8]) {
        let most = groupCount < 10 ? 1 : String(groupCount).utf8.count
        var digits = rest.prefix(most).prefix { $0 &- 0x30 < 10 }
        guard !digits.isEmpty else { return result.append(UInt8(ascii: "$")) }
        func number() -> Int { digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } }
        if most > 1, number() > groupCount { digits.removeLast() }
        if number() >= 1, number() <= groupCount { append(group: number() - 1, to: &result) }
        rest.removeFirst(digits.count)
    }
}

extension JSONataEvaluator {
    /// All matches of a matcher, at most `limit`.
    func matches(_ matcher: Value, _ text: String, limit: Int) throws(JSONataError) -> [JSONataMatch] {
        let bytes = Array(text.utf8)
        guard case .regex(let regex) = matcher else { return try matches(of: matcher, text, bytes, limit) }
        var found: [JSONataMatch] = []
        var index = 0
        var from = 0
        for match in try regex.matches(in: bytes, limit: limit, for: self) {
            try charge(memory: 64, bytes: 96, steps: 1)
            index += Units.utf16Count(bytes[from..<match.range.lowerBound])
            from = match.range.lowerBound
            found.append(JSONataMatch(match, of: bytes, index: index))
        }
        return found
    }

    /// Matches that a function gives: an object with `match`, `start`, `end`, `groups` and `next`.
    private func matches(
        of function: Value, _ text: String, _ bytes: [UInt8], _ limit: Int
    ) throws(JSONataError) -> [JSONataMatch] {
        var found: [JSONataMatch] = []
        var value = try apply(function, [.string(text)], .undefined)
        while !value.isUndefined, found.count < limit {
            try charge(64, steps: 1)
            guard let start = value.member("start").int, let end = value.member("end").int,
                let match = value.member("match").text, value.member("groups").isArray, value.member("next").isFunction
            else {
                throw JSONataError(
                    code: "T1010",
                    message:
                        "The matcher function argument passed to function \"match\" does not return the correct object structure",
                    value: value.shownJSON)
            }
            try charge(bytes: 2 * bytes.count, steps: bytes.count >> 4)
            let units = Array(text.utf16)
            guard 0...units.count ~= start, start...max(start, units.count) ~= end, end <= units.count else { break }
            let low = String(decoding: units[..<start], as: UTF16.self).utf8.count
            let high = low + String(decoding: units[start..<end], as: UTF16.self).utf8.count
            found.append(JSONataMatch(value, match, index: start, range: low..<high))
            value = try apply(value.member("next"), [], .undefined)
        }
        return found
    }
}
