// TestState: from the request to a test, and from its result to the answer (api.md §3, §5).

import Core
import Engine
import JSON
import NIOCore
import States

extension APIOperation {
    static let testState = APIOperation("TestState") { call throws(APIFailure) in
        let test: StateTest
        do throws(StateTestRefusal) { test = try call.stateTest() } catch { throw APIFailure(error) }
        let result = try await service { () async throws(ServiceError) in
            if let role = test.roleARN { try RoleARN.check(role) }
            return try await call.engine.testState(test, scope: call.scope)
        }
        let level = call.string("inspectionLevel") ?? "INFO"
        return result.body(showsInspection: level != "INFO")
    }
}

extension APICall {
    fileprivate func stateTest() throws(StateTestRefusal) -> StateTest {
        let limits = engine.configuration.limits
        let mock = object("mock")
        let (machine, state) = try StateMachine.forTest(
            required("definition"), stateName: string("stateName"), limits: limits)
        let configuration = try testConfiguration(hasMock: mock != nil)
        try MockChecks.checkType(of: state, hasMock: mock != nil)
        if mock != nil, bool("revealSecrets") == true {
            throw .validation("TestState does not support RevealSecrets when a mock is specified.")
        }
        if mock == nil, state.type == .task, string("roleArn") == nil {
            throw .validation("RoleArn must be specified when testing a Task state")
        }
        var test = StateTest(
            machine: machine, state: state, input: try testInput(), roleARN: string("roleArn"),
            variables: try testVariables(), configuration: configuration)
        if let context = string("context") {
            guard mock != nil else { throw .validation("A Context object can only be specified with a mock.") }
            test.context = try MockChecks.context(context, of: state)
        }
        if let mock { test.mock = StateTest.Mock(try outcome(of: mock, state, configuration)) }
        let others = [
            string("context"), string("variables"), object("stateConfiguration")?["mapItemReaderData"]?.stringValue,
        ]
        test.texts = ([mock?["result"]?.stringValue] + others).compactMap { $0 }
        return test
    }

    private func outcome(
        of mock: JSONObject, _ state: State, _ configuration: StateTest.Configuration
    ) throws(StateTestRefusal) -> MockOutcome {
        let error = mock["errorOutput"]?.objectValue
        let result = mock["result"]?.stringValue
        guard (error == nil) != (result == nil) else {
            throw .validation("A test mock should have only one of the following fields: [result, errorOutput].")
        }
        guard let result else {
            return .failure(Failure(error: error?["error"]?.stringValue, cause: error?["cause"]?.stringValue))
        }
        let mode = FieldValidationMode(rawValue: mock["fieldValidationMode"]?.stringValue ?? "") ?? .strict
        let value = try MockChecks.result(result, of: state, mode: mode)
        try MockChecks.checkIterationFailures(configuration.iterationFailures, result: value)
        return .result(value)
    }

    private func testConfiguration(hasMock: Bool) throws(StateTestRefusal) -> StateTest.Configuration {
        guard let given = object("stateConfiguration") else { return StateTest.Configuration() }
        let failures = given["mapIterationFailureCount"]?.intValue
        if failures != nil, !hasMock {
            throw .validation("TestState does not support MapIterationFailureCount when a mock is not specified.")
        }
        var read: JSONValue?
        if let text = given["mapItemReaderData"]?.stringValue {
            guard let value = try? JSONValue.parse(text) else {
                throw .validation("MapItemReaderData must be valid JSON")
            }
            read = value
        }
        return StateTest.Configuration(
            retryCount: given["retrierRetryCount"]?.intValue, iterationFailures: failures,
            errorCausedBy: given["errorCausedByState"]?.stringValue, itemReaderData: read)
    }

    private func testInput() throws(StateTestRefusal) -> Payload {
        guard let text = string("input") else { return .emptyObject }
        do throws(JSONError) { return Payload(text: text, value: try JSONValue.parse(text)) } catch {
            throw .invalidInput(error.message)
        }
    }

    private func testVariables() throws(StateTestRefusal) -> JSONObject {
        guard let text = string("variables") else { return [:] }
        guard let members = (try? JSONValue.parse(text))?.objectValue else {
            throw .validation("Variables must be a JSON object")
        }
        return members
    }
}

extension APIFailure {
    fileprivate init(_ refusal: StateTestRefusal) {
        switch refusal {
        case .invalidDefinition(let diagnostics): self.init(ServiceError.invalidDefinition(diagnostics))
        case .unsupportedType(let message): self.init(ServiceError(.invalidDefinition, message))
        case .invalidInput(let reason): self.init(ServiceError.invalidExecutionInput(reason))
        case .validation(let message): self = .validation(message)
        }
    }
}

extension StateTestResult {
    fileprivate func body(showsInspection: Bool) -> ByteBuffer {
        JSONObjectWriter.body(capacity: 1024) { writer in
            writer.string("output", output)
            writer.string("error", failure?.error)
            writer.string("cause", failure?.cause)
            if showsInspection { writer.object("inspectionData") { $0.inspection(inspection) } }
            writer.string("nextState", nextState)
            writer.string("status", status.rawValue)
        }
    }
}

extension JSONObjectWriter {
    fileprivate mutating func inspection(_ inspection: Inspection) {
        string("input", inspection.input)
        for value in inspection.values { string(key: value.name, value.text) }
        string("variables", inspection.variables)
        int("toleratedFailureCount", inspection.toleratedFailureCount)
        if let percentage = inspection.toleratedFailurePercentage {
            // A float, which shows also where it is whole.
            let text = JSONValue.double(percentage).text
            json("toleratedFailurePercentage", text.contains(".") ? text : text + ".0")
        }
        int("maxConcurrency", inspection.maxConcurrency)
        guard inspection.retry != nil || inspection.catchIndex != nil else { return }
        object("errorDetails") { details in
            details.int("catchIndex", inspection.catchIndex)
            details.int("retryIndex", inspection.retry?.index)
            details.int("retryBackoffIntervalSeconds", inspection.retry?.seconds)
        }
    }
}
