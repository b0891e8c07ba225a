// Random interleavings of moves: whatever happens in whatever order, everything agrees in the end.

import JSON
import Synchronization
import Testing

@testable import RecipeMove

@Suite("Interleavings")
struct InterleavingTests {
    @Test(
        "A thousand random interleavings of four moves with repetitions and crashes keep every invariant.",
        arguments: 0..<10)
    func random(_ batch: Int) throws {
        for seed in (batch * 100 + 1)...(batch * 100 + 100) {
            let world = try ChaosWorld(seed: UInt64(seed))
            world.play()
            #expect(try world.violations() == [], "seed \(seed)")
            world.move.close()
        }
    }

    @Test("Eight threads that move the same few recipes leave rows and documents in agreement.")
    func threads() async throws {
        let folder = try Folder()
        let move = try RecipeMove(configuration: folder.configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    let chance = Chance(seed: UInt64(worker))
                    for round in 0..<20 { try Self.moveOnce(move, chance, token: "\(worker)-\(round)") }
                }
            }
            try await group.waitForAll()
        }
        #expect(move.verify() == [])
        #expect(try move.database.with { try $0.first("SELECT count(*) FROM recipe_moves") { $0.int(0) } } == 160)
    }

    private static func moveOnce(_ move: RecipeMove, _ chance: Chance, token: String) throws {
        let input: JSONValue = ["id": .int(1 + chance.next(3)), "user_id": .int(1 + chance.next(5))]
        let update = try move.call("update-recipe", input, execution: token)
        for (function, id, version) in ChaosWorld.indexCalls {
            let name = function == "index-recipe" ? "id" : "user_id"
            _ = try move.call(function, [name: update[id] ?? .null, "version": update[version] ?? .null])
        }
    }
}

/// Four moves whose steps run in random order, some twice, some cut off, some inside one another.
private final class ChaosWorld: Sendable {
    static let indexCalls = [
        ("index-recipe", "id", "version"), ("index-user", "previous_user_id", "previous_user_version"),
        ("index-user", "new_user_id", "new_user_version"),
    ]

    private struct Crash: Error {}

    private struct Execution {
        var input: JSONValue
        var update: JSONValue?
        var indexed: Set<Int> = []
        var finished: Bool { update != nil && indexed.count == 3 }
    }

    let move: RecipeMove
    private let chance: Chance
    private let executions: Mutex<[Execution]>
    private let complaints = Mutex<[String]>([])
    /// What the probe does; set when the world stands.
    private let interrupt: Interrupt

    private final class Interrupt: Sendable {
        let body = Mutex<(@Sendable (Probe) throws -> Void)?>(nil)
        let depth = Mutex(0)
    }

    init(seed: UInt64) throws {
        let chance = Chance(seed: seed)
        let interrupt = Interrupt()
        self.chance = chance
        self.interrupt = interrupt
        executions = Mutex(
            (0..<4).map { _ in
                Execution(input: ["id": .int(1 + chance.next(2)), "user_id": .int(1 + chance.next(4))])
            })
        var configuration = RecipeMoveConfiguration.inMemory
        configuration.probe = { probe in try interrupt.body.withLock { $0 }?(probe) }
        move = try RecipeMove(configuration: configuration)
    }

    func play() {
        interrupt.body.withLock { $0 = { [unowned self] in try self.probe($0) } }
        for _ in 0..<30 { step() }
        interrupt.body.withLock { $0 = nil }
        while executions.withLock({ !$0.allSatisfy(\.finished) }) { step() }
    }

    /// Cuts a step off, or lets another step run in the middle of it.
    private func probe(_ probe: Probe) throws {
        if chance.next(6) == 0 { throw Crash() }
        // Inside the transaction nobody else can run: the write lock is held.
        guard probe != .beforeCommit, chance.next(3) == 0, interrupt.depth.withLock({ $0 }) < 3 else { return }
        interrupt.depth.withLock { $0 += 1 }
        step()
        interrupt.depth.withLock { $0 -= 1 }
    }

    private func step() {
        let number = chance.next(4)
        let execution = executions.withLock { $0[number] }
        do {
            guard let update = execution.update, chance.next(5) > 0 else {
                return try runUpdate(number, execution)
            }
            let which = chance.next(3)
            let (function, id, version) = Self.indexCalls[which]
            let name = function == "index-recipe" ? "id" : "user_id"
            _ = try move.call(function, [name: update[id] ?? .null, "version": update[version] ?? .null])
            executions.withLock { _ = $0[number].indexed.insert(which) }
        } catch is Crash {
        } catch {
            complaints.withLock { $0.append("\(error)") }
        }
    }

    private func runUpdate(_ number: Int, _ execution: Execution) throws {
        let answer = try move.call("update-recipe", execution.input, execution: "\(number)")
        if let before = execution.update, before != answer {
            complaints.withLock { $0.append("\(number) answered \(before), then \(answer)") }
        }
        executions.withLock { $0[number].update = answer }
    }

    func violations() throws -> [String] {
        complaints.withLock { $0 } + move.verify() + (try brokenChains())
    }

    /// Every move starts from the owner that the one before left, and the last one's owner has the recipe.
    private func brokenChains() throws -> [String] {
        try move.database.with { connection in
            try [Int64(1), 2].compactMap { recipe in
                var owner: Int64 = 1
                var broken = false
                for (from, to) in try connection.query(
                    "SELECT from_user, to_user FROM recipe_moves WHERE recipe_id = ? AND moved ORDER BY recipe_version",
                    .int(recipe), map: { ($0.int(0), $0.int(1)) })
                {
                    broken = broken || from != owner
                    owner = to
                }
                let row = try connection.first("SELECT user_id FROM recipes WHERE id = ?", .int(recipe)) { $0.int(0) }
                return broken || row != owner ? "recipe \(recipe): owner \(row ?? 0), moves end at \(owner)" : nil
            }
        }
    }
}
