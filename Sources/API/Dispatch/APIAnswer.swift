// The response of an operation, and the form of errors on the wire (api.md §1).

package import Engine
package import HTTPServer
import JSON
package import NIOCore
package import NIOHTTP1

/// A status, a body and the id of the request.
package struct APIAnswer: Sendable {
    package var status: Int
    /// A JSON object.
    package var body: ByteBuffer
    package var requestID: String
    /// The error's shape, `nil` for a success: the label of metrics and logs.
    package var errorType: String? { failure?.type }
    /// The error, `nil` for a success.
    package var failure: APIFailure?
    /// See `HTTPAnswer.sent`.
    package var sent: (@Sendable (Bool) -> Void)?

    package init(status: Int, body: ByteBuffer, requestID: String) {
        self.status = status
        self.body = body
        self.requestID = requestID
    }

    init(_ failure: APIFailure, requestID: String) {
        self.init(status: failure.status, body: failure.body, requestID: requestID)
        self.failure = failure
    }

    package var headers: HTTPHeaders {
        ["x-amzn-RequestId": requestID, "Content-Type": "application/x-amz-json-1.0"]
    }

    package var http: HTTPAnswer {
        HTTPAnswer(status: HTTPResponseStatus(statusCode: status), headers: headers, body: body, sent: sent)
    }
}

/// An error as a client sees it: modeled exceptions, and the few that every AWS service has.
package struct APIFailure: Error, Sendable, Equatable {
    /// `__type`, the bare name of the shape.
    package var type: String
    package var status: Int
    package var message: String?
    /// Members that some errors have beside their message (api.md §1.1).
    var reason: ServiceError.Reason?
    var resourceName: String?
    /// Whether the request's body is no JSON. The message then says where; AWS sends none.
    var isForMalformedBody = false
    /// What failed, for the log. It is not part of the response.
    var cause: String?

    package init(type: String, status: Int = 400, message: String? = nil) {
        self.type = type
        self.status = status
        self.message = message
    }

    package init(_ error: ServiceError) {
        let status =
            switch error.code {
            case .internalFailure: 500
            case .serviceUnavailable: 503
            case .conflictException: 409
            case .serviceQuotaExceededException: 402
            default: 400
            }
        self.init(type: error.code.rawValue, status: status, message: error.message)
        reason = error.reason
        resourceName = error.resourceName
        cause = error.cause
    }

    static func serialization(_ message: String) -> APIFailure {
        APIFailure(type: "SerializationException", message: message)
    }

    static func validation(_ message: String) -> APIFailure {
        APIFailure(type: ServiceError.Code.validationException.rawValue, message: message)
    }

    /// The text comes from the decision (`Decision.message`).
    static func accessDenied(_ message: String) -> APIFailure {
        APIFailure(type: "AccessDeniedException", message: message)
    }

    package var body: ByteBuffer { body(type: type, message: message) }

    /// The body as API Gateway gets it from Step Functions: `__type` carries the shape's namespace, and an error about
    /// a malformed body has no message (recorded).
    package var qualifiedBody: ByteBuffer {
        body(type: "\(namespace)#\(type)", message: isForMalformedBody ? nil : message)
    }

    private var namespace: String {
        switch type {
        case "ValidationException" where reason == nil: "com.amazon.coral.validate"
        case "SerializationException", "UnknownOperationException", "AccessDeniedException", "InternalFailure":
            "com.amazon.coral.service"
        case "ThrottlingException", "ServiceUnavailable": "com.amazon.coral.availability"
        default: "com.amazonaws.swf.service.v2.model"
        }
    }

    private func body(type qualifiedType: String, message: String?) -> ByteBuffer {
        JSONObjectWriter.body { writer in
            writer.string("__type", qualifiedType)
            // The one error whose key AWS writes with a capital.
            if type == "AccessDeniedException" {
                writer.string("Message", message)
            } else {
                writer.string("message", message)
            }
            writer.string("reason", reason?.rawValue)
            writer.string("resourceName", resourceName)
        }
    }
}
