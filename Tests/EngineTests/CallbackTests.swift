// `arn:aws:states:::lambda:invoke.waitForTaskToken` from the definition to its end, over a real store.

import Core
import Dispatch
import Engine
import EngineSupport
import Functions
import HTTPSupport
import JSON
import States
import Testing

@Suite("Lambda with a task token")
struct CallbackTests {
    /// Where the function runs.
    enum Place: CaseIterable {
        case inProcess
        case mappedEndpoint
        case defaultEndpoint
    }

    static let name = "ask"
    static let fieldsOfLanguages = [
        #""Parameters":{"FunctionName":"ask","Payload":{"t.$":"$$.Task.Token","in.$":"$.n"}}"#,
        #""QueryLanguage":"JSONata","Arguments":{"FunctionName":"ask","Payload":"#
            + #"{"t":"{% $states.context.Task.Token %}","in":"{% $states.input.n %}"}}"#,
    ]

    static func definition(_ fields: String, _ more: String = "") -> String {
        #"{"StartAt":"S","States":{"S":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","#
            + fields + more + #","End":true}}}"#
    }

    /// A function that keeps what it was called with, wherever it runs.
    final class Asked: Sendable {
        private let arrivals: AsyncStream<JSONValue>
        private let arrived: AsyncStream<JSONValue>.Continuation
        private let reply: @Sendable (JSONValue) throws(FunctionError) -> JSONValue

        init(reply: @escaping @Sendable (JSONValue) throws(FunctionError) -> JSONValue = { _ in "ignored" }) {
            (arrivals, arrived) = AsyncStream.makeStream()
            self.reply = reply
        }

        func call(_ payload: JSONValue) throws(FunctionError) -> JSONValue {
            arrived.yield(payload)
            return try reply(payload)
        }

        /// Waits for the next call and returns its payload.
        func next() async throws -> JSONValue {
            let arrivals = self.arrivals
            return try await withThrowingTaskGroup(of: JSONValue?.self) { group in
                group.addTask { await arrivals.first { _ in true } }
                group.addTask {
                    try await Task.sleep(for: .seconds(20))
                    return nil
                }
                let first = try await group.next() ?? nil
                group.cancelAll()
                return try #require(first, "The function was not called.")
            }
        }
    }

    /// An engine with that function, and the server that the function is on, if any.
    private func world(
        _ place: Place, _ asked: Asked
    ) async throws -> (EngineHarness, ScriptedServer?) {
        if place == .inProcess {
            let function = InProcessFunction(name: Self.name) { payload, _ in try asked.call(payload) }
            return (try await EngineHarness(functions: [function]), nil)
        }
        let server = try ScriptedServer { request, _ in
            guard request.uri == "/2015-03-31/functions/ask/invocations", let body = try? JSONValue.parse(request.body)
            else { return .answer(404, ["x-amzn-ErrorType": "ResourceNotFoundException"], "{}") }
            do throws(FunctionError) { return .answer(200, [:], try asked.call(body).text) } catch {
                let payload: JSONValue = ["errorType": .string(error.type), "errorMessage": .string(error.message)]
                return .answer(200, ["X-Amz-Function-Error": "Unhandled"], payload.text)
            }
        }
        var routing = FunctionsConfiguration()
        switch place {
        case .mappedEndpoint: routing.map[Self.name] = .endpoint(server.url)
        default: routing.defaultEndpoint = server.url
        }
        return (try await EngineHarness(routing: routing), server)
    }

    private func start(_ harness: EngineHarness, _ definition: String) async throws -> String {
        let machine = try await harness.create("m", definition)
        return try await harness.engine.startExecution(StartExecution(stateMachineARN: machine, input: #"{"n":7}"#)).arn
    }

    private func history(_ harness: EngineHarness, _ execution: String) async throws -> [JournalRecord] {
        try await harness.engine.executionHistory(arn: execution, from: nil, reverse: false, limit: 99).events
    }

    private func token(_ payload: JSONValue) throws -> String { try #require(payload["t"]?.stringValue) }

    /// Waits until the task's call has returned.
    private func submitted(_ harness: EngineHarness, _ execution: String) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try await !history(harness, execution).contains(where: { $0.kind.history.typeName == "TaskSubmitted" }) {
            try #require(ContinuousClock.now < deadline, "The call has not returned.")
            await harness.engine.ping()
        }
    }

    @Test(
        "The function gets the payload with the token, and what is sent with the token is the result.",
        arguments: Place.allCases, fieldsOfLanguages)
    func success(_ place: Place, _ fields: String) async throws {
        let asked = Asked()
        let (harness, server) = try await world(place, asked)
        defer { server?.stop() }
        let execution = try await start(harness, Self.definition(fields))
        let payload = try await asked.next()
        #expect(payload["in"] == 7)
        try await submitted(harness, execution)
        try await harness.engine.sendTaskHeartbeat(token: try token(payload), scope: Scope())
        try await harness.engine.sendTaskSuccess(token: try token(payload), output: #"{"yes": true}"#, scope: Scope())
        #expect(try await harness.end(of: execution).outcome == .succeeded(output: Payload(stored: #"{"yes":true}"#)))
        let events = try await history(harness, execution)
        #expect(
            events.map { "\($0.id)<\($0.previous):\($0.kind.history.typeName)" } == [
                "1<0:ExecutionStarted", "2<0:TaskStateEntered", "3<2:TaskScheduled", "4<3:TaskStarted",
                "5<4:TaskSubmitted", "6<5:TaskSucceeded", "7<6:TaskStateExited", "8<7:ExecutionSucceeded",
            ])
        guard case .taskScheduled(let scheduled) = events[2].kind,
            case .taskSubmitted(let submitted) = events[4].kind
        else {
            Issue.record("\(events)")
            return
        }
        #expect(submitted.family == .service(resourceType: "lambda", resource: "invoke.waitForTaskToken"))
        #expect(scheduled.input.value["Payload"] == payload)
        #expect(submitted.output.value["Payload"] == "ignored")
        #expect(submitted.output.value["StatusCode"] == 200)
        await harness.close()
    }

    @Test("A token that is used before the function has returned ends the task; what it returns is ignored.")
    func early() async throws {
        let answered = DispatchSemaphore(value: 0)
        let asked = Asked { _ in
            answered.wait()
            return "late"
        }
        let (harness, _) = try await world(.inProcess, asked)
        let execution = try await start(harness, Self.definition(Self.fieldsOfLanguages[0]))
        let payload = try await asked.next()
        try await harness.engine.sendTaskSuccess(token: try token(payload), output: "1", scope: Scope())
        #expect(try await harness.end(of: execution).outcome == .succeeded(output: Payload(stored: "1")))
        answered.signal()
        await harness.close()
    }

    @Test("A function that fails fails the task, and so does SendTaskFailure.", arguments: Place.allCases)
    func failures(_ place: Place) async throws {
        let asked = Asked { payload throws(FunctionError) in
            if payload["in"] == 7 { throw FunctionError(type: "Refused", message: "no") }
            return 1
        }
        let (harness, server) = try await world(place, asked)
        defer { server?.stop() }
        let definition = Self.definition(
            Self.fieldsOfLanguages[0], #","Catch":[{"ErrorEquals":["Refused"],"Next":"T"}]"#
        ).replacing(
            #","End":true}}}"#,
            with: #","Next":"T"},"T":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","#
                + #""Parameters":{"FunctionName":"ask","Payload":{"t.$":"$$.Task.Token","e.$":"$.Error"}},"End":true}}}"#
        )
        let execution = try await start(harness, definition)
        _ = try await asked.next()
        let second = try await asked.next()
        #expect(second["e"] == "Refused")
        try await submitted(harness, execution)
        try await harness.engine.sendTaskFailure(token: try token(second), error: "E", cause: "c", scope: Scope())
        #expect(try await harness.end(of: execution).outcome == .failed(Failure(error: "E", cause: "c")))
        let types = try await history(harness, execution).map(\.kind.history.typeName)
        #expect(types.filter { $0.hasPrefix("TaskSubmit") } == ["TaskSubmitFailed", "TaskSubmitted"])
        await harness.close()
    }

    @Test(
        "The clocks of TimeoutSeconds and HeartbeatSeconds run while the token is out.",
        arguments: [#","TimeoutSeconds":2"#, #","TimeoutSeconds":600,"HeartbeatSeconds":2"#])
    func clocks(_ fields: String) async throws {
        let asked = Asked()
        let (harness, _) = try await world(.inProcess, asked)
        let execution = try await start(harness, Self.definition(Self.fieldsOfLanguages[0], fields))
        let payload = try await asked.next()
        try await submitted(harness, execution)
        #expect(try await harness.end(of: execution).outcome == .failed(Failure(error: "States.Timeout")))
        #expect(try await history(harness, execution).map(\.kind.history.typeName).contains("TaskTimedOut"))
        await #expect(throws: ServiceError.self) {
            try await harness.engine.sendTaskSuccess(token: try token(payload), output: "1", scope: Scope())
        }
        await harness.close()
    }
}
