// Gateway responses: what the gateway answers by itself where there is no route, no valid body, no role, no time.

import Expressions
import JSON

/// A kind of gateway response.
package enum GatewayResponseType: String, Sendable, CaseIterable {
    case accessDenied = "ACCESS_DENIED"
    case apiConfigurationError = "API_CONFIGURATION_ERROR"
    case authorizerConfigurationError = "AUTHORIZER_CONFIGURATION_ERROR"
    case authorizerFailure = "AUTHORIZER_FAILURE"
    case badRequestBody = "BAD_REQUEST_BODY"
    case badRequestParameters = "BAD_REQUEST_PARAMETERS"
    case expiredToken = "EXPIRED_TOKEN"
    case integrationFailure = "INTEGRATION_FAILURE"
    case integrationTimeout = "INTEGRATION_TIMEOUT"
    case invalidAPIKey = "INVALID_API_KEY"
    case invalidSignature = "INVALID_SIGNATURE"
    case missingAuthenticationToken = "MISSING_AUTHENTICATION_TOKEN"
    case quotaExceeded = "QUOTA_EXCEEDED"
    case requestTooLarge = "REQUEST_TOO_LARGE"
    case resourceNotFound = "RESOURCE_NOT_FOUND"
    case throttled = "THROTTLED"
    case unauthorized = "UNAUTHORIZED"
    case unsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE"
    case wafFiltered = "WAF_FILTERED"

    var status: Int {
        switch self {
        case .badRequestBody, .badRequestParameters: 400
        case .unauthorized: 401
        case .accessDenied, .expiredToken, .invalidAPIKey, .invalidSignature, .missingAuthenticationToken: 403
        case .wafFiltered: 403
        case .resourceNotFound: 404
        case .requestTooLarge: 413
        case .unsupportedMediaType: 415
        case .quotaExceeded, .throttled: 429
        case .apiConfigurationError, .authorizerConfigurationError, .authorizerFailure: 500
        case .integrationFailure, .integrationTimeout: 504
        }
    }

    var message: String? {
        switch self {
        case .accessDenied: "User is not authorized to access this resource"
        case .apiConfigurationError: "Internal server error"
        case .authorizerConfigurationError, .authorizerFailure: nil
        case .badRequestBody: "Invalid request body"
        case .badRequestParameters: "Missing required request parameters"
        case .expiredToken: "The security token included in the request is expired"
        case .integrationFailure: "Network error communicating with endpoint"
        case .integrationTimeout: "Endpoint request timed out"
        case .invalidAPIKey, .wafFiltered: "Forbidden"
        case .invalidSignature: "The request signature we calculated does not match the signature you provided."
        case .missingAuthenticationToken: "Missing Authentication Token"
        case .quotaExceeded: "Limit Exceeded"
        case .requestTooLarge: "Request Too Long"
        case .resourceNotFound: "Not Found"
        case .throttled: "Too Many Requests"
        case .unauthorized: "Unauthorized"
        case .unsupportedMediaType: "Unsupported Media Type"
        }
    }

    /// `x-amzn-ErrorType`.
    var errorType: String {
        switch self {
        case .accessDenied: "AccessDeniedException"
        case .apiConfigurationError, .integrationFailure, .integrationTimeout: "InternalServerErrorException"
        case .authorizerConfigurationError, .authorizerFailure: "AuthorizerConfigurationException"
        case .badRequestBody, .badRequestParameters, .unsupportedMediaType: "BadRequestException"
        case .expiredToken: "ExpiredTokenException"
        case .invalidAPIKey, .wafFiltered: "ForbiddenException"
        case .invalidSignature: "InvalidSignatureException"
        case .missingAuthenticationToken: "MissingAuthenticationTokenException"
        case .quotaExceeded: "LimitExceededException"
        case .requestTooLarge: "RequestTooLargeException"
        case .resourceNotFound: "NotFoundException"
        case .throttled: "TooManyRequestsException"
        case .unauthorized: "UnauthorizedException"
        }
    }

    /// The type whose customisation is used where this one has none.
    var family: String { status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX" }
}

/// A customised gateway response (`x-amazon-apigateway-gateway-responses`).
struct GatewayResponse: Sendable {
    var status: Int?
    var headers: [(name: String, source: MappingSource)] = []
    /// By media type; no VTL, only `$context.x`, `$stageVariables.x` and `$method.request.x` are put in.
    var templates: [(type: String, text: String)] = []
}

/// What went wrong with a request on its way through the gateway.
struct GatewayFailure: Error {
    var type: GatewayResponseType
    /// Instead of the type's own message.
    var message: String?
    /// What the log says, and the client does not see.
    var reason: String?
    /// `$context.error.validationErrorString`.
    var validation: String?

    init(_ type: GatewayResponseType, message: String? = nil, reason: String? = nil, validation: String? = nil) {
        self.type = type
        self.message = message
        self.reason = reason
        self.validation = validation
    }

    static func configuration(_ reason: String) -> GatewayFailure {
        GatewayFailure(.apiConfigurationError, reason: "Execution failed due to configuration error: \(reason)")
    }
}

extension GatewayFailure {
    /// The response, customised or not. `exchange` has the values for the mappings.
    func response(_ customised: [String: GatewayResponse], _ exchange: Exchange) -> MethodResponse {
        let own = customised[type.rawValue]
        let family = customised[type.family]
        let chosen = own ?? family
        var exchange = exchange
        let text = message ?? type.message
        let quoted = (text.map(JSONValue.string) ?? .null).text
        exchange.context["error"] = [
            "message": text.map(JSONValue.string) ?? .null, "messageString": .string(quoted),
            "responseType": .string(type.rawValue), "validationErrorString": validation.map(JSONValue.string) ?? .null,
        ]
        var response = MethodResponse(status: chosen?.status ?? type.status)
        let template = chosen?.templates.first { $0.type == "application/json" } ?? chosen?.templates.first
        response.set("Content-Type", template?.type ?? "application/json")
        response.set("x-amzn-ErrorType", type.errorType)
        if let template {
            response.body = Array(exchange.substitute(template.text).utf8)
        } else {
            // Of all of them ACCESS_DENIED alone has a capital M.
            response.body =
                Array((type == .accessDenied ? "{\"Message\":" : "{\"message\":").utf8) + Array("\(quoted)}".utf8)
        }
        for (name, source) in chosen?.headers ?? [] {
            if let values = try? source.values(exchange), !values.isEmpty {
                response.set(name, values.joined(separator: ","))
            }
        }
        return response
    }
}
