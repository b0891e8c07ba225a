// What the gateway makes of bodies: request templates, response templates, overrides, mock answers.

import Expressions
import JSON

extension GatewayHandler {
    /// The body for the integration: rendered, or passed on as it came.
    func requestBody(_ integration: Integration, _ exchange: inout Exchange) throws(GatewayFailure) -> [UInt8] {
        let contentType = exchange.parameters.header(anyCase: "Content-Type")
        // Mappings are evaluated though an action has no use for most: a body that is no JSON fails here, as on AWS.
        for mapping in integration.requestParameters { _ = try mapping.source.values(exchange) }
        switch integration.requestTemplates.choice(contentType: contentType, integration.passthrough) {
        case .pass: return exchange.request.body
        case .refuse:
            throw GatewayFailure(
                .unsupportedMediaType,
                reason: "No request template for content type \(contentType ?? "application/json"): send "
                    + "Content-Type: \(integration.requestTemplates.entries.first?.type ?? "application/json")")
        case .render(let template):
            guard let body = String(validating: exchange.request.body, as: UTF8.self) else {
                throw .configuration("Unable to transform request: the body is not UTF-8")
            }
            let output = try render(template, body, &exchange, "request")
            return output.bytes
        }
    }

    private func render(
        _ template: Template, _ body: String, _ exchange: inout Exchange, _ what: String
    ) throws(GatewayFailure) -> TemplateOutput {
        let scope = TemplateScope(
            body: body, path: exchange.parameters.path, querystring: exchange.parameters.singleQuery,
            header: exchange.parameters.templateHeaders, context: exchange.context, stageVariables: stage.variables)
        do throws(TemplateError) {
            let output = try template.render(scope)
            exchange.context["requestOverride"] = .object(output.requestOverride)
            exchange.context["responseOverride"] = .object(output.responseOverride)
            return output
        } catch {
            throw .configuration("Unable to transform \(what): \(error)")
        }
    }

    /// A mock's answer: the status that its request template renders, and no body.
    static func mockAnswer(_ body: [UInt8]) throws(GatewayFailure) -> ActionAnswer {
        guard let status = mockStatus(body) else {
            throw .configuration(
                "Unable to parse statusCode. It should be an integer that is defined in the request template.")
        }
        return ActionAnswer(status: status, body: [])
    }

    /// `{"statusCode": 200}`, and `{statusCode: 200}` as AWS's own tools write it.
    private static func mockStatus(_ body: [UInt8]) -> Int? {
        if let json = try? JSONValue.parse(body) { return json["statusCode"]?.intValue }
        let text = String(decoding: body, as: UTF8.self)
        let parts = text.split(whereSeparator: { "{}:, \t\r\n".contains($0) })
        guard let place = parts.firstIndex(of: "statusCode"), place + 1 < parts.count else { return nil }
        return Int(parts[place + 1])
    }

    // MARK: - Response

    /// Chooses the integration response and makes the client's of it.
    func response(_ method: GatewayMethod, _ exchange: inout Exchange) throws(GatewayFailure) -> MethodResponse {
        guard let answer = exchange.answer else { throw .configuration("No answer") }
        guard let chosen = method.integration.responses.selected(for: String(answer.status)) else {
            throw .configuration("No match for output mapping and no default output mapping configured")
        }
        guard method.statuses.isEmpty || method.statuses.contains(chosen.status) else {
            throw .configuration("Output mapping refers to an invalid method response: \(chosen.status)")
        }
        var response = MethodResponse(status: chosen.status, body: answer.body)
        response.set("Content-Type", "application/json")
        let accept = exchange.parameters.header(anyCase: "Accept")
        if let entry = chosen.templates.choice(accept: accept), let template = entry.template {
            let body = String(decoding: answer.body, as: UTF8.self)
            response.body = try render(template, body, &exchange, "response").bytes
            if entry.type != "$default" { response.set("Content-Type", entry.type) }
        }
        for mapping in chosen.parameters {
            guard case .header(let name) = mapping.target else { continue }
            let values = try mapping.source.values(exchange)
            if !values.isEmpty { response.set(name, values.joined(separator: ",")) }
        }
        override(&response, exchange)
        services.log.info(
            exchange.requestID,
            "Method response body after transformations: \(exchange.redaction.body(response.body))")
        services.log.info(
            exchange.requestID,
            "Method response headers: "
                + exchange.redaction.headers(
                    Dictionary(response.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })))
        return response
    }

    /// `$context.responseOverride`: headers, and a status from 100 to 599. What else it holds counts for nothing.
    private func override(_ response: inout MethodResponse, _ exchange: Exchange) {
        guard let override = exchange.context["responseOverride"] else { return }
        for (name, value) in override["header"]?.objectValue ?? [:] {
            response.set(name, value.stringValue ?? value.text)
        }
        let status = override["status"].flatMap { $0.intValue ?? $0.stringValue.flatMap { Int($0) } }
        if let status, (100...599).contains(status) { response.status = status }
    }
}
