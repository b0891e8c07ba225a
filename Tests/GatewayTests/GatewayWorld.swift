// A gateway whose services are scripted.

import Foundation
import JSON
import Synchronization
import TestSupport

@testable import Gateway

/// The gateway of an OpenAPI text, and what it called and logged.
struct GatewayWorld {
    let gateway: GatewayHandler
    let record = Record()

    final class Record: Sendable {
        private let state = Mutex((calls: [ActionCall](), lines: [String](), roles: [String]()))

        var calls: [ActionCall] { state.withLock { $0.calls } }
        var lines: [String] { state.withLock { $0.lines } }
        /// The roles that were asked for, with the source's ARN.
        var roles: [String] { state.withLock { $0.roles } }

        func add(_ call: ActionCall) { state.withLock { $0.calls.append(call) } }
        func add(_ line: String) { state.withLock { $0.lines.append(line) } }
        func add(role: String) { state.withLock { $0.roles.append(role) } }
    }

    static let session = "arn:aws:sts::000000000000:assumed-role/ApiToSfn/BackplaneAssumeRoleSession"
    static let stage = GatewayStage(
        variables: JSONObject([
            ("moveRecipeArn", "arn:aws:states:us-east-1:000000000000:stateMachine:move-recipe")
        ]))

    /// `answer` is what the action gives; without `trusts` the role cannot be assumed.
    init(
        _ openAPI: String, stage: GatewayStage = GatewayWorld.stage, native: [NativeRoute] = [], trusts: Bool = true,
        level: ExecutionLog.Level = .info,
        answer: @escaping @Sendable (ActionCall) async -> ActionAnswer = { _ in
            ActionAnswer(status: 200, body: Array(#"{"executionArn":"arn","startDate":1.5}"#.utf8))
        }
    ) throws {
        let read = GatewayAPI.read(openAPI)
        guard let api = read.api else { throw GatewayFindings(findings: read.findings) }
        let record = self.record
        let services = GatewayServices(
            callAction: { call in
                record.add(call)
                return await answer(call)
            },
            assumeRole: { role, source in
                record.add(role: "\(role) for \(source)")
                return trusts
                    ? .success(Self.session) : .failure(RoleRefusal(text: "not authorized to perform: sts:AssumeRole"))
            },
            makeRequestID: { "01234567-89ab-4cde-8f01-23456789abcd" }, now: { 1_786_788_672_123 },
            log: ExecutionLog(level: level) { record.add("\($0) \($1)") })
        gateway = GatewayHandler(api: api, stage: stage, native: native, services: services)
    }

    struct GatewayFindings: Error {
        var findings: [OpenAPIFinding]
    }

    static var shipped: String {
        get throws {
            try String(
                contentsOf: Conformance.root.appendingPathComponent("config/recipes.openapi.yaml"), encoding: .utf8)
        }
    }

    func send(
        _ method: String, _ target: String, _ body: String = "", headers: [(String, String)] = [],
    ) async -> MethodResponse {
        let parts = target.split(separator: "?", maxSplits: 1)
        return await gateway.handle(
            MethodRequest(
                method: method, path: String(parts[0]), query: parts.count > 1 ? String(parts[1]) : nil,
                headers: headers.map { (name: $0.0, value: $0.1) }, body: Array(body.utf8), remoteAddress: "127.0.0.1"))
    }
}

extension MethodResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}

extension ActionCall {
    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { (try? JSONValue.parse(body)) ?? .null }
}
