// Sends log events to an endpoint that speaks the CloudWatch Logs API.

import JSON
package import Outbound

/// `PutLogEvents`, `CreateLogStream` where the stream does not exist yet, and `DescribeLogGroups`. A call is made once.
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

    private let url: String
    private let client: OutboundClient

    private static let timeoutMilliseconds = 10_000

    /// Without `signer` requests are not signed.
    package init(url: String, signer: RequestSigner? = nil) {
        self.url = url
        var settings = OutboundClient.Settings()
        settings.signer = signer
        client = OutboundClient(settings)
    }

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
                // Another caller was first.
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

    /// The response's body, `null` where it has none.
    @discardableResult
    private func call(_ operation: String, _ body: JSONValue) async throws(Failure) -> JSONValue {
        let request = OutboundHTTPRequest(
            target: "/",
            headers: [
                (name: "Content-Type", value: "application/x-amz-json-1.1"),
                (name: "X-Amz-Target", value: "Logs_20140328.\(operation)"),
            ],
            body: Array(body.text.utf8))
        let response: OutboundHTTPResponse
        do throws(OutboundError) {
            response = try await client.send(request, to: Endpoint(url), milliseconds: Self.timeoutMilliseconds)
        } catch {
            throw Failure(type: "", description: "\(operation) at \(url): \(error)")
        }
        let answer = (try? JSONValue.parse(response.body)) ?? .null
        if response.status == 200 { return answer }
        let type = answer["__type"]?.stringValue.flatMap { $0.split(separator: "#").last.map(String.init) } ?? ""
        throw Failure(
            type: type,
            description: "\(operation) answered \(response.status) \(type) \(answer["message"]?.stringValue ?? "")")
    }
}
