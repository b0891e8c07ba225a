// The pictures that an expression has used, taken apart: most expressions use the same ones at each evaluation.

import JSON
import Synchronization

/// The pictures of one expression, shared by all of its evaluations.
final class JSONataPictures: Sendable {
    private struct Kept {
        var integers = RecentPictures<IntegerPicture>()
        var dateTimes = RecentPictures<DateTimePicture>()
        var numbers = RecentPictures<NumberFormatter>()
    }

    private let kept = Mutex(Kept())

    func integer(_ picture: String) throws(JSONataError) -> IntegerPicture {
        if let known = kept.withLock({ $0.integers[picture] }) { return known }
        let parsed = try IntegerPicture(Array(picture.unicodeScalars))
        kept.withLock { $0.integers.add(picture, [], parsed) }
        return parsed
    }

    func dateTime(_ picture: String) throws(JSONataError) -> DateTimePicture {
        if let known = kept.withLock({ $0.dateTimes[picture] }) { return known }
        let parsed = try DateTimePicture(picture)
        kept.withLock { $0.dateTimes.add(picture, [], parsed) }
        return parsed
    }

    /// `options` are those of `$formatNumber`, by name.
    func number(_ picture: String, options: [(String, String)]) throws(JSONataError) -> NumberFormatter {
        if let known = kept.withLock({ $0.numbers[picture, options] }) { return known }
        let parsed = try NumberFormatter(picture, DecimalFormat(options: options))
        kept.withLock { $0.numbers.add(picture, options, parsed) }
        return parsed
    }
}

/// The last few pictures that were asked for. So few are searched from the front, which beats hashing their texts.
private struct RecentPictures<Picture> {
    private static var most: Int { 8 }
    /// Longer ones are parsed anew each time: they are not worth their memory.
    private static var longest: Int { 200 }

    private var entries: [(text: String, options: [(String, String)], picture: Picture)] = []
    /// The entry that gives way to the next new one.
    private var oldest = 0

    subscript(text: String, options: [(String, String)] = []) -> Picture? {
        entries.first { $0.text.hasSameUnits(as: text) && Self.areSame($0.options, options) }?.picture
    }

    mutating func add(_ text: String, _ options: [(String, String)], _ picture: Picture) {
        let length = options.reduce(text.utf8.count) { $0 + $1.0.utf8.count + $1.1.utf8.count }
        guard length <= Self.longest else { return }
        if entries.count < Self.most {
            entries.append((text, options, picture))
        } else {
            entries[oldest] = (text, options, picture)
            oldest = (oldest + 1) % Self.most
        }
    }

    private static func areSame(_ left: [(String, String)], _ right: [(String, String)]) -> Bool {
        left.count == right.count
            && zip(left, right).allSatisfy { $0.0.hasSameUnits(as: $1.0) && $0.1.hasSameUnits(as: $1.1) }
    }
}
