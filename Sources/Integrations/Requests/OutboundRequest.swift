// What a task sends and what comes back.

package import JSON

/// A request as data.
package enum OutboundRequest: Sendable {
    /// A call of a Lambda function.
    case function(FunctionInvocation)
    /// An operation of this server's own API; the members have the names of the AWS SDK for Java.
    case api(operation: String, members: JSONObject)
}

/// A call of a function, in the words of Lambda's Invoke API.
package struct FunctionInvocation: Sendable {
    /// Name or ARN as the definition has it, perhaps with a qualifier.
    package let function: String
    package let qualifier: String?
    /// `nil` for none.
    package let payload: Payload?
    package let invocationType: InvocationType
    /// Base64 of JSON, as the header carries it.
    package let clientContext: String?
    /// `Tail`: the response has the end of the function's log.
    package let logType: String?

    init(
        function: String, qualifier: String?, payload: Payload?, invocationType: InvocationType = .requestResponse,
        clientContext: String? = nil, logType: String? = nil
    ) {
        self.function = function
        self.qualifier = qualifier
        self.payload = payload
        self.invocationType = invocationType
        self.clientContext = clientContext
        self.logType = logType
    }

    package enum InvocationType: String, Sendable {
        case requestResponse = "RequestResponse"
        case event = "Event"
        case dryRun = "DryRun"
    }
}

/// The response of a service, over HTTP or as it would be over HTTP.
package struct OutboundResponse: Sendable {
    package var status: Int
    /// As they came, in order.
    package var headers: [(name: String, value: String)]
    /// The body where it is JSON.
    package let value: JSONValue?
    /// The body as it came; empty for none.
    package var text: String { written ?? value?.text ?? "" }
    private let written: String?

    package init(status: Int, headers: [(name: String, value: String)], text: String) {
        self.status = status
        self.headers = headers
        value = try? JSONValue.parse(text)
        written = text
    }

    package init(status: Int, headers: [(name: String, value: String)], value: JSONValue?) {
        self.status = status
        self.headers = headers
        self.value = value
        written = nil
    }

    /// Whether there is no body.
    var isEmpty: Bool { value == nil && text.isEmpty }

    /// The first value of a header, by its name in lower case.
    package func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
}

/// Why there is no response.
package enum OutboundFailure: Error, Sendable, Equatable {
    /// It did not come within the client's time limit.
    case timedOut
    /// The request could not be sent, or its response not be read; the reason in the words of Java's HTTP client.
    case notSent(String)
}
