// Colours of the terminal, where one reads the output.

import Foundation

enum Colour: Int {
    case red = 31
    case green = 32
    case yellow = 33
    case blue = 34
    case grey = 90

    /// Whether output to a descriptor is coloured: on a terminal, unless NO_COLOR is set (no-color.org) or TERM is
    /// `dumb`.
    static func isOn(
        _ descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Bool {
        guard isatty(descriptor) == 1, environment["TERM"] != "dumb" else { return false }
        return environment["NO_COLOR"].map(\.isEmpty) ?? true
    }

    static func text(_ text: String, _ colour: Colour?, _ isOn: Bool) -> String {
        guard isOn, let colour else { return text }
        return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
    }

    /// The colour of an execution's status.
    static func of(status: String) -> Colour? {
        switch status {
        case "SUCCEEDED": .green
        case "FAILED", "TIMED_OUT": .red
        case "ABORTED": .grey
        case "RUNNING": .blue
        default: nil
        }
    }
}
