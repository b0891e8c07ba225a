// What Newel does about each setting of API Gateway's OpenAPI extensions (gateway.md §1).

/// A table of settings by the object that holds them. What decides who may call, what is checked or what is sent is
/// honored or refused; what changes nothing for a client is reported. A name that is in no table is refused.
package enum OpenAPIDecision: Sendable, Equatable {
    /// The reader acts on it, or refuses the values that it does not act on.
    case honored
    /// It changes nothing for a client; a warning says why.
    case noEffect(String)
    /// The file is not served.
    case refused(String, hint: String)

    /// Extensions of the document's root, without `x-amazon-apigateway-`.
    package static let root: [String: OpenAPIDecision] = [
        "request-validators": .honored,
        "request-validator": .honored,
        "gateway-responses": .honored,
        "binary-media-types": .honored,
        "policy": .refused(
            "The resource policy is not enforced yet, and the API would be served to everyone",
            hint: "Take it out if the network or a proxy decides who may call."),
        "cors": .refused(
            "This CORS setting belongs to HTTP APIs and is not supported",
            hint: "Give the path an `options` operation of type mock."),
        "api-key-source": .noEffect("No operation is served that requires an API key"),
        "documentation": .noEffect("Documentation parts are not published"),
        "endpoint-configuration": .noEffect("Newel serves the address of listen.gateway, whatever the endpoint type"),
        "minimum-compression-size": .noEffect("Newel does not compress responses"),
        "importexport-version": .noEffect("It marks an exported HTTP API"),
        "tag-value": .noEffect("Tags are not kept"),
    ]

    /// Extensions of a path item.
    package static let pathItem: [String: OpenAPIDecision] = [
        "any-method": .honored,
        "documentation": .noEffect("Documentation parts are not published"),
    ]

    /// Extensions of an operation.
    package static let operation: [String: OpenAPIDecision] = [
        "integration": .honored,
        "request-validator": .honored,
        "auth": .honored,
        "documentation": .noEffect("Documentation parts are not published"),
    ]

    /// Members of `x-amazon-apigateway-integration`.
    package static let integration: [String: OpenAPIDecision] = [
        "type": .honored,
        "uri": .honored,
        "httpMethod": .honored,
        "credentials": .honored,
        "requestParameters": .honored,
        "requestTemplates": .honored,
        "passthroughBehavior": .honored,
        "contentHandling": .honored,
        "responses": .honored,
        "timeoutInMillis": .honored,
        "connectionType": .honored,
        "connectionId": .refused("VPC links are not supported", hint: "Take connectionId out."),
        "cacheNamespace": .noEffect("Responses are not cached"),
        "cacheKeyParameters": .noEffect("Responses are not cached"),
        "tlsConfig": .noEffect("The action is called in this process, without TLS"),
    ]

    /// Members of an integration's response.
    package static let response: [String: OpenAPIDecision] = [
        "statusCode": .honored,
        "responseParameters": .honored,
        "responseTemplates": .honored,
        "contentHandling": .honored,
    ]

    /// Members of a request validator.
    package static let validator: [String: OpenAPIDecision] = [
        "validateRequestBody": .honored,
        "validateRequestParameters": .honored,
    ]

    /// Members of a gateway response.
    package static let gatewayResponse: [String: OpenAPIDecision] = [
        "statusCode": .honored,
        "responseParameters": .honored,
        "responseTemplates": .honored,
    ]
}
