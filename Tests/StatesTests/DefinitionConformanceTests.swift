// Definitions that AWS accepts, and those that it refuses: ours must say the same.

import Foundation
import JSON
import States
import TestSupport
import Testing

/// A definition of the shared sets.
struct RecordedDefinition: CustomTestStringConvertible, Sendable {
    let file: String
    let definition: JSONValue
    let type: MachineType

    var testDescription: String { file }

    static func files(_ folder: String) -> [String] {
        let names = FileManager.default.subpaths(atPath: Conformance.folder + "/" + folder) ?? []
        if names.isEmpty { print("NOT RUN: \(folder) of the shared conformance sets is not on this machine") }
        return names.filter { $0.hasSuffix(".json") }.sorted().map { folder + "/" + $0 }
    }

    static func json(_ file: String) -> JSONValue? {
        Conformance.bytes(file).flatMap { try? JSONValue.parse($0) }
    }

    static let realWorld: [RecordedDefinition] = files("definitions").compactMap { file in
        json(file)?["definition"].map { RecordedDefinition(file: file, definition: $0, type: .standard) }
    }

    /// Executions that ran on AWS. Placeholders stand for the ARNs of what the case makes first.
    static let executed: [RecordedDefinition] = files("stepfunctions/cases").compactMap { file in
        guard let value = json(file), value["kind"] == "execution", let definition = value["definition"] else {
            return nil
        }
        let text = definition.text
            .replacing(/\{\{s\d+\.FunctionArn\}\}/, with: "arn:aws:lambda:us-east-1:111111111111:function:f")
            .replacing(/\{\{s\d+\.activityArn\}\}/, with: "arn:aws:states:us-east-1:111111111111:activity:a")
        let type = value["type"]?.stringValue.flatMap { MachineType(rawValue: $0) } ?? .standard
        return (try? JSONValue.parse(text)).map { RecordedDefinition(file: file, definition: $0, type: type) }
    }
}

@Suite("Definitions on AWS")
struct DefinitionConformanceTests {
    @Test(
        "A definition of a public workflow has no error but what does not run yet.",
        arguments: RecordedDefinition.realWorld)
    func realWorld(_ definition: RecordedDefinition) { accept(definition) }

    @Test(
        "A definition that ran on AWS has no error but what does not run yet.", arguments: RecordedDefinition.executed)
    func executed(_ definition: RecordedDefinition) { accept(definition) }

    private func accept(_ definition: RecordedDefinition) {
        let (machine, diagnostics) = StateMachine.compile(definition.definition.text, type: definition.type)
        let errors = diagnostics.filter { $0.severity == .error }
        #expect(errors.filter { $0.code != .notSupportedYet } == [])
        #expect((machine == nil) == !errors.isEmpty)
    }

    /// What CreateStateMachine or ValidateStateMachineDefinition answered, taken from the recording.
    @Test(
        "What AWS says of a definition that it refuses, we say.",
        arguments: [
            "api/sfn_api.TestSnfApi_test_create_delete_invalid_sm",
            "credentials/credentials_base.TestCredentialsBase_test_invalid_credentials_field_INVALID_CREDENTIALS_FIELD",
            "scenarios/base_scenarios.TestBaseScenarios_test_wait_timestamp_invalid_INVALID_TIME",
            "scenarios/base_scenarios.TestBaseScenarios_test_wait_timestamp_invalid_NO_Z",
            "scenarios/base_scenarios.TestBaseScenarios_test_wait_timestamp_invalid_INVALID_DATE",
            "scenarios/base_scenarios.TestBaseScenarios_test_wait_timestamp_invalid_JSONATA",
            "scenarios/base_scenarios.TestBaseScenarios_test_wait_timestamp_invalid_INVALID_ISO",
            "express/sfn_api_express.TestSfnApiExpress_test_illegal_callbacks_SYNC",
            "express/sfn_api_express.TestSfnApiExpress_test_illegal_callbacks_WAIT_FOR_TASK_TOKEN",
            "test-state/test_state_machine_scenarios.TestStateMachineScenarios_test_state_name_invalid_state_definition",
            "service-integrations/dynamodb_task_service.TestTaskServiceDynamoDB_test_invalid_integration",
        ])
    func refused(_ name: String) throws {
        guard let recorded = RecordedDefinition.json("stepfunctions/cases/\(name).json") else { return }
        let type = try #require(MachineType(rawValue: recorded["type"]?.stringValue ?? ""))
        let (machine, diagnostics) = StateMachine.compile(try #require(recorded["definition"]).text, type: type)
        #expect(machine == nil)
        let message = diagnostics.filter { $0.severity == .error }.invalidDefinitionMessage
        let expected = recorded["checks"]?.text.replacing("<partition>", with: "aws") ?? ""
        #expect(expected.contains(message), "\(message)")
    }

    @Test(
        "ValidateStateMachineDefinition's diagnostics are ours.",
        arguments: RecordedDefinition.files("stepfunctions/cases/api-validate-definition"))
    func validated(_ file: String) throws {
        let recorded = try #require(RecordedDefinition.json(file))
        let parameters = try #require(recorded["steps"]?[0]?["params"])
        let type = try #require(MachineType(rawValue: parameters["type"]?.stringValue ?? ""))
        let (_, diagnostics) = StateMachine.compile(try #require(parameters["definition"]?.stringValue), type: type)
        let shown = diagnostics.filter { $0.code != .notSupportedYet }.map { diagnostic in
            var value: JSONObject = [
                "code": .string(diagnostic.code.rawValue), "message": .string(diagnostic.message),
                "severity": .string(diagnostic.severity.rawValue),
            ]
            if let location = diagnostic.location { value["location"] = .string(location) }
            return JSONValue.object(value)
        }
        #expect(.array(shown) == recorded["checks"]?[0]?["expect"]?["diagnostics"])
    }
}
