// What differs between two texts, line by line, as `diff -u` shows it.

/// The hunks of a unified diff; empty where the texts are the same.
enum LineDifference {
    private static let context = 3

    private struct Line {
        /// " ", "-" or "+".
        var mark: Character
        var text: Substring
        /// Lines of either text before this one.
        var left: Int
        var right: Int
    }

    static func text(_ left: String, _ right: String) -> String {
        let lines = lines(
            left.split(separator: "\n", omittingEmptySubsequences: false),
            right.split(separator: "\n", omittingEmptySubsequences: false))
        return hunks(lines).map { text(of: lines[$0]) }.joined(separator: "\n")
    }

    private static func lines(_ left: [Substring], _ right: [Substring]) -> [Line] {
        let difference = right.difference(from: left)
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var lines: [Line] = []
        var (before, after) = (0, 0)
        while before < left.count || after < right.count {
            if removed.contains(before) {
                lines.append(Line(mark: "-", text: left[before], left: before, right: after))
                before += 1
            } else if inserted.contains(after) {
                lines.append(Line(mark: "+", text: right[after], left: before, right: after))
                after += 1
            } else {
                lines.append(Line(mark: " ", text: left[before], left: before, right: after))
                before += 1
                after += 1
            }
        }
        return lines
    }

    /// The stretches with a change in them and the lines around; those that touch are one.
    private static func hunks(_ lines: [Line]) -> [Range<Int>] {
        var hunks: [Range<Int>] = []
        for index in lines.indices where lines[index].mark != " " {
            let around = max(0, index - context)..<min(lines.count, index + context + 1)
            if let last = hunks.last, last.upperBound >= around.lowerBound {
                hunks[hunks.count - 1] = last.lowerBound..<around.upperBound
            } else {
                hunks.append(around)
            }
        }
        return hunks
    }

    private static func text(of hunk: ArraySlice<Line>) -> String {
        guard let first = hunk.first else { return "" }
        let left = range(first.left, hunk.count { $0.mark != "+" })
        let right = range(first.right, hunk.count { $0.mark != "-" })
        return (["@@ -\(left) +\(right) @@"] + hunk.map { "\($0.mark)\($0.text)" }).joined(separator: "\n")
    }

    /// diff's own way to name lines: a stretch without lines names the line before it.
    private static func range(_ before: Int, _ count: Int) -> String {
        count == 1 ? "\(before + 1)" : "\(count == 0 ? before : before + 1),\(count)"
    }
}
