// Requests to a daemon through the socket in its state folder.

import Admin
import AsyncHTTPClient
import Foundation
import Glibc
import JSON
import NIOCore
import NIOHTTP1

struct AdminSocketClient {
    let folder: String

    /// The answer's body; `nil` if no daemon listens on the socket. Throws `Exit` for an error that it answers, and for
    /// a socket that may not be opened.
    func call(_ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue? {
        let address = AdminSocketAddress(folder: folder)
        switch address.connectionError() {
        case 0: break
        case ENOENT, ECONNREFUSED, ENOTSOCK: return nil
        case EACCES, EPERM: throw Exit(.noPermission, "\(address.file) may be opened by the daemon's user alone.")
        case let code: throw Exit(.unavailable, "\(address.file) cannot be opened: \(String(cString: strerror(code)))")
        }
        guard let encoded = address.path.addingPercentEncoding(withAllowedCharacters: .alphanumerics) else {
            return nil
        }
        var request = HTTPClientRequest(url: "http+unix://\(encoded)\(path)")
        request.method = method
        // The URL of a socket has no host, and HTTP/1.1 demands one.
        request.headers.add(name: "Host", value: "localhost")
        if let body { request.body = .bytes(ByteBuffer(string: body.text)) }
        let answer: (status: Int, body: JSONValue)
        do {
            answer = try await send(request)
        } catch {
            throw Exit(.unavailable, "The daemon does not answer on \(address.file): \(error)")
        }
        guard answer.status == 200 else {
            let message = answer.body["message"]?.stringValue ?? "The daemon answered \(answer.status)."
            let isUnknown = answer.body["type"]?.stringValue?.hasSuffix("DoesNotExist") == true
            throw Exit(answer.status == 503 ? .temporary : isUnknown ? .noInput : .dataError, message)
        }
        return answer.body
    }

    private func send(_ request: HTTPClientRequest) async throws -> (status: Int, body: JSONValue) {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(configuration: configuration)
        do {
            let response = try await client.execute(request, timeout: .seconds(30))
            let bytes = try await response.body.collect(upTo: 64 << 20)
            try await client.shutdown()
            return (Int(response.status.code), (try? JSONValue.parse(Array(bytes.readableBytesView))) ?? .null)
        } catch {
            try? await client.shutdown()
            throw error
        }
    }
}
