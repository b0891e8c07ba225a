// The crash matrix: wherever a move is cut off, it ends in the same rows and documents.

import Functions
import HTTPSupport
import JSON
import Synchronization
import Testing

@testable import RecipeMove

@Suite("Crashes")
struct CrashTests {
    enum Step: String, CaseIterable {
        case update
        case recipe
        case previous
        case new
    }

    enum Action {
        /// Runs the step of move A or B and takes its answer.
        case run(Step, Character = "A")
        /// The process dies at this point of the step and starts again.
        case crash(Step, Probe, Character = "A")
        /// The step is done, but the process dies before its answer is written down.
        case lose(Step, Character = "A")
        /// The step fails with this error, and the state machine may try again later.
        case fail(Step, String)
        case restart
        case sweep
    }

    static let matrix: [(String, [Action])] = [
        ("no crash", []),
        ("(a) before the commit", [.crash(.update, .beforeCommit), .crash(.update, .beforeCommit)]),
        ("(b) after the commit, before the response", [.crash(.update, .afterCommit)]),
        ("(c) after the response, before the history", [.lose(.update), .lose(.update)]),
        ("(d) one of three indexed", [.run(.update), .run(.previous), .restart]),
        ("(d) two of three indexed", [.run(.update), .run(.new), .run(.recipe), .restart]),
        ("(d) index read, not written", [.run(.update), .crash(.recipe, .afterRead), .crash(.new, .afterRead)]),
        ("(d) index written, outbox not", [.run(.update), .crash(.previous, .afterWrite)]),
        ("(d) index and outbox done, answer lost", [.run(.update), .crash(.recipe, .afterOutbox), .lose(.new)]),
        ("the sweeper between all of them", [.crash(.update, .afterCommit), .sweep, .lose(.recipe), .sweep]),
        ("(f) B's move between A's and its index", [.run(.update), .run(.update, "B"), .run(.recipe, "B")]),
        ("(f) B before A, A's crash after", [.run(.update, "B"), .crash(.update, .afterCommit), .run(.new, "B")]),
        ("(f) B all done between A's steps", [.run(.update), .run(.recipe)] + Step.allCases.map { .run($0, "B") }),
    ]

    @Test("Every cut ends where an uncut move ends.", arguments: matrix)
    func crash(_ title: String, _ actions: [Action]) throws {
        let world = try World(configuration: Folder())
        for action in actions { try world.play(action) }
        let moves = try world.finish()
        #expect(world.move.verify() == [], "\(title)")
        #expect(try world.move.recipe("1")?["version"]?.intValue == 1 + moves)
        // Whoever updated last owns it; the token rows tell who that was.
        #expect(try world.chain() == [], "\(title)")
    }

    @Test("(e) A search server that is down for a while holds a move up and loses nothing.")
    func searchDown() throws {
        let documents = FakeIndex()
        let failures: [ScriptedReply] = [
            .answer(429, [:], #"{"error":{"type":"es_rejected_execution_exception","reason":"full"},"status":429}"#),
            .answer(503), .hangUp, .raw("not HTTP at all\r\n\r\n"), .answer(502, [:], "<html>bad gateway</html>"),
        ]
        let remaining = Mutex<[ScriptedReply]>([])
        let server = try ScriptedServer { request, _ in
            if request.method == "PUT", let failure = remaining.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                return failure
            }
            return documents.reply(request)
        }
        defer { server.stop() }
        let folder = try Folder()
        let world = try World(configuration: folder, server: .init(url: server.url))
        remaining.withLock { $0 = failures }
        for step in [Step.recipe, .previous, .new, .recipe, .new] { try world.play(.fail(step, "Search.Unavailable")) }
        _ = try world.finish()
        try world.move.sweepOutbox(olderThan: 0)
        #expect(world.move.verify() == [])
        world.move.close()
    }

    @Test("(g) A redrive after a permanent failure finishes the move.")
    func redrive() throws {
        let documents = FakeIndex()
        let blocked = Atomic(false)
        let server = try ScriptedServer { request, _ in
            guard request.method == "PUT", blocked.load(ordering: .relaxed) else { return documents.reply(request) }
            let error = #"{"error":{"type":"cluster_block_exception","reason":"read-only"},"status":403}"#
            return .answer(403, [:], error)
        }
        defer { server.stop() }
        let world = try World(configuration: Folder(), server: .init(url: server.url))
        blocked.store(true, ordering: .relaxed)
        try world.play(.fail(.recipe, "Search.Rejected"))
        try world.play(.restart)
        blocked.store(false, ordering: .relaxed)
        _ = try world.finish()
        try world.move.sweepOutbox(olderThan: 0)
        #expect(world.move.verify() == [])
        world.move.close()
    }

    @Test("(h) One token from eight threads at once moves once.")
    func sameTokenAtOnce() async throws {
        let folder = try Folder()
        let move = try RecipeMove(configuration: folder.configuration)
        let answers = try await withThrowingTaskGroup(of: JSONValue.self) { group in
            for _ in 0..<8 {
                group.addTask { try move.call("update-recipe", ["id": 1, "user_id": 2, "token": "key"]) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0 == answers[0] && $0["moved"] == true })
        try move.sweepOutbox(olderThan: 0)
        #expect(move.verify() == [])
        #expect(try move.recipe("1")?["version"] == 2)
    }
}

/// Two moves of recipe 1, to user 2 and to user 3, on files that outlive the process.
private final class World {
    private struct Death: Error {}

    private let folder: Folder
    private var configuration: RecipeMoveConfiguration
    private(set) var move: RecipeMove
    private let deadly = Holder()
    /// What the state machine has written down.
    private var answers: [Character: [CrashTests.Step: JSONValue]] = [:]
    private var started: Set<Character> = ["A"]

    private final class Holder: Sendable {
        let probe = Mutex<Probe?>(nil)
    }

    init(configuration folder: Folder, server: RecipeMoveConfiguration.Server? = nil) throws {
        self.folder = folder
        configuration = folder.configuration
        configuration.server = server
        configuration.wait = { _ in }
        configuration.probe = { [deadly] here in
            if deadly.probe.withLock({ $0 }) == here { throw Death() }
        }
        move = try RecipeMove(configuration: configuration)
        if server != nil { try move.sweepOutbox(olderThan: 0) }
    }

    func play(_ action: CrashTests.Action) throws {
        switch action {
        case .run(let step, let who): try run(step, who)
        case .lose(let step, let who):
            try run(step, who)
            answers[who]?[step] = nil
            try restart()
        case .crash(let step, let probe, let who):
            if step != .update { try need(.update, who) }
            deadly.probe.withLock { $0 = probe }
            #expect(throws: Death.self) { try self.run(step, who) }
            deadly.probe.withLock { $0 = nil }
            try restart()
        case .fail(let step, let type):
            try need(.update, "A")
            let error = #expect(throws: FunctionError.self) { try self.run(step, "A") }
            #expect(error?.type == type)
        case .restart: try restart()
        case .sweep: try move.sweepOutbox(olderThan: 0)
        }
    }

    /// Runs what is not written down yet; gives how many moves there were.
    func finish() throws -> Int {
        for who in started.sorted() {
            for step in CrashTests.Step.allCases { try need(step, who) }
        }
        return started.count
    }

    /// Moves whose previous owner is not the one that the move before left.
    func chain() throws -> [String] {
        try move.database.with { connection in
            var owner: Int64 = 1
            return try connection.query(
                "SELECT from_user, to_user FROM recipe_moves WHERE recipe_id = 1 AND moved ORDER BY recipe_version"
            ) { ($0.int(0), $0.int(1)) }.compactMap { from, to in
                defer { owner = to }
                return from == owner ? nil : "from \(from), owner \(owner)"
            }
        }
    }

    private func restart() throws {
        move.close()
        move = try RecipeMove(configuration: configuration)
    }

    private func need(_ step: CrashTests.Step, _ who: Character) throws {
        if answers[who]?[step] == nil { try run(step, who) }
    }

    private func run(_ step: CrashTests.Step, _ who: Character) throws {
        started.insert(who)
        if step != .update { try need(.update, who) }
        let update = answers[who]?[.update] ?? .null
        let answer =
            switch step {
            case .update:
                try move.call("update-recipe", ["id": "1", "user_id": who == "A" ? "2" : "3"], execution: "\(who)")
            case .recipe: try move.call("index-recipe", ["id": "1", "version": update["version"] ?? .null])
            case .previous:
                try move.call(
                    "index-user",
                    [
                        "user_id": update["previous_user_id"] ?? .null,
                        "version": update["previous_user_version"] ?? .null,
                    ])
            case .new:
                try move.call(
                    "index-user",
                    ["user_id": update["new_user_id"] ?? .null, "version": update["new_user_version"] ?? .null])
            }
        if let before = answers[who]?[step], step == .update { #expect(before == answer) }
        answers[who, default: [:]][step] = answer
    }
}

/// The least of a search server: documents with external_gte versions.
private final class FakeIndex: Sendable {
    private let documents = Mutex<[String: (version: Int, source: String)]>([:])

    func reply(_ request: ScriptedRequest) -> ScriptedReply {
        let parts = request.uri.split(separator: "?").map(String.init)
        return documents.withLock { documents in
            let stored = documents[parts[0]]
            if request.method == "GET" {
                guard let stored else { return .answer(404, [:], #"{"found":false}"#) }
                return .answer(
                    200, [:], #"{"found":true,"_version":\#(stored.version),"_source":\#(stored.source)}"#)
            }
            let version = parts[1].split(separator: "&")[0].split(separator: "=")[1]
            guard let number = Int(version), number >= stored?.version ?? 0 else { return .answer(409, [:], "{}") }
            documents[parts[0]] = (number, request.body)
            return .answer(stored == nil ? 201 : 200, [:], #"{"result":"updated"}"#)
        }
    }
}
