// Where a Map state stands: its items, what has been started, what has come out (language.md §4, Map).

package import JSON

/// The iterations of one visit to a Map state. Kept beside the strands and changed in place, so that an iteration's end
/// costs the same however many items there are.
package struct MapIterations: Sendable {
    package let items: [JSONValue]
    /// How many iterations run at once.
    let concurrency: Int
    /// Index of the next item to be started.
    private(set) var next = 0
    /// The strands that run, by the index of their item.
    private(set) var running: [Int: FrameID] = [:]
    /// The outputs, by index; `nil` until the iteration has succeeded.
    private var outputs: [Payload?]

    init(_ started: MapStateStarted) {
        items = started.items.value.arrayValue ?? []
        concurrency = max(started.concurrency, 1)
        outputs = Array(repeating: nil, count: items.count)
    }

    /// Whether another item may be started now.
    var canStart: Bool { next < items.count && running.count < concurrency }

    /// Whether every iteration has succeeded.
    var isDone: Bool { next == items.count && running.isEmpty }

    /// The outputs in item order, of a Map that is done.
    var results: [JSONValue] { outputs.map { $0?.value ?? .null } }

    /// The strands that run, in item order.
    var runningInOrder: [(index: Int, frame: FrameID)] {
        running.sorted { $0.key < $1.key }.map { (index: $0.key, frame: $0.value) }
    }

    mutating func start(_ frame: FrameID) {
        running[next] = frame
        next += 1
    }

    mutating func finish(_ index: Int, _ output: Payload) {
        running[index] = nil
        // An index of a damaged event may be beyond the items.
        if outputs.indices.contains(index) { outputs[index] = output }
    }
}
