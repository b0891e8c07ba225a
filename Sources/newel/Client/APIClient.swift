// Calls of the Step Functions API for the operator's commands: over HTTP, as every other client makes them.

import AsyncHTTPClient
import Foundation
import Identity
import JSON
import NIOCore
import NIOHTTP1
import Outbound

/// A client of one endpoint, as one caller in one region.
struct APIClient: Sendable {
    /// `http://127.0.0.1:8083`
    var endpoint: String
    var region: String
    /// Signs the requests; without it they carry no signature and are of the server's own account and region.
    var key: AccessKey?

    /// The account that the key id names, `nil` where it is not twelve digits.
    var account: String? {
        guard let id = key?.id, id.count == 12, id.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return id
    }

    /// The answer of an operation. Throws `APIRefusal` for an error of the API, `Exit` where nobody answers.
    func call(_ operation: String, _ input: JSONObject = [:]) async throws -> JSONValue {
        let (status, body) = try await send(operation, Array(JSONValue.object(input).text.utf8))
        let value = (try? JSONValue.parse(body)) ?? .null
        if status == 200 { return value }
        // Every error of the API says its type; what does not is another service.
        guard value["__type"] != nil else {
            throw Exit(
                .unavailable,
                "\(endpoint) answers HTTP \(status), as the Step Functions API does not: it may be the gateway, the "
                    + "admin listener or another program. The API's address is listen.api, 127.0.0.1:8083 by default.")
        }
        throw APIRefusal(operation, status, value)
    }

    /// The elements of a list over all its pages, `limit` at most.
    func list(_ operation: String, _ member: String, _ input: JSONObject = [:], limit: Int) async throws -> [JSONValue]
    {
        var input = input
        var elements: [JSONValue] = []
        while elements.count < limit {
            input["maxResults"] = .int(min(1000, limit - elements.count))
            let page = try await call(operation, input)
            elements += page[member]?.arrayValue ?? []
            guard let token = page["nextToken"], !token.isNull else { break }
            input["nextToken"] = token
        }
        return Array(elements.prefix(limit))
    }

    // MARK: - HTTP

    /// An endpoint where nobody listens is told at once. Lives as long as the process.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.refuseImpossibleStatuses()
        return HTTPClient(configuration: configuration)
    }()

    private func send(_ operation: String, _ body: [UInt8]) async throws -> (status: Int, body: [UInt8]) {
        var request = HTTPClientRequest(url: endpoint + "/")
        request.method = .POST
        for (name, value) in try headers(operation, body) { request.headers.add(name: name, value: value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            let response = try await Self.http.execute(request, timeout: .seconds(330))
            let bytes = try await response.body.collect(upTo: 64 << 20)
            return (Int(response.status.code), Array(bytes.readableBytesView))
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Exit(.unavailable, "\(endpoint) does not answer: \(reason(error))")
        }
    }

    /// A failed request in words that say what to do.
    private func reason(_ error: any Error) -> String {
        let text = String(reflecting: error) + "\(error)"
        if text.contains("NIOSSL") || text.contains("handshakeFailed") {
            return endpoint.hasPrefix("https:")
                ? "no TLS is spoken there. Newel's API is plain HTTP: write http:\(endpoint.dropFirst("https:".count))."
                : "TLS failed."
        }
        if text.contains("Connection refused") || text.contains("errno: 111") {
            return "the connection was refused. Is `newel serve` running there? --endpoint names another address."
        }
        if text.contains("connectTimeout") { return "there was no connection in time. Is the address right?" }
        if text.contains("deadlineExceeded") || text.contains("readTimeout") { return "the time was over." }
        if text.contains("remoteConnectionClosed") {
            return "the connection was closed. Newel's API is plain HTTP; is another program listening there?"
        }
        return "\(error). Is `newel serve` running there? --endpoint names another address."
    }

    private func headers(_ operation: String, _ body: [UInt8]) throws -> [(name: String, value: String)] {
        guard let url = URL(string: endpoint), let host = url.host(), Endpoint(endpoint).hasValidPort
        else {
            throw Exit(.usage, "\(endpoint) is no endpoint: write http://HOST:PORT.")
        }
        let headers = [
            (name: "Host", value: url.port.map { "\(host):\($0)" } ?? host),
            (name: "X-Amz-Target", value: "AWSStepFunctions.\(operation)"),
            (name: "Content-Type", value: "application/x-amz-json-1.0"),
        ]
        guard let key else { return headers }
        let request = SigV4.Request(method: "POST", target: "/", headers: headers, body: body)
        let now = Int(Date().timeIntervalSince1970)
        return SigV4.signed(request, key: key, region: region, service: "states", now: now).headers
    }
}

/// An error that the API answered.
struct APIRefusal: Error {
    var operation: String
    /// The exception's bare name.
    var type: String
    var message: String

    init(_ operation: String, _ status: Int, _ body: JSONValue) {
        self.operation = operation
        let name = body["__type"]?.stringValue ?? "HTTP \(status)"
        type = name.split(separator: "#").last.map(String.init) ?? name
        message = (body["message"] ?? body["Message"])?.stringValue ?? ""
    }

    /// The exit code that scripts see, and the sentence for standard error.
    var exit: Exit { Exit(code, "\(type) (\(operation)): \(message)") }

    private var code: Exit.Code {
        switch type {
        case "ThrottlingException", "ServiceUnavailable": .temporary
        case "AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException",
            "MissingAuthenticationTokenException", "IncompleteSignatureException", "ExpiredTokenException":
            .noPermission
        case "InternalFailure", "InternalServerError": .software
        case "ResourceNotFound": .noInput
        default: type.hasSuffix("DoesNotExist") ? .noInput : .dataError
        }
    }
}
