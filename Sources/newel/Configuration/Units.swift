// Sizes and times as people write them.

import Core

enum ByteSize {
    private static let units: [(name: String, bytes: Int)] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]

    /// `256KiB`, `16MiB`, `262144` or `262144B` in bytes.
    static func parse(_ text: String) -> Int? {
        let unit = units.first { text.lowercased().hasSuffix($0.name.lowercased()) }
        let digits = unit.map { text.dropLast($0.name.count) } ?? (text.hasSuffix("B") ? text.dropLast() : text[...])
        guard let number = Int(digits.trimmed), number >= 0 else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit?.bytes ?? 1)
        return overflow ? nil : bytes
    }

    static func text(_ bytes: Int) -> String {
        for unit in units where bytes >= unit.bytes && bytes.isMultiple(of: unit.bytes) {
            return "\(bytes / unit.bytes)\(unit.name)"
        }
        return "\(bytes)"
    }
}

enum Period {
    private static let units: [(name: String, milliseconds: Int)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// `500ms`, `30s`, `5m`, `2h`, `90d` in milliseconds.
    static func milliseconds(_ text: String) -> Int? {
        let digits = text.prefix { $0.isNumber }
        guard let number = Int(digits), let unit = units.first(where: { $0.name == text[digits.endIndex...].trimmed })
        else { return nil }
        let (result, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
        return overflow ? nil : result
    }

    /// Times that a range allows, for a message: `30s or 5m`.
    static func examples(in range: ClosedRange<Int>) -> String {
        let usual = ["500ms", "30s", "5m", "2h", "90d"]
        let fitting = usual.filter { milliseconds($0).map(range.contains) ?? false }.prefix(3)
        guard let last = fitting.last, fitting.count > 1 else { return fitting.first ?? text(range.lowerBound) }
        return fitting.dropLast().joined(separator: ", ") + " or \(last)"
    }

    static func text(_ milliseconds: Int) -> String {
        for unit in units.reversed() where milliseconds >= unit.milliseconds {
            if milliseconds.isMultiple(of: unit.milliseconds) {
                return "\(milliseconds / unit.milliseconds)\(unit.name)"
            }
        }
        return "\(milliseconds)ms"
    }
}

extension StringProtocol {
    fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
