// Records survive being written and read.

import JSON
import Core
import States
import Testing

@Suite("Coding of records")
struct RecordCodingTests {
    static let kinds: [RecordKind] = [
        .executionRedriven(ExecutionRedriven(count: 1)),
        .executionRedriven(
            ExecutionRedriven(count: 2, deadline: Timestamp(milliseconds: 9), clientToken: "token")),
        .taskScheduled(
            TaskScheduled(family: .activity, resource: "arn:aws:states:…:activity:a", input: .emptyObject)),
        .activityStarted(ActivityStarted(workerName: "w")), .activityStarted(ActivityStarted(workerName: nil)),
        .taskSubmitted(
            TaskSubmitted(.service(resourceType: "states", resource: "startExecution.sync"), output: .emptyObject)),
        .taskSubmitFailed(TaskSubmitFailed(.activity, Failure(error: "e", cause: nil))),
        .executionStarted(
            ExecutionStarted(
                input: Payload(stored: #"{"a": 1}"#), roleARN: "arn:aws:iam::000000000000:role/x",
                deadline: Timestamp(milliseconds: 5), seed: .max)),
        .executionSucceeded(ExecutionSucceeded(output: Payload(stored: "1"))),
        .executionFailed(ExecutionFailed(Failure(error: "E", cause: nil))),
        .executionAborted(ExecutionAborted(Failure())),
        .executionTimedOut(ExecutionTimedOut(Failure(error: "States.Timeout"))),
        .stateEntered(
            StateEntered(
                type: .wait, name: "W", input: Payload(stored: "{}"), waitUntil: Timestamp(milliseconds: 1 << 50))),
        .stateExited(StateExited(type: .map, name: "W", output: Payload(stored: "{}"), transition: .next("ü"))),
        .stateExited(StateExited(type: .task, name: "W", output: Payload(stored: "[]"), transition: .end)),
        .taskScheduled(
            TaskScheduled(
                family: .service(resourceType: "lambda", resource: "invoke"), resource: "r",
                input: Payload(stored: "{}"), timeoutSeconds: 3, heartbeatSeconds: 2, credentialsRoleARN: "role",
                deadline: Timestamp(milliseconds: -1))),
        .taskStarted(TaskStarted(.lambdaFunction)),
        .taskSucceeded(TaskSucceeded(.lambdaFunction, output: Payload(stored: "null"))),
        .taskFailed(TaskFailed(.service(resourceType: "lambda", resource: "invoke"), Failure(error: "A", cause: "B"))),
        .taskTimedOut(TaskTimedOut(.lambdaFunction, Failure(error: "States.Timeout"))),
        .stateAborted(StateAborted(.parallel)),
        .parallelStateStarted(ParallelStateStarted(branches: 3, input: Payload(stored: "{}"))),
        .parallelStateSucceeded(ParallelStateSucceeded()),
        .parallelStateFailed(ParallelStateFailed()),
        .stateExited(
            StateExited(
                type: .pass, name: "W", output: Payload(stored: "[]"), transition: .end,
                assigned: [AssignedVariable(name: "x", value: Payload(stored: "42"))])),
        .mapStateStarted(MapStateStarted(length: 2, items: Payload(stored: "[1,2]"), concurrency: 40)),
        .mapStateSucceeded(MapStateSucceeded()),
        .mapStateFailed(MapStateFailed()),
        .mapIterationStarted(MapIterationStarted(MapIteration(name: "M", index: 1), input: Payload(stored: "2"))),
        .mapIterationSucceeded(MapIterationSucceeded(MapIteration(name: "M", index: 0))),
        .mapIterationFailed(MapIterationFailed(MapIteration(name: "M", index: 7))),
        .mapIterationAborted(MapIterationAborted(MapIteration(name: "M", index: 8))),
    ]

    static let events = kinds.enumerated().map { index, kind in
        JournalRecord(
            id: index + 7, previous: index % 3, timestamp: Timestamp(milliseconds: 1_700_000_000_000 - Int64(index)),
            frame: index % 2, kind: kind,
            retry: index == 11
                ? JournalRecord.Retry(frame: 0, retrier: 1, at: Timestamp(milliseconds: 9), previous: 4) : nil)
    }

    @Test("A body reads back as the events that were written, of every kind.")
    func roundTrip() throws {
        #expect(try RecordCoding.decode(RecordCoding.encode(Self.events)) == Self.events)
    }

    @Test("A body that is cut off anywhere is refused.")
    func truncation() {
        let body = RecordCoding.encode(Self.events)
        for count in 0..<body.count {
            #expect(throws: RecordCodingError.self) { try RecordCoding.decode(Array(body.prefix(count))) }
        }
    }

    @Test("A text that occurs again costs a byte or two.")
    func sharedTexts() {
        let text = Payload(stored: "\"" + String(repeating: "x", count: 1000) + "\"")
        let once = RecordCoding.encode([event(.executionSucceeded(ExecutionSucceeded(output: text)))])
        let twice = RecordCoding.encode([
            event(.taskSucceeded(TaskSucceeded(.lambdaFunction, output: text))),
            event(.executionSucceeded(ExecutionSucceeded(output: text))),
        ])
        #expect(twice.count < once.count + 30)
    }

    @Test("Texts that only look the same stay what they were.")
    func canonicalEquivalents() throws {
        let composed = Payload(stored: "\"\u{E9}\"")
        let decomposed = Payload(stored: "\"e\u{301}\"")
        #expect(composed != decomposed)
        let events = [composed, decomposed].enumerated().map { index, output in
            JournalRecord(
                id: index + 1, previous: 0, timestamp: Timestamp(milliseconds: 0), frame: 0,
                kind: .taskSucceeded(TaskSucceeded(.lambdaFunction, output: output)))
        }
        #expect(try RecordCoding.decode(RecordCoding.encode(events)) == events)
    }

    @Test("A body whose bytes are damaged anywhere is refused or read as something, and traps nowhere.")
    func damage() {
        let body = RecordCoding.encode(Self.events)
        for index in body.indices {
            for bit in 0..<8 {
                var damaged = body
                damaged[index] ^= 1 << UInt8(bit)
                _ = try? RecordCoding.decode(damaged)
            }
        }
    }

    private func event(_ kind: RecordKind) -> JournalRecord {
        JournalRecord(id: 1, previous: 0, timestamp: Timestamp(milliseconds: 0), frame: 0, kind: kind)
    }
}
