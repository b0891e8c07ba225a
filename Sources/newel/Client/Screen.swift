// Lines that are drawn again in their place on a terminal.

import Foundation

/// On a terminal the last lines are redrawn; elsewhere only single lines go out, each once.
struct Screen {
    let isTerminal: Bool
    private var drawn = 0

    init(isTerminal: Bool) { self.isTerminal = isTerminal }

    /// A line of its own, where nothing is redrawn.
    func line(_ text: String) { if !isTerminal { printNow(text) } }

    /// Draws the lines over those that were drawn before; at most as many as the terminal has.
    mutating func redraw(_ lines: [String]) {
        guard isTerminal else { return }
        let size = Self.size
        let shown = lines.prefix(1) + lines.dropFirst().suffix(max(0, size.rows - 2))
        var text = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
        for line in shown { text += "\r\u{1B}[K\(Self.cut(line, size.columns))\n" }
        text += "\u{1B}[J"
        drawn = shown.count
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    /// A line as wide as the terminal at most; sequences of colour take no room.
    private static func cut(_ line: String, _ columns: Int) -> String {
        var (text, width, isSequence) = ("", 0, false)
        for character in line {
            if character == "\u{1B}" { isSequence = true }
            if !isSequence { width += 1 }
            if width > columns { break }
            text.append(character)
            if isSequence, character == "m" { isSequence = false }
        }
        return text.contains("\u{1B}") ? text + "\u{1B}[0m" : text
    }

    static var size: (rows: Int, columns: Int) {
        var window = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_row > 0, window.ws_col > 0 else {
            return (24, 80)
        }
        return (Int(window.ws_row), Int(window.ws_col))
    }
}
