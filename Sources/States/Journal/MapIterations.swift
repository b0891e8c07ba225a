// Where a Map state stands: its items, what has been started, what has come out (language.md §4, Map).

import Core
package import JSON

/// The iterations of one visit to a Map state. Kept beside the frames and changed in place, so that an iteration's end
/// costs the same however many items there are.
package struct MapIterations: Sendable {
    package let items: [JSONValue]
    /// How many iterations run at once.
    let concurrency: Int
    /// Index of the next item to be started.
    private(set) var next = 0
    /// The frames that run, by the index of their item.
    private(set) var running: [Int: FrameID] = [:]
    /// The outputs, by index; `nil` until the iteration has succeeded.
    private var outputs: [Output?]
    /// Bytes of all outputs.
    private(set) var outputBytes = 0
    /// Bytes of the outputs that are in memory.
    private(set) var heldBytes = 0
    private var storedCount = 0

    private enum Output: Sendable {
        case held(Payload)
        /// In the history, in the StateExited event with this id.
        case stored(event: Int)
    }

    init(_ started: MapStateStarted) {
        items = started.items.value.arrayValue ?? []
        concurrency = max(started.concurrency, 1)
        outputs = Array(repeating: nil, count: items.count)
    }

    /// Whether another item may be started now. Where the frames of the execution hold much, each Map runs one
    /// iteration at a time.
    func canStart(frameBytes: Int) -> Bool {
        next < items.count && running.count < concurrency
            && (running.isEmpty || frameBytes < Limits.Language.crowdedFrameBytes)
    }

    /// Whether every iteration has succeeded.
    var isDone: Bool { next == items.count && running.isEmpty }

    /// The outputs in item order, of a Map that is done; `nil` as long as some are not in memory.
    var results: [JSONValue]? {
        guard storedCount == 0 else { return nil }
        return outputs.map { if case .held(let output)? = $0 { output.value } else { .null } }
    }

    /// The StateExited events of a Map that is done whose outputs are not in memory.
    var storedOutputs: [Int] {
        guard isDone, storedCount > 0 else { return [] }
        return outputs.compactMap { if case .stored(let event)? = $0 { event } else { nil } }
    }

    mutating func supply(_ found: [Int: Payload]) {
        guard isDone, storedCount > 0 else { return }
        for index in outputs.indices {
            guard case .stored(let event)? = outputs[index], let output = found[event] else { continue }
            outputs[index] = .held(output)
            storedCount -= 1
        }
    }

    /// The frames that run, in item order.
    var runningInOrder: [(index: Int, frame: FrameID)] {
        running.sorted { $0.key < $1.key }.map { (index: $0.key, frame: $0.value) }
    }

    mutating func start(_ frame: FrameID) {
        running[next] = frame
        next += 1
    }

    mutating func finish(_ index: Int, _ output: Payload, exitEvent: Int, holdsAll: Bool) {
        running[index] = nil
        outputBytes += output.size
        // An index of a damaged event may be beyond the items.
        guard outputs.indices.contains(index) else { return }
        if holdsAll || heldBytes + output.size <= Limits.Language.maximumHeldOutputBytes {
            heldBytes += output.size
            outputs[index] = .held(output)
        } else {
            outputs[index] = .stored(event: exitEvent)
            storedCount += 1
        }
    }
}
