// A search server over HTTP: Elasticsearch 7 and 8, OpenSearch 1 to 3.

import Core
import Dispatch
import Functions
import JSON
import Outbound
import Synchronization

/// The document API of one server. Every call blocks the thread it is made on.
final class SearchServer: Sendable {
    private let configuration: RecipeMoveConfiguration.Server
    private let endpoint: Endpoint
    private let client: OutboundClient
    private let outage = Mutex(Outage())
    /// Blocks for so many milliseconds.
    private let wait: @Sendable (Int) -> Void

    init(_ configuration: RecipeMoveConfiguration.Server, wait: @escaping @Sendable (Int) -> Void) {
        self.configuration = configuration
        self.wait = wait
        endpoint = Endpoint(configuration.url)
        var settings = OutboundClient.Settings()
        settings.connections = configuration.connections
        settings.connectTimeoutMilliseconds = configuration.timeoutMilliseconds
        client = OutboundClient(settings)
    }

    /// `PUT …/_doc/ID?version=V&version_type=external_gte`, or the same with DELETE. A conflict means that a newer
    /// write already won.
    func write(_ document: Document) throws -> SearchIndex.WriteResult {
        let path = "\(index(document.kind))/_doc/\(document.id)?version=\(document.version)&version_type=external_gte"
        let answer = try call(document.source == nil ? "DELETE" : "PUT", path, body: document.source)
        switch answer.status {
        case 200..<300:
            guard let result = answer.json["result"]?.stringValue.flatMap(SearchIndex.WriteResult.init) else {
                throw unavailable("\(answer.status) without a result; is this a search server?")
            }
            return result
        case 409: return .skipped
        case 404 where document.source == nil: return .deleted
        default: throw rejected(answer)
        }
    }

    func document(_ kind: DocumentKind, _ id: Int64) throws -> Document? {
        let answer = try call("GET", "\(index(kind))/_doc/\(id)", body: nil)
        switch answer.status {
        case 200:
            return Document(
                kind: kind, id: id, version: Int64(answer.json["_version"]?.intValue ?? 0),
                source: answer.json["_source"])
        case 404: return nil
        default: throw rejected(answer)
        }
    }

    func search(_ query: String, limit: Int) throws -> JSONValue {
        let indices = DocumentKind.allCases.map(index).joined(separator: ",")
        let words = query.split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
        let condition: JSONValue =
            words.isEmpty
            ? ["match_all": [:]]
            : ["simple_query_string": ["query": .string(words), "default_operator": "and", "lenient": true]]
        let answer = try call(
            "POST", "\(indices)/_search?ignore_unavailable=true",
            body: ["version": true, "size": .int(limit), "query": condition])
        guard answer.status == 200 else { throw rejected(answer) }
        let found = answer.json["hits"]?["hits"]?.arrayValue ?? []
        let total = answer.json["hits"]?["total"]
        return [
            "total": total?["value"] ?? total ?? .int(found.count),
            "hits": .array(found.map(hit)),
        ]
    }

    /// Makes everything written so far visible to `search`; servers do it by themselves about once a second.
    func refresh() throws {
        let answer = try call("POST", "_refresh", body: nil)
        guard answer.status == 200 else { throw rejected(answer) }
    }

    private func hit(_ found: JSONValue) -> JSONValue {
        let name = found["_index"]?.stringValue ?? ""
        return SearchHit.json(
            index: String(name.dropFirst(configuration.indexPrefix.count)), id: found["_id"]?.stringValue ?? "",
            version: found["_version"]?.intValue ?? 0, source: found["_source"] ?? .null)
    }

    private func index(_ kind: DocumentKind) -> String { configuration.indexPrefix + kind.table }
}

/// Remembers that a server does not answer. Thousands of moves that wait for it then cost no connection each, and none
/// of them holds a thread for the time-out.
private struct Outage {
    private var failures = 0
    private var until: ContinuousClock.Instant?

    /// So many calls in a row must fail first, so that a single lost connection makes nobody wait.
    private static let threshold = 8
    private static let pause = Duration.milliseconds(500)

    /// Whether calls fail at once for now.
    var isOn: Bool { until.map { ContinuousClock.now < $0 } ?? false }

    mutating func answered() { self = Outage() }

    mutating func failed() {
        failures = min(failures + 1, Self.threshold)
        if failures == Self.threshold { until = ContinuousClock.now + Self.pause }
    }
}

extension SearchServer {
    private struct Answer {
        var status: Int
        var json: JSONValue
        var retryAfter: String?
    }

    /// Calls until the server is willing, as long as it names a wait that is worth holding a thread for.
    private func call(_ method: String, _ path: String, body: JSONValue?) throws -> Answer {
        var tries = 1
        while true {
            let answer = try callOnce(method, path, body: body)
            guard answer.status == 429 || answer.status >= 500 else { return answer }
            guard tries < configuration.tries, let seconds = answer.retryAfter.flatMap({ Int($0) }),
                (0...configuration.longestRetryAfterSeconds).contains(seconds)
            else { throw unavailable("\(answer.status) \(Self.reason(answer.json))") }
            tries += 1
            wait(seconds * 1000)
        }
    }

    private func callOnce(_ method: String, _ path: String, body: JSONValue?) throws -> Answer {
        guard !outage.withLock(\.isOn) else { throw unavailable("it did not answer a moment ago") }
        var headers = [(name: "Accept", value: "application/json")]
        if let value = configuration.authentication.header { headers.append((name: "Authorization", value: value)) }
        if body != nil { headers.append((name: "Content-Type", value: "application/json")) }
        let request = OutboundHTTPRequest(method: method, target: "/\(path)", headers: headers, body: body?.bytes ?? [])
        switch send(request) {
        case .success(let response):
            outage.withLock { $0.answered() }
            return Answer(
                status: response.status, json: (try? JSONValue.parse(response.body)) ?? .null,
                retryAfter: response.header("Retry-After"))
        case .failure(.invalidRequest(let reason)):
            throw FunctionError(type: "Search.Rejected", message: "\(configuration.url): \(reason)")
        case .failure(let error):
            outage.withLock { $0.failed() }
            throw unavailable("\(error)")
        }
    }

    /// Blocks until the call has ended.
    private func send(_ request: OutboundHTTPRequest) -> Result<OutboundHTTPResponse, OutboundError> {
        let ended = DispatchSemaphore(value: 0)
        let result = Mutex<Result<OutboundHTTPResponse, OutboundError>>(.failure(.cancelled))
        client.send(request, to: endpoint, milliseconds: configuration.timeoutMilliseconds) { outcome in
            result.withLock { $0 = outcome }
            ended.signal()
        }
        ended.wait()
        return result.withLock { $0 }
    }

    private func unavailable(_ reason: String) -> FunctionError {
        FunctionError(type: "Search.Unavailable", message: "The search server at \(configuration.url): \(reason)")
    }

    private func rejected(_ answer: Answer) -> FunctionError {
        FunctionError(
            type: "Search.Rejected",
            message: "The search server at \(configuration.url): \(answer.status) \(Self.reason(answer.json))")
    }

    /// `type: reason` of an error body.
    private static func reason(_ json: JSONValue) -> String {
        let error = json["error"]
        return [error?["type"]?.stringValue, error?["reason"]?.stringValue ?? error?.stringValue]
            .compactMap { $0 }.joined(separator: ": ")
    }
}
