// Columns for people, and times as people read them.

import Foundation
import JSON

/// Rows of cells under a headline, each column as wide as its widest cell.
struct Table {
    var head: [String]
    var rows: [[String]] = []
    /// Of each row, for the cell in `colouredColumn`; `nil` for none.
    var colours: [Colour?] = []
    var colouredColumn = 0

    var text: String {
        let all = [head] + rows
        let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.enumerated().map { index, row in
            let colour = index > 0 && index <= colours.count ? colours[index - 1] : nil
            let cells = zip(row, widths).enumerated().map { column, cell in
                let text = column == colouredColumn ? Colour.text(cell.0, colour, colour != nil) : cell.0
                return text + String(repeating: " ", count: cell.1 - cell.0.count)
            }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }
}

enum Moment {
    /// Seconds since 1970, as the API gives them, in the local time zone: `2026-11-27 13:05:09`.
    static func text(_ seconds: JSONValue?) -> String {
        guard let seconds = seconds?.doubleValue else { return "-" }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
        return formatter.string(from: Date(timeIntervalSince1970: seconds))
    }

    /// From one moment to another, or to now.
    static func duration(from start: JSONValue?, to stop: JSONValue?) -> String {
        guard let start = start?.doubleValue else { return "-" }
        return span((stop?.doubleValue ?? Date().timeIntervalSince1970) - start)
    }

    /// `5 ms`, `1.25 s`, `2 m 05 s`, `3 h 07 m`, `4 d 02 h`.
    static func span(_ seconds: Double) -> String {
        let milliseconds = Int((max(0, seconds) * 1000).rounded())
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        if milliseconds < 60_000 { return String(format: "%.2f s", Double(milliseconds) / 1000) }
        let whole = milliseconds / 1000
        if whole < 3600 { return String(format: "%d m %02d s", whole / 60, whole % 60) }
        if whole < 86_400 { return String(format: "%d h %02d m", whole / 3600, whole / 60 % 60) }
        return String(format: "%d d %02d h", whole / 86_400, whole / 3600 % 24)
    }
}
