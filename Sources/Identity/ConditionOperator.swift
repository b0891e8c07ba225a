// The condition operators of IAM and how each compares a request's value with a policy's.

import Core

/// A condition operator: a test, or its negation.
struct ConditionOperator: Sendable, Equatable {
    enum Comparison: Sendable {
        case equal
        case less
        case lessOrEqual
        case greater
        case greaterOrEqual

        func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
            switch self {
            case .equal: left == right
            case .less: left < right
            case .lessOrEqual: left <= right
            case .greater: left > right
            case .greaterOrEqual: left >= right
            }
        }
    }

    enum Test: Sendable, Equatable {
        case string
        case stringIgnoringCase
        case stringLike
        case numeric(Comparison)
        case date(Comparison)
        case bool
        case binary
        case ipAddress
        case arn
        case null
    }

    var test: Test
    var isNegated = false

    /// Every operator by its name, without `IfExists` and set quantifier.
    static let named: [String: ConditionOperator] = [
        "StringEquals": .init(test: .string),
        "StringNotEquals": .init(test: .string, isNegated: true),
        "StringEqualsIgnoreCase": .init(test: .stringIgnoringCase),
        "StringNotEqualsIgnoreCase": .init(test: .stringIgnoringCase, isNegated: true),
        "StringLike": .init(test: .stringLike),
        "StringNotLike": .init(test: .stringLike, isNegated: true),
        "NumericEquals": .init(test: .numeric(.equal)),
        "NumericNotEquals": .init(test: .numeric(.equal), isNegated: true),
        "NumericLessThan": .init(test: .numeric(.less)),
        "NumericLessThanEquals": .init(test: .numeric(.lessOrEqual)),
        "NumericGreaterThan": .init(test: .numeric(.greater)),
        "NumericGreaterThanEquals": .init(test: .numeric(.greaterOrEqual)),
        "DateEquals": .init(test: .date(.equal)),
        "DateNotEquals": .init(test: .date(.equal), isNegated: true),
        "DateLessThan": .init(test: .date(.less)),
        "DateLessThanEquals": .init(test: .date(.lessOrEqual)),
        "DateGreaterThan": .init(test: .date(.greater)),
        "DateGreaterThanEquals": .init(test: .date(.greaterOrEqual)),
        "Bool": .init(test: .bool),
        "BinaryEquals": .init(test: .binary),
        "IpAddress": .init(test: .ipAddress),
        "NotIpAddress": .init(test: .ipAddress, isNegated: true),
        // Both ARN operators know wildcards.
        "ArnEquals": .init(test: .arn),
        "ArnLike": .init(test: .arn),
        "ArnNotEquals": .init(test: .arn, isNegated: true),
        "ArnNotLike": .init(test: .arn, isNegated: true),
        "Null": .init(test: .null),
    ]
}

extension ConditionOperator.Test {
    func matches(_ given: String, _ wanted: PolicyText, in context: RequestContext) -> Bool {
        switch self {
        case .stringLike: return wanted.glob(in: context)?.matches(given.unicodeScalars) ?? false
        case .arn: return ARNPattern(wanted).matches(given, in: context)
        default:
            guard let wanted = wanted.literal(in: context) else { return false }
            return matches(given, wanted)
        }
    }

    private func matches(_ given: String, _ wanted: String) -> Bool {
        switch self {
        // Swift's `==` would take differently composed characters for the same; IAM compares characters.
        case .string, .binary: given.unicodeScalars.elementsEqual(wanted.unicodeScalars)
        case .stringIgnoringCase: given.lowercased().unicodeScalars.elementsEqual(wanted.lowercased().unicodeScalars)
        case .bool: given.lowercased() == wanted.lowercased()
        case .numeric(let comparison): both(given, wanted, decimal, comparison)
        case .date(let comparison): both(given, wanted, pointInTime, comparison)
        case .ipAddress: IPRange(wanted)?.contains(given) ?? false
        case .stringLike, .arn, .null: false
        }
    }

    private func both(
        _ given: String, _ wanted: String, _ read: (String) -> Double?, _ comparison: ConditionOperator.Comparison
    ) -> Bool {
        guard let left = read(given), let right = read(wanted) else { return false }
        return comparison.holds(left, right)
    }
}

/// A decimal number; `nan`, `inf` and hexadecimal are none.
private func decimal(_ text: String) -> Double? {
    guard text.utf8.allSatisfy({ $0 &- 0x30 < 10 || "+-.eE".utf8.contains($0) }) else { return nil }
    return Double(text)
}

/// Seconds since 1970 of an ISO 8601 date in one of W3C's profiles, or of a number of seconds.
private func pointInTime(_ text: String) -> Double? {
    // Four digits alone are a year, as ISO 8601 has it; a number of seconds that small is never meant.
    if text.utf8.count != 4, let seconds = decimal(text) { return seconds }
    let parts = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
    let day = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int(digits: Array($0.utf8)[...]) }
    guard (1...3).contains(day.count), let year = day[0], let month = day.count > 1 ? day[1] : 1,
        let dayOfMonth = day.count > 2 ? day[2] : 1,
        GregorianCalendar.isDate(year: year, month: month, day: dayOfMonth)
    else { return nil }
    let days = GregorianCalendar.days(year: year, month: month, day: dayOfMonth)
    let midnight = Double(days * 86_400)
    guard parts.count == 2 else { return midnight }
    return secondsOfDay(parts[1]).map { midnight + $0 }
}

/// `10:11`, `10:11:12`, `10:11:12.5`, each with `Z`, `+02:00` or nothing behind it.
private func secondsOfDay(_ text: Substring) -> Double? {
    let clock = text.prefix { $0 != "Z" && $0 != "+" && $0 != "-" }
    let fields = clock.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(fields.count), let hour = Int(digits: Array(fields[0].utf8)[...]), hour < 25,
        let minute = Int(digits: Array(fields[1].utf8)[...]), minute < 60,
        let second = fields.count == 3 ? decimal(String(fields[2])) : 0, second >= 0, second < 61
    else { return nil }
    let zone = text.dropFirst(clock.count)
    var offset = 0
    if let sign = zone.first, sign != "Z" {
        let digits = Array(zone.dropFirst().utf8.filter { $0 != UInt8(ascii: ":") })
        guard digits.count == 4, let hours = Int(digits: digits[0..<2]), let minutes = Int(digits: digits[2..<4]) else {
            return nil
        }
        offset = (hours * 3600 + minutes * 60) * (sign == "-" ? -1 : 1)
    } else if zone.count > 1 {
        return nil
    }
    return Double(hour * 3600 + minute * 60 - offset) + second
}
