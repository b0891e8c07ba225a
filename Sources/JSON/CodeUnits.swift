// Strings compared by their code units, as everywhere in JSON; Swift's `==` takes canonically equivalent ones for
// equal.

/// A string as a key: equal to the same code units alone, and ordered by the bytes of its UTF-8.
package struct CodeUnits: Hashable, Comparable, Sendable {
    /// The string itself.
    package let text: String

    /// The string as a key.
    package init(_ text: String) { self.text = text }

    /// Whether both are the same code units.
    package static func == (left: CodeUnits, right: CodeUnits) -> Bool { left.text.hasSameUnits(as: right.text) }

    /// Whether the bytes of one come before those of the other, as in the store.
    package static func < (left: CodeUnits, right: CodeUnits) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    /// Whether it begins with these code units. `String.hasPrefix` says no where a combining character follows them.
    package func hasPrefix(_ prefix: String) -> Bool { text.utf8.starts(with: prefix.utf8) }

    /// By the bytes of its UTF-8.
    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension String {
    /// Whether both are the same code units; Swift's `==` also takes canonically equivalent texts for equal.
    package func hasSameUnits(as other: String) -> Bool {
        let left = utf8
        let right = other.utf8
        guard left.count == right.count else { return false }
        let same = left.withContiguousStorageIfAvailable { left in
            right.withContiguousStorageIfAvailable { right in Self.areSame(left, right) }
        }
        return (same ?? nil) ?? left.elementsEqual(right)
    }

    /// Whether bytes of one length are the same, eight at a time.
    private static func areSame(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let a = UnsafeRawPointer(left.baseAddress), let b = UnsafeRawPointer(right.baseAddress), a != b else {
            return true
        }
        var at = 0
        while at <= left.count - 8 {
            if (a + at).loadUnaligned(as: UInt64.self) != (b + at).loadUnaligned(as: UInt64.self) { return false }
            at += 8
        }
        while at < left.count {
            if left[at] != right[at] { return false }
            at += 1
        }
        return true
    }
}
