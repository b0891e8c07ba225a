// A small memory of texts that have been parsed.

import JSON

/// What the last few texts that were asked for have been parsed to, by text and by the options that were given with it.
/// So few are searched from the front, which beats hashing them.
struct RecentTexts<Value> {
    private static var most: Int { 8 }
    /// Longer ones are parsed anew each time: they are not worth their memory.
    private static var longest: Int { 200 }

    private var entries: [(text: String, options: [(String, String)], value: Value)] = []
    /// The entry that gives way to the next new one.
    private var oldest = 0

    subscript(text: String, options: [(String, String)] = []) -> Value? {
        entries.first { $0.text.hasSameUnits(as: text) && Self.areSame($0.options, options) }?.value
    }

    mutating func add(_ text: String, _ options: [(String, String)], _ value: Value) {
        let length = options.reduce(text.utf8.count) { $0 + $1.0.utf8.count + $1.1.utf8.count }
        guard length <= Self.longest else { return }
        if entries.count < Self.most {
            entries.append((text, options, value))
        } else {
            entries[oldest] = (text, options, value)
            oldest = (oldest + 1) % Self.most
        }
    }

    private static func areSame(_ left: [(String, String)], _ right: [(String, String)]) -> Bool {
        left.count == right.count
            && zip(left, right).allSatisfy { $0.0.hasSameUnits(as: $1.0) && $0.1.hasSameUnits(as: $1.1) }
    }
}
