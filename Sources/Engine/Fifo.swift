// A queue in memory.

/// First in, first out.
struct Fifo<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var first: Element? { head < elements.count ? elements[head] : nil }
    var count: Int { elements.count - head }

    mutating func append(_ element: Element) { elements.append(element) }

    /// Puts elements before all others.
    mutating func prepend(_ new: [Element]) {
        elements.replaceSubrange(0..<head, with: new.map { Optional($0) })
        head = 0
    }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head].take()
        head += 1
        forgetPopped()
        return element
    }

    mutating func popLast() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements.removeLast()
        forgetPopped()
        return element
    }

    /// Takes out the first `limit` elements.
    mutating func pop(_ limit: Int) -> [Element] {
        let count = min(limit, self.count)
        var popped: [Element] = []
        popped.reserveCapacity(count)
        for place in head..<(head + count) {
            if let element = elements[place].take() { popped.append(element) }
        }
        head += count
        forgetPopped()
        return popped
    }

    private mutating func forgetPopped() {
        if head == elements.count {
            elements.removeAll(keepingCapacity: head <= Self.keptCapacity)
            head = 0
        } else if head * 2 > elements.count, head > 16 {
            elements.removeFirst(head)
            head = 0
        }
    }

    /// Places that an empty queue keeps allocated.
    private static var keptCapacity: Int { 1_024 }
}
