// Parameter mappings: where a value comes from and which parameter it becomes.

import Core
import Expressions
import JSON

/// `method.request.path.id`, `integration.response.header.X`, `context.requestId`, `stageVariables.x`, `'text'`.
struct MappingSource: Sendable {
    enum Kind: Sendable {
        case path(String)
        case query(String)
        case multiQuery(String)
        case header(String)
        case multiHeader(String)
        case body(JSONPath?)
        case responseHeader(String)
        case responseMultiHeader(String)
        case responseBody(JSONPath?)
        case stageVariable(String)
        case context([String])
        case text(String)
    }

    var kind: Kind

    /// `nil` for what is no mapping expression.
    init?(_ text: String) {
        if text.count >= 2, text.hasPrefix("'"), text.hasSuffix("'") {
            kind = .text(String(text.dropFirst().dropLast()))
            return
        }
        guard let kind = Self.kind(text) else { return nil }
        self.kind = kind
    }

    private static func kind(_ text: String) -> Kind? {
        func rest(_ prefix: String) -> String? {
            text.hasPrefix(prefix) && text.count > prefix.count ? String(text.dropFirst(prefix.count)) : nil
        }
        if let name = rest("method.request.path.") { return .path(name) }
        if let name = rest("method.request.querystring.") { return .query(name) }
        if let name = rest("method.request.multivaluequerystring.") { return .multiQuery(name) }
        if let name = rest("method.request.header.") { return .header(name) }
        if let name = rest("method.request.multivalueheader.") { return .multiHeader(name) }
        if let name = rest("integration.response.header.") { return .responseHeader(name) }
        if let name = rest("integration.response.multivalueheader.") { return .responseMultiHeader(name) }
        if let name = rest("stageVariables.") { return .stageVariable(name) }
        if let name = rest("context.") { return .context(name.split(separator: ".").map(String.init)) }
        if text == "method.request.body" { return .body(nil) }
        if text == "integration.response.body" { return .responseBody(nil) }
        if let path = rest("method.request.body.") { return (try? JSONPath("$." + path)).map { .body($0) } }
        if let path = rest("integration.response.body.") {
            return (try? JSONPath("$." + path)).map { .responseBody($0) }
        }
        return nil
    }

    /// The values that it maps to, none where the source is missing. Throws `GatewayFailure` for a body that is no
    /// JSON.
    func values(_ exchange: Exchange) throws(GatewayFailure) -> [String] {
        func last(_ values: [String]?) -> [String] { values?.last.map { [$0] } ?? [] }
        switch kind {
        case .path(let name): return exchange.parameters.path[name].map { [$0] } ?? []
        case .query(let name): return last(exchange.parameters.query[name])
        case .multiQuery(let name): return exchange.parameters.query[name] ?? []
        case .header(let name): return last(exchange.parameters.headers[name])
        case .multiHeader(let name): return joined(exchange.parameters.headers[name])
        case .responseHeader(let name): return last(exchange.answerHeaders(name))
        case .responseMultiHeader(let name): return joined(exchange.answerHeaders(name))
        case .body(let path): return try Self.body(exchange.request.body, path)
        case .responseBody(let path): return try Self.body(exchange.answer?.body ?? [], path)
        case .stageVariable(let name): return Self.text(exchange.stage.variables[name])
        case .context(let names): return Self.text(exchange.context(at: names))
        case .text(let text): return [text]
        }
    }

    private func joined(_ values: [String]?) -> [String] { values.map { [$0.joined(separator: ",")] } ?? [] }

    private static func text(_ value: JSONValue?) -> [String] {
        switch value {
        case nil, .null?: []
        case .string(let text)?: [text]
        case let value?: [value.text]
        }
    }

    private static func body(_ body: [UInt8], _ path: JSONPath?) throws(GatewayFailure) -> [String] {
        guard let path else { return [String(decoding: body, as: UTF8.self)] }
        guard let first = body.first, "{[\"'".utf8.contains(first) else { return [] }
        guard let json = try? JSONValue.parse(body, limits: JSONLimits(depth: Limits.Gateway.maximumBodyDepth)) else {
            throw GatewayFailure(.badRequestBody, message: "Invalid JSON in request body")
        }
        var budget = EvaluationBudget(steps: Limits.Evaluation.JSONPath.maximumSteps)
        return text(try? path.evaluate(PathScope(input: json), budget: &budget))
    }
}

/// `integration.request.header.X` from a source, and the like.
struct ParameterMapping: Sendable {
    enum Target: Sendable {
        case header(String)
        case querystring(String)
        case path(String)
    }

    var target: Target
    var source: MappingSource

    /// Headers that an integration's request may not set: AWS answers 500 to such an API's requests.
    static let reservedHeaders: Set<String> = [
        "authorization", "connection", "content-length", "expect", "host", "proxy-authenticate", "te", "trailer",
        "transfer-encoding", "upgrade", "x-amzn-trace-id",
    ]
}
