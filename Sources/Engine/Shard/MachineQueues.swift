// Starts that wait, fair between machines.

/// A queue for each machine. Machines take turns, so that one that is started a thousand times a second does not delay
/// the only start of another.
struct MachineQueues {
    private var queues: [Int64: Fifo<ShardInput>] = [:]
    /// Machines with waiting starts, in the order of their turns.
    private var turns = Fifo<Int64>()
    private(set) var count = 0

    mutating func append(_ input: ShardInput, of machine: Int64) {
        if queues[machine] == nil { turns.append(machine) }
        queues[machine, default: Fifo()].append(input)
        count += 1
    }

    /// Puts starts of a machine before all its others, in their order.
    mutating func prepend(_ inputs: [ShardInput], of machine: Int64) {
        if queues[machine] == nil { turns.append(machine) }
        queues[machine, default: Fifo()].prepend(inputs)
        count += inputs.count
    }

    /// Takes out at most `limit` starts, of each machine the oldest or the newest first.
    mutating func pop(_ limit: Int, newestFirst: Bool = false, into taken: inout [ShardInput]) {
        var left = min(limit, count)
        count -= max(0, left)
        while left > 0, let machine = turns.popFirst() {
            // The only machine has all turns.
            let share = turns.count == 0 && !newestFirst ? left : 1
            let inputs =
                newestFirst ? (queues[machine]?.popLast()).map { [$0] } ?? [] : queues[machine]?.pop(share) ?? []
            taken += inputs
            left -= inputs.count
            if queues[machine]?.count == 0 { queues[machine] = nil } else { turns.append(machine) }
        }
    }
}
