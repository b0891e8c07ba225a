// What the parser keeps while containers are open.

/// A stack whose top part can be taken off as an array of just its size.
struct ParserStack<Element>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>?
    private var capacity = 0
    private(set) var count = 0

    init() {}

    deinit {
        base?.deinitialize(count: count)
        base?.deallocate()
    }

    mutating func push(_ element: consuming Element) {
        if count == capacity { grow() }
        // `grow` has allocated it, if nobody did before.
        base.unsafelyUnwrapped.advanced(by: count).initialize(to: element)
        count += 1
    }

    mutating func pop(downTo bottom: Int) -> [Element] {
        guard let base, count > bottom else { return [] }
        let taken = count - bottom
        let result = [Element](unsafeUninitializedCapacity: taken) { buffer, initialized in
            buffer.baseAddress?.moveInitialize(from: base + bottom, count: taken)
            initialized = taken
        }
        count = bottom
        return result
    }

    private mutating func grow() {
        let larger = max(16, capacity * 2)
        let new = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        if let base {
            new.moveInitialize(from: base, count: count)
            base.deallocate()
        }
        base = new
        capacity = larger
    }
}

/// Tells cheaply that the names of an object are all different; where it cannot, somebody has to look.
struct NameFilter {
    private var seen: UInt64 = 0
    private(set) var mayRepeat = false

    mutating func add(_ name: String) {
        var hash = name.utf8.count
        var name = name
        name.withUTF8 { utf8 in
            if let first = utf8.first, let last = utf8.last {
                hash = hash &* 7 &+ Int(first) &* 3 &+ Int(last) &* 11 &+ Int(utf8[utf8.count / 2])
            }
        }
        let bit = UInt64(1) << UInt64(truncatingIfNeeded: hash & 63)
        if seen & bit != 0 { mayRepeat = true }
        seen |= bit
    }
}
