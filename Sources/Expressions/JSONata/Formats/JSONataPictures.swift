// The pictures that an expression has used, taken apart: most expressions use the same ones at each evaluation.

import Synchronization

/// The pictures of one expression, shared by all of its evaluations.
final class JSONataPictures: Sendable {
    private struct Kept {
        var integers = RecentTexts<IntegerPicture>()
        var dateTimes = RecentTexts<DateTimePicture>()
        var numbers = RecentTexts<NumberFormatter>()
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
