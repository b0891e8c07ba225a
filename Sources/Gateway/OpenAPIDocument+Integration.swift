// Reading integrations: uri, credentials, templates, mappings, responses.

import Core
import Expressions
import JSON

extension OpenAPIReader {
    mutating func integration(_ definition: JSONValue, _ place: [String]) -> Integration? {
        guard let kind = kind(definition, place) else { return nil }
        checkIntegration(definition, kind, place)
        let credentials = definition["credentials"]?.stringValue
        if kind != .mock { checkCredentials(credentials, place) }
        var passthrough = Integration.PassthroughBehavior.whenNoMatch
        if let text = definition["passthroughBehavior"]?.stringValue {
            if let known = Integration.PassthroughBehavior(rawValue: text.lowercased()) {
                passthrough = known
            } else {
                error(
                    "There is no passthroughBehavior '\(text)'", hint: "when_no_match, when_no_templates or never",
                    place + ["passthroughBehavior"])
            }
        }
        let templates = templates(definition["requestTemplates"], place + ["requestTemplates"])
        if passthrough == .whenNoMatch, kind != .mock {
            warning(
                "passthroughBehavior is when_no_match: a body of another content type goes to the action as it is",
                hint: "Set it to when_no_templates or never; the client then gets 415.", place)
        }
        return Integration(
            kind: kind, credentials: credentials, requestTemplates: templates, passthrough: passthrough,
            requestParameters: mappings(
                definition["requestParameters"], "integration.request.", place + ["requestParameters"]),
            responses: responses(definition["responses"], place + ["responses"]),
            timeoutMilliseconds: timeout(definition, place))
    }

    private mutating func kind(_ definition: JSONValue, _ place: [String]) -> Integration.Kind? {
        let type = definition["type"]?.stringValue?.lowercased() ?? ""
        switch type {
        case "mock": return .mock
        case "aws":
            let uri = definition["uri"]?.stringValue ?? ""
            // arn:PARTITION:apigateway:REGION:states:action/ACTION
            let parts = uri.fields(by: ":", most: 6)
            guard parts.count == 6, parts[0] == "arn", parts[2] == "apigateway", parts[4] == "states",
                parts[5].hasPrefix("action/"), parts[5].count > 7
            else {
                error(
                    "The uri '\(uri)' is none that the gateway can call",
                    hint: "arn:aws:apigateway:REGION:states:action/StartExecution", place + ["uri"])
                return nil
            }
            return .states(action: String(parts[5].dropFirst(7)))
        default:
            error(
                "Integrations of type '\(type)' are not supported yet",
                hint: "Use aws with a states:action uri, or mock.",
                place + ["type"])
            return nil
        }
    }

    private mutating func checkCredentials(_ credentials: String?, _ place: [String]) {
        guard let credentials else {
            error(
                "The integration has no credentials",
                hint: "Name the role to assume: credentials: arn:aws:iam::…:role/…",
                place)
            return
        }
        if credentials.hasSuffix(":user/*") {
            error(
                "Calling with the caller's own credentials is not supported yet", hint: "Name a role.",
                place + ["credentials"])
        }
    }

    private mutating func timeout(_ definition: JSONValue, _ place: [String]) -> Int {
        guard let value = definition["timeoutInMillis"] else { return 29_000 }
        guard let timeout = value.intValue, (50...29_000).contains(timeout) else {
            error("timeoutInMillis is \(value.text)", hint: "Give it from 50 to 29000.", place + ["timeoutInMillis"])
            return 29_000
        }
        return timeout
    }

    private mutating func templates(_ definition: JSONValue?, _ place: [String]) -> TemplateSet {
        var set = TemplateSet()
        for (type, text) in definition?.objectValue ?? [:] {
            set.entries.append((type, template(text, place + [type])))
        }
        return set
    }

    /// `nil` for an empty template, and for one that is none, which is reported.
    private mutating func template(_ value: JSONValue, _ place: [String]) -> Template? {
        let text = value.stringValue ?? (value.isNull ? "" : value.text)
        if text.isEmpty { return nil }
        let start = document.place(place)
        // A block's text begins below its `|`; another's on its own line.
        let firstLine = (start?.line ?? 1) + (start?.isBlock == true ? 0 : -1)
        do throws(TemplateError) {
            let template = try Template.parse(text)
            for finding in template.lint() {
                report(
                    .warning, finding.message, finding.hint, place, line: firstLine + finding.line,
                    column: finding.column)
            }
            return template
        } catch {
            report(.error, error.message, error.hint, place, line: firstLine + error.line, column: error.column)
            return nil
        }
    }

    private mutating func mappings(_ definition: JSONValue?, _ prefix: String, _ place: [String]) -> [ParameterMapping]
    {
        var mappings: [ParameterMapping] = []
        for (name, value) in definition?.objectValue ?? [:] {
            guard let source = value.stringValue.flatMap({ MappingSource($0) }),
                let target = Self.target(name, prefix)
            else {
                error(
                    "'\(name): \(value.text)' is no parameter mapping",
                    hint: "\(prefix)header.NAME: method.request.path.NAME, context.NAME or 'text'", place + [name])
                continue
            }
            let mapping = ParameterMapping(target: target, source: source)
            if prefix == "integration.request." {
                if case .header(let header) = target, ParameterMapping.reservedHeaders.contains(header.lowercased()) {
                    error("The header \(header) cannot be mapped", hint: "Take the mapping out.", place + [name])
                } else {
                    checkRequestMapping(mapping, place + [name])
                }
            }
            mappings.append(mapping)
        }
        return mappings
    }

    private static func target(_ name: String, _ prefix: String) -> ParameterMapping.Target? {
        guard name.hasPrefix(prefix) else { return nil }
        let parts = name.dropFirst(prefix.count).split(separator: ".", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        switch (parts[0], prefix) {
        case ("header", _): return .header(String(parts[1]))
        case ("querystring", "integration.request."): return .querystring(String(parts[1]))
        case ("path", "integration.request."): return .path(String(parts[1]))
        default: return nil
        }
    }

    private mutating func responses(_ definition: JSONValue?, _ place: [String]) -> [IntegrationResponse] {
        var responses: [IntegrationResponse] = []
        for (pattern, value) in definition?.objectValue ?? [:] {
            let here = place + [pattern]
            checkResponse(value, here)
            let status = value["statusCode"].flatMap { $0.intValue ?? $0.stringValue.flatMap { Int($0) } }
            guard let status, (100...599).contains(status) else {
                error("The response '\(pattern)' has no statusCode", hint: "Give it one from 100 to 599.", here)
                continue
            }
            var regex: JavaRegex?
            if pattern != "default", !pattern.isEmpty {
                regex = JavaRegex(pattern)
                if regex == nil { error("'\(pattern)' is no regular expression", hint: "200, 4\\d{2}, default", here) }
            }
            responses.append(
                IntegrationResponse(
                    pattern: regex, status: status,
                    parameters: mappings(
                        value["responseParameters"], "method.response.", here + ["responseParameters"]),
                    templates: templates(value["responseTemplates"], here + ["responseTemplates"])))
        }
        if responses.isEmpty {
            warning(
                "The integration has no responses: every call is answered with 500",
                hint: "Add `default: {statusCode: 200}`.",
                place)
        }
        return responses
    }
}
