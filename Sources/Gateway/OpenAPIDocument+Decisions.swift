// Refuses and reports the settings of an OpenAPI file that Newel does not act on.

import JSON

extension OpenAPIReader {
    private static let prefix = "x-amazon-apigateway-"

    // MARK: - Places

    mutating func checkRoot() {
        checkExtensions(document.root, OpenAPIDecision.root, [])
        if Self.asksForAuthorization(document.root["security"]) {
            error("AWS ignores security at the root of the file", hint: "Put it on the operations.", ["security"])
        }
        if let types = document.root[Self.prefix + "binary-media-types"], types.arrayValue?.isEmpty != true {
            error(
                "Binary media types are not supported yet", hint: "Take them out: every body is then text.",
                [Self.prefix + "binary-media-types"])
        }
        let key = Self.prefix + "request-validators"
        for (name, validator) in document.root[key]?.objectValue ?? [:] {
            checkMembers(validator, OpenAPIDecision.validator, [key, name])
            for (member, value) in validator.objectValue ?? [:] where value.boolValue == nil {
                error("\(member) is \(value.text)", hint: "Write true or false.", [key, name, member])
            }
        }
        let responses = Self.prefix + "gateway-responses"
        for (type, response) in document.root[responses]?.objectValue ?? [:] {
            checkMembers(response, OpenAPIDecision.gatewayResponse, [responses, type])
        }
    }

    mutating func checkPathItem(_ item: JSONValue, _ place: [String]) {
        checkExtensions(item, OpenAPIDecision.pathItem, place)
        if item["security"] != nil {
            error(
                "AWS ignores security of a path", hint: "Put it on the operations.", place + ["security"])
        }
        if item["$ref"] != nil {
            error("Paths by reference are not supported", hint: "Write the operations here.", place + ["$ref"])
        }
        let known = ["summary", "description", "servers", "parameters", "security", "$ref"]
        for (name, _) in item.objectValue ?? [:]
        where !Self.verbs.contains(name) && !known.contains(name) && !name.hasPrefix("x-") {
            error(
                "'\(name)' is no operation that a REST API has",
                hint: "get, put, post, delete, options, head, patch or x-amazon-apigateway-any-method",
                place + [name])
        }
    }

    /// Refuses what decides who may call the operation.
    mutating func checkOperation(_ verb: String, _ operation: JSONValue, _ place: [String]) {
        checkExtensions(operation, OpenAPIDecision.operation, place)
        if let security = operation["security"], Self.asksForAuthorization(security) {
            error(
                "\(verb) asks for \(described(security)), which is not enforced yet: everyone would be served",
                hint: "Take security out if the network or a proxy decides who may call.", place + ["security"])
        }
        let key = Self.prefix + "auth"
        if let auth = operation[key], auth["type"]?.stringValue?.uppercased() != "NONE" {
            error(
                "\(verb) asks for authorization (\(auth["type"]?.stringValue ?? auth.text)), which is not enforced "
                    + "yet: everyone would be served",
                hint: "Take it out if the network or a proxy decides who may call.", place + [key])
        }
    }

    mutating func checkIntegration(_ definition: JSONValue, _ kind: Integration.Kind, _ place: [String]) {
        checkMembers(definition, OpenAPIDecision.integration, place)
        checkContentHandling(definition, place)
        if let type = definition["connectionType"], type.stringValue?.uppercased() != "INTERNET" {
            error(
                "The connectionType \(type.text) is not supported", hint: "Take it out.", place + ["connectionType"])
        }
        guard kind != .mock else { return }
        if let method = definition["httpMethod"], !["POST", "ANY"].contains(method.stringValue?.uppercased()) {
            error("httpMethod is \(method.text)", hint: "Step Functions takes POST.", place + ["httpMethod"])
        }
    }

    mutating func checkResponse(_ definition: JSONValue, _ place: [String]) {
        checkMembers(definition, OpenAPIDecision.response, place)
        checkContentHandling(definition, place)
    }

    /// Reports mappings of a request: Step Functions reads no parameter but its Content-Type.
    mutating func checkRequestMapping(_ mapping: ParameterMapping, _ place: [String]) {
        guard case .header(let name) = mapping.target else {
            return warning("Step Functions reads no query and no path: the mapping has no effect", hint: "", place)
        }
        switch name.lowercased() {
        case "content-type":
            guard case .text(let type) = mapping.source.kind,
                ["application/x-amz-json-1.0", "application/x-amz-json-1.1"].contains(MediaType.bare(type))
            else {
                return error(
                    "Step Functions does not take this Content-Type", hint: "'application/x-amz-json-1.0'", place)
            }
        case let name where name.hasPrefix("x-amz-"):
            error("The header \(name) cannot be mapped", hint: "Name the action in the uri.", place)
        default:
            warning("Step Functions does not read the header \(name): the mapping has no effect", hint: "", place)
        }
    }

    /// Reports security schemes that no operation uses.
    mutating func checkSchemes(usedBy security: [JSONValue]) {
        let used = Set(security.flatMap { $0.arrayValue ?? [] }.flatMap { $0.objectValue?.map(\.key) ?? [] })
        for (place, schemes) in [
            (["components", "securitySchemes"], document.root["components"]?["securitySchemes"]),
            (["securityDefinitions"], document.root["securityDefinitions"]),
        ] {
            for (name, _) in schemes?.objectValue ?? [:] where !used.contains(name) {
                warning("No operation uses the security scheme '\(name)'", hint: "Take it out.", place + [name])
            }
        }
    }

    // MARK: - Tables

    private mutating func checkExtensions(
        _ object: JSONValue, _ table: [String: OpenAPIDecision], _ place: [String]
    ) {
        for (name, _) in object.objectValue ?? [:] where name.lowercased().hasPrefix(Self.prefix) {
            let isExact = name.hasPrefix(Self.prefix)
            act(on: name, isExact ? table[String(name.dropFirst(Self.prefix.count))] : nil, place)
        }
    }

    private mutating func checkMembers(_ object: JSONValue, _ table: [String: OpenAPIDecision], _ place: [String]) {
        for (name, _) in object.objectValue ?? [:] where !name.hasPrefix("x-") || name.hasPrefix(Self.prefix) {
            act(on: name, table[name], place)
        }
    }

    private mutating func act(on name: String, _ decision: OpenAPIDecision?, _ place: [String]) {
        switch decision {
        case .honored?: break
        case .noEffect(let reason)?: warning("\(name) has no effect: \(reason)", hint: "", place + [name])
        case .refused(let reason, let hint)?: error(reason, hint: hint, place + [name])
        case nil:
            error("\(name) is not supported at this place", hint: "Correct its name, or take it out.", place + [name])
        }
    }

    /// Without binary media types CONVERT_TO_TEXT is what is done anyway.
    private mutating func checkContentHandling(_ definition: JSONValue, _ place: [String]) {
        guard let handling = definition["contentHandling"], !handling.isNull,
            handling.stringValue?.uppercased() != "CONVERT_TO_TEXT"
        else { return }
        error(
            "contentHandling \(handling.text) is not supported yet", hint: "CONVERT_TO_TEXT, or none",
            place + ["contentHandling"])
    }

    // MARK: - Security

    /// Whether a `security` member asks for anything. An empty list, and a list of empty requirements, ask for nothing.
    private static func asksForAuthorization(_ security: JSONValue?) -> Bool {
        guard let security else { return false }
        guard let requirements = security.arrayValue else { return true }
        return requirements.contains { $0.objectValue?.isEmpty != true }
    }

    /// The schemes of a `security` member with what they are on AWS: `'pool' (cognito_user_pools)`.
    private func described(_ security: JSONValue) -> String {
        let names = security.arrayValue?.flatMap { $0.objectValue?.map(\.key) ?? [] } ?? []
        guard !names.isEmpty else { return "authorization" }
        return names.map { name in
            let scheme =
                document.root["components"]?["securitySchemes"]?[name] ?? document.root["securityDefinitions"]?[name]
            let kind = scheme?[Self.prefix + "authtype"]?.stringValue
            let isKey = scheme?["name"]?.stringValue?.lowercased() == "x-api-key" && kind == nil
            let text = kind ?? (isKey ? "API key" : scheme?["type"]?.stringValue)
            return "'\(name)'" + (text.map { " (\($0))" } ?? "")
        }.joined(separator: ", ")
    }
}
