// `arn:aws:states:::aws-sdk:sfn:…`: operations of this server's own API (integrations.md §3, §5).

import Core
import JSON

struct StepFunctionsCall: ServiceIntegration {
    func request(_ call: IntegrationCall) throws(Failure) -> OutboundRequest {
        guard case .integration(let key, _) = call.target else { throw call.rejected("[No operation is named]") }
        return .api(operation: key.action.capitalizedFirst, members: call.input.value.objectValue ?? [:])
    }

    func outcome(of response: OutboundResponse, _ call: IntegrationCall) -> TaskOutcome {
        let body = response.value ?? [:]
        if response.status == 200 { return .succeeded(Payload(Self.sdk(body, under: nil))) }
        return .failed(
            call.errors.failure(
                code: response.header("x-amzn-errortype"),
                message: body["message"]?.stringValue ?? body["Message"]?.stringValue ?? "",
                status: response.status, requestID: call.requestID))
    }

    /// Members whose own members have names of the user's.
    private static let maps: Set<String> = ["assignedVariables", "variableReferences"]

    /// A value as the SDK returns it: members begin with a capital, times are ISO 8601.
    private static func sdk(_ value: JSONValue, under name: String?) -> JSONValue {
        switch value {
        case .object(let object):
            var members = JSONObject()
            for (key, member) in object {
                let isUsers = name.map { maps.contains($0) } ?? false
                members[isUsers ? key : key.capitalizedFirst] = sdk(member, under: key)
            }
            return .object(members)
        case .array(let elements): return .array(elements.map { sdk($0, under: name) })
        case .number:
            guard let name, name == "timestamp" || name.hasSuffix("Date"), let seconds = value.doubleValue,
                let milliseconds = Int64(exactly: (seconds * 1000).rounded())
            else { return value }
            return .string(Timestamp(milliseconds: milliseconds).iso8601)
        default: return value
        }
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
