// ValidateStateMachineDefinition: the checks of CreateStateMachine as findings (validation.md).

import Engine
import JSON
import States

extension APIOperation {
    static let validateStateMachineDefinition = APIOperation("ValidateStateMachineDefinition") {
        call throws(APIFailure) in
        let type = MachineType(rawValue: call.string("type") ?? "STANDARD") ?? .standard
        let found = try await service { () async throws(ServiceError) in
            try await call.engine.validateStateMachineDefinition(call.required("definition"), type)
        }
        let isValid = !found.contains { $0.severity == .error }
        let wanted = call.string("severity") == "WARNING" ? found : found.filter { $0.severity == .error }
        let shown = wanted.prefix(call.pageSize)
        return JSONObjectWriter.body(capacity: 256 * (shown.count + 1)) { writer in
            writer.string("result", isValid ? "OK" : "FAIL")
            writer.objects("diagnostics", shown) { item, diagnostic in
                item.string("severity", diagnostic.severity.rawValue)
                item.string("code", diagnostic.code.rawValue)
                item.string("message", diagnostic.message)
                item.string("location", diagnostic.location)
            }
            writer.bool("truncated", shown.count < wanted.count)
        }
    }
}
