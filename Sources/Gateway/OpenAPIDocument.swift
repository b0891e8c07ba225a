// From an OpenAPI file to the API that it describes.

import JSON

/// An API as the gateway serves it: what an OpenAPI 3 or Swagger 2 file with API Gateway's extensions says.
package struct GatewayAPI: Sendable {
    package var methods: [GatewayMethod]
    var responses: [String: GatewayResponse]

    /// The result of reading a file: the API, unless one of the findings is an error.
    package struct Import: Sendable {
        package var api: GatewayAPI?
        package var findings: [OpenAPIFinding]
    }

    /// Reads an OpenAPI file, YAML or JSON.
    package static func read(_ text: String) -> Import {
        do throws(YAMLDocument.Failure) {
            var reader = OpenAPIReader(document: try YAMLDocument(text))
            return reader.read()
        } catch {
            let finding = OpenAPIFinding(
                severity: .error, message: "Not YAML and not JSON: \(error.message)",
                hint: "Correct the file at that place.",
                path: [], line: error.line, column: error.column)
            return Import(api: nil, findings: [finding])
        }
    }
}

/// Goes through the document and collects what it finds.
struct OpenAPIReader {
    let document: YAMLDocument
    var findings: [OpenAPIFinding] = []

    init(document: YAMLDocument) { self.document = document }

    static let verbs = ["get", "put", "post", "delete", "options", "head", "patch"]

    mutating func read() -> GatewayAPI.Import {
        guard let paths = document.root["paths"]?.objectValue else {
            error("The document has no paths", hint: "Give it a `paths` member, as OpenAPI 3 has it.", [])
            return GatewayAPI.Import(api: nil, findings: findings)
        }
        checkRoot()
        checkSchemes(
            usedBy: paths.flatMap { $0.value.objectValue?.compactMap { $0.value["security"] } ?? [] }
                + [document.root["security"]].compactMap { $0 })
        var table = RouteTable<Int>()
        var methods: [GatewayMethod] = []
        for (text, item) in paths where !text.hasPrefix("x-") {
            guard let path = RoutePath(text) else {
                error(
                    "'\(text)' is no resource path",
                    hint: "Begin with `/`; a parameter fills its segment, {name} or {name+}.",
                    ["paths", text])
                continue
            }
            checkPathItem(item, ["paths", text])
            for (name, operation) in item.objectValue ?? [:] {
                let isAny = name == "x-amazon-apigateway-any-method"
                guard isAny || Self.verbs.contains(name) else { continue }
                let place = ["paths", text, name]
                guard let method = method(isAny ? "ANY" : name.uppercased(), path, operation, item, place) else {
                    continue
                }
                if !table.add(method.verb, path, methods.count) {
                    error("\(method.verb) \(text) is there twice", hint: "Give one of them another path.", place)
                }
                methods.append(method)
            }
        }
        let responses = gatewayResponses()
        let isServable = !findings.contains { $0.severity == .error }
        return GatewayAPI.Import(
            api: isServable ? GatewayAPI(methods: methods, responses: responses) : nil, findings: findings)
    }

    // MARK: - Operations

    private mutating func method(
        _ verb: String, _ path: RoutePath, _ operation: JSONValue, _ item: JSONValue, _ place: [String]
    ) -> GatewayMethod? {
        checkOperation("\(verb) \(path.text)", operation, place)
        guard let definition = operation["x-amazon-apigateway-integration"] else {
            error(
                "\(verb) \(path.text) has no x-amazon-apigateway-integration",
                hint: "Say what the method calls: type aws with a states:action uri, or type mock.", place)
            return nil
        }
        guard let integration = integration(definition, place + ["x-amazon-apigateway-integration"]) else { return nil }
        var method = GatewayMethod(verb: verb, path: path, integration: integration)
        method.validator = validator(operation, item, path, place)
        for (status, _) in operation["responses"]?.objectValue ?? [:] {
            if let status = Int(status) { method.statuses.insert(status) }
        }
        for response in integration.responses
        where !method.statuses.isEmpty && !method.statuses.contains(response.status) {
            warning(
                "An integration response has the status \(response.status), which the method does not declare",
                hint: "Add it to `responses`; until then the client gets 500.", place)
        }
        return method
    }

    private mutating func validator(
        _ operation: JSONValue, _ item: JSONValue, _ path: RoutePath, _ place: [String]
    ) -> RequestValidator {
        var validator = RequestValidator()
        let name =
            operation["x-amazon-apigateway-request-validator"] ?? document.root["x-amazon-apigateway-request-validator"]
        if let name, name.stringValue == nil {
            error(
                "The request validator is no text", hint: "Write its name in quotes.",
                place + ["x-amazon-apigateway-request-validator"])
        }
        if let name = name?.stringValue {
            if let definition = document.root["x-amazon-apigateway-request-validators"]?[name] {
                validator.checksBody = definition["validateRequestBody"] == true
                validator.checksParameters = definition["validateRequestParameters"] == true
            } else {
                error(
                    "There is no request validator '\(name)'",
                    hint: "Define it in x-amazon-apigateway-request-validators.",
                    place + ["x-amazon-apigateway-request-validator"])
            }
        }
        for parameter in (item["parameters"]?.arrayValue ?? []) + (operation["parameters"]?.arrayValue ?? []) {
            add(resolved(parameter), to: &validator, path, place)
        }
        let content = resolved(operation["requestBody"] ?? .null)["content"]?.objectValue ?? [:]
        for (type, media) in content {
            if let schema = media["schema"] { validator.models.append((type.lowercased(), self.schema(schema))) }
        }
        if validator.checksBody {
            for problem in validator.models.flatMap(\.schema.problems) {
                error(problem, hint: "Correct the model; requests are checked against it.", place + ["requestBody"])
            }
        }
        return validator
    }

    private mutating func add(
        _ parameter: JSONValue, to validator: inout RequestValidator, _ path: RoutePath, _ place: [String]
    ) {
        guard let name = parameter["name"]?.stringValue, let location = parameter["in"]?.stringValue else { return }
        if location == "body", let schema = parameter["schema"] {
            validator.models.append(("application/json", self.schema(schema)))
        }
        if location == "path", !path.parameters.contains(name) {
            warning(
                "The path has no {\(name)}: its parameter is always missing",
                hint: "Write {\(name)} into the path or take the parameter out.", place)
        }
        guard parameter["required"] == true else { return }
        switch location {
        case "header": validator.requiredHeaders.append(name)
        case "path": validator.requiredPath.append(name)
        case "query": validator.requiredQuery.append(name)
        default: break
        }
    }

    private var models: JSONObject {
        document.root["components"]?["schemas"]?.objectValue ?? document.root["definitions"]?.objectValue ?? [:]
    }

    private func schema(_ schema: JSONValue) -> JSONSchema { JSONSchema(schema, models: models) }

    /// The value that a `$ref` into the document names.
    private func resolved(_ value: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.stringValue, reference.hasPrefix("#/") else { return value }
        var target: JSONValue? = document.root
        for name in reference.dropFirst(2).split(separator: "/") { target = target?[String(name)] }
        return target ?? .null
    }

    // MARK: - Gateway responses

    private mutating func gatewayResponses() -> [String: GatewayResponse] {
        var responses: [String: GatewayResponse] = [:]
        let key = "x-amazon-apigateway-gateway-responses"
        let known = Set(GatewayResponseType.allCases.map(\.rawValue)).union(["DEFAULT_4XX", "DEFAULT_5XX"])
        for (type, definition) in document.root[key]?.objectValue ?? [:] {
            if !known.contains(type) {
                warning("There is no gateway response type '\(type)'", hint: "See the list of types.", [key, type])
            }
            var response = GatewayResponse()
            if let given = definition["statusCode"] {
                response.status = given.intValue ?? given.stringValue.flatMap { Int($0) }
                if response.status.map({ (100...599).contains($0) }) != true {
                    error(
                        "The statusCode is \(given.text)", hint: "Give it from 100 to 599.", [key, type, "statusCode"])
                }
            }
            for (name, source) in definition["responseParameters"]?.objectValue ?? [:] {
                guard let source = source.stringValue.flatMap({ MappingSource($0) }),
                    name.hasPrefix("gatewayresponse.header.")
                else {
                    error(
                        "'\(name)' is no mapping of a gateway response", hint: "gatewayresponse.header.NAME: 'value'",
                        [key, type])
                    continue
                }
                response.headers.append((String(name.dropFirst("gatewayresponse.header.".count)), source))
            }
            for (type, text) in definition["responseTemplates"]?.objectValue ?? [:] {
                response.templates.append((type, text.stringValue ?? text.text))
            }
            responses[type] = response
        }
        return responses
    }

    // MARK: - Findings

    mutating func error(_ message: String, hint: String, _ path: [String]) { report(.error, message, hint, path) }
    mutating func warning(_ message: String, hint: String, _ path: [String]) { report(.warning, message, hint, path) }

    mutating func report(
        _ severity: OpenAPIFinding.Severity, _ message: String, _ hint: String, _ path: [String], line: Int? = nil,
        column: Int? = nil
    ) {
        let place = document.place(path)
        findings.append(
            OpenAPIFinding(
                severity: severity, message: message, hint: hint, path: path, line: line ?? place?.line ?? 1,
                column: column ?? place?.column ?? 1))
    }
}
