// An integration (`x-amazon-apigateway-integration`): what a method calls and how its answer becomes the response.

import Expressions
import JSON

/// What a method of the API does with a request.
package struct Integration: Sendable {
    package enum Kind: Sendable, Equatable {
        /// An action of Step Functions; the uri's last part, which may have stage variables.
        case states(action: String)
        /// Answers by itself from what the request template renders.
        case mock
    }

    /// What happens to a body for whose type there is no template.
    package enum PassthroughBehavior: String, Sendable {
        case whenNoMatch = "when_no_match"
        case whenNoTemplates = "when_no_templates"
        case never
    }

    var kind: Kind
    /// The role's ARN, which may have stage variables.
    package var credentials: String?
    var requestTemplates: TemplateSet
    var passthrough: PassthroughBehavior
    var requestParameters: [ParameterMapping]
    var responses: [IntegrationResponse]
    /// 50 to 29,000.
    var timeoutMilliseconds: Int
}

/// Templates by media type, in the order of the definition.
struct TemplateSet: Sendable {
    /// A template without text passes the body on as it is.
    var entries: [(type: String, template: Template?)] = []

    var isEmpty: Bool { entries.isEmpty }

    /// The template of a media type, `$default` for those that have none.
    func template(for type: String) -> (type: String, template: Template?)? {
        entries.first { $0.type.lowercased() == type } ?? entries.first { $0.type == "$default" }
    }

    /// What becomes of a request's body.
    enum Choice {
        case render(Template)
        case pass
        case refuse
    }

    /// gateway.md §3. A request without Content-Type counts as JSON; parameters after a `;` are ignored.
    func choice(contentType: String?, _ passthrough: Integration.PassthroughBehavior) -> Choice {
        if let entry = template(for: MediaType.bare(contentType ?? "application/json")) {
            return entry.template.map(Choice.render) ?? .pass
        }
        switch passthrough {
        case .whenNoMatch: return .pass
        case .whenNoTemplates: return isEmpty ? .pass : .refuse
        case .never: return .refuse
        }
    }

    /// For a response: by the first type that the client accepts, else JSON, else the first.
    func choice(accept: String?) -> (type: String, template: Template?)? {
        let wanted = accept.map { MediaType.bare($0.prefix { $0 != "," }) }
        if let wanted, let entry = entries.first(where: { $0.type.lowercased() == wanted }) { return entry }
        return entries.first { $0.type.lowercased() == "application/json" } ?? entries.first
    }
}

enum MediaType {
    /// Without parameters, in lower case: `application/json; charset=utf-8` is `application/json`.
    static func bare(_ text: some StringProtocol) -> String {
        let bare = text.prefix { $0 != ";" }
        return bare.split(whereSeparator: \.isWhitespace).joined().lowercased()
    }
}

/// One of an integration's responses.
struct IntegrationResponse: Sendable {
    /// A Java regular expression for the whole of the answer's status; `nil` for the default.
    var pattern: JavaRegex?
    var status: Int
    var parameters: [ParameterMapping]
    var templates: TemplateSet
}

extension [IntegrationResponse] {
    /// The first whose pattern matches, else the default.
    func selected(for value: String) -> IntegrationResponse? {
        first { $0.pattern?.matchesWhole(value) == true } ?? first { $0.pattern == nil }
    }
}

/// A verb of a path: its integration and what is asked of its requests.
package struct GatewayMethod: Sendable {
    package var verb: String
    package var path: RoutePath
    package var integration: Integration
    var validator = RequestValidator()
    /// The statuses that the method declares; none declared, none checked.
    var statuses: Set<Int> = []
}
