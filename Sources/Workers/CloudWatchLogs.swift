// Log events out to an endpoint that speaks the CloudWatch Logs API.

import AsyncHTTPClient
package import Identity
import JSON
import NIOCore
import NIOHTTP1

/// `PutLogEvents`, `CreateLogStream` where the stream is not there yet, and `DescribeLogGroups`. A call is made once:
/// whoever calls decides whether it is worth another.
package final class CloudWatchLogs: Sendable {
    package struct Event: Sendable {
        /// Milliseconds since 1970.
        package var time: Int64
        package var message: String

        package init(time: Int64, message: String) {
            self.time = time
            self.message = message
        }
    }

    /// The service refused, or could not be reached.
    package struct Failure: Error, CustomStringConvertible {
        /// The exception's shape, empty where there was no answer.
        package var type: String
        package var description: String
    }

    private let endpoint: String
    private let signer: (@Sendable (SigV4.Request) -> SigV4.Request)?
    private let client: HTTPClient

    /// Without `signer` requests are not signed.
    package init(endpoint: String, signer: (@Sendable (SigV4.Request) -> SigV4.Request)? = nil) {
        self.endpoint = endpoint
        self.signer = signer
        var settings = HTTPClient.Configuration()
        settings.timeout.connect = .seconds(5)
        settings.refuseImpossibleStatuses()
        settings.redirectConfiguration = .disallow
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    // The client insists on being shut down.
    deinit { client.shutdown { _ in } }

    /// Appends events, in the order of their times, to a stream; a missing stream is made first. AWS takes 1 MiB and
    /// 10,000 events in a call; it is for the caller to keep below.
    package func put(_ events: [Event], group: String, stream: String) async throws(Failure) {
        let body: JSONValue = [
            "logGroupName": .string(group), "logStreamName": .string(stream),
            "logEvents": .array(events.map { ["timestamp": .int(Int($0.time)), "message": .string($0.message)] }),
        ]
        do throws(Failure) {
            try await call("PutLogEvents", body)
        } catch {
            guard error.type == "ResourceNotFoundException" else { throw error }
            do throws(Failure) {
                try await call("CreateLogStream", ["logGroupName": .string(group), "logStreamName": .string(stream)])
            } catch  where error.type == "ResourceAlreadyExistsException" {
                // Somebody else was first.
            }
            try await call("PutLogEvents", body)
        }
    }

    /// Whether there is a log group of exactly this name.
    package func hasGroup(_ name: String) async throws(Failure) -> Bool {
        // Groups come sorted by name, so that the one which is the whole prefix is on the first page.
        let answer = try await call("DescribeLogGroups", ["logGroupNamePrefix": .string(name)])
        return answer["logGroups"]?.arrayValue?.contains { $0["logGroupName"]?.stringValue == name } ?? false
    }

    /// The answer's body, `null` where it has none.
    @discardableResult
    private func call(_ operation: String, _ body: JSONValue) async throws(Failure) -> JSONValue {
        do {
            let request = try request(operation, Array(body.text.utf8))
            let response = try await client.execute(request: request, deadline: .now() + .seconds(10)).get()
            let answer = response.body.flatMap { try? JSONValue.parse(String(buffer: $0)) } ?? .null
            if response.status == .ok { return answer }
            let type = answer["__type"]?.stringValue.flatMap { $0.split(separator: "#").last.map(String.init) } ?? ""
            throw Failure(
                type: type,
                description: "\(operation) answered \(response.status.code) \(type) "
                    + (answer["message"]?.stringValue ?? ""))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(type: "", description: "\(operation) at \(endpoint): \(error)")
        }
    }

    private func request(_ operation: String, _ body: [UInt8]) throws -> HTTPClient.Request {
        let url = Endpoint(endpoint)
        var headers = [
            (name: "Host", value: url.authority), (name: "Content-Type", value: "application/x-amz-json-1.1"),
            (name: "X-Amz-Target", value: "Logs_20140328.\(operation)"),
        ]
        let target = url.path + "/"
        if let signer {
            headers = signer(SigV4.Request(method: "POST", target: target, headers: headers, body: body)).headers
        }
        return try HTTPClient.Request(
            url: "\(url.origin)\(target)", method: .POST, headers: HTTPHeaders(headers.map { ($0.name, $0.value) }),
            body: .bytes(body))
    }
}
