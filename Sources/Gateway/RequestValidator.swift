// Request validators: required parameters, and the body against its model.

import Core
import Expressions
import JSON

/// What is checked of a method's requests before anything else is done with them.
struct RequestValidator: Sendable {
    var checksParameters = false
    var checksBody = false
    var requiredHeaders: [String] = []
    var requiredPath: [String] = []
    var requiredQuery: [String] = []
    /// Models by media type.
    var models: [(type: String, schema: JSONSchema)] = []

    func check(_ request: MethodRequest, _ parameters: RequestParameters) throws(GatewayFailure) {
        if checksParameters { try checkParameters(parameters) }
        if checksBody { try checkBody(request, parameters) }
    }

    /// Recorded on AWS: `Missing required request parameters: [x-header-param, issuer, qs1]`, headers, path and query
    /// string in this order, each group sorted.
    private func checkParameters(_ parameters: RequestParameters) throws(GatewayFailure) {
        let missing =
            requiredHeaders.filter { (parameters.header(anyCase: $0) ?? "").isEmpty }.sorted()
            + requiredPath.filter { (parameters.path[$0] ?? "").isEmpty }.sorted()
            + requiredQuery.filter { (parameters.query[$0]?.last ?? "").isEmpty }.sorted()
        guard missing.isEmpty else {
            throw GatewayFailure(
                .badRequestParameters,
                message: "Missing required request parameters: [\(missing.joined(separator: ", "))]")
        }
    }

    /// A type without a model is not checked; an empty body is checked as `{}`.
    private func checkBody(_ request: MethodRequest, _ parameters: RequestParameters) throws(GatewayFailure) {
        let type = MediaType.bare(parameters.header(anyCase: "Content-Type") ?? "application/json")
        guard let model = models.first(where: { $0.type == type }) ?? models.first(where: { $0.type == "$default" })
        else { return }
        var body = JSONValue.object([:])
        if !request.body.isEmpty {
            do throws(JSONError) {
                body = try JSONValue.parse(request.body, limits: JSONLimits(depth: Limits.Gateway.maximumBodyDepth))
            } catch {
                throw GatewayFailure(.badRequestBody, validation: "[Body is not JSON: \(error)]")
            }
        }
        let faults = model.schema.faults(of: body)
        guard faults.isEmpty else {
            throw GatewayFailure(.badRequestBody, validation: "[\(faults.joined(separator: ", "))]")
        }
    }
}
