// What the demo does and says: a recipe before its move, every state of the move, and the recipe after it.

import AsyncHTTPClient
import Core
import Foundation
import JSON
import NIOCore
import NIOHTTP1

struct DemoTour: Sendable {
    let api: String
    let gateway: String

    init(listeners: OpenListeners) {
        api = listeners.api.url
        gateway = listeners.gateway?.url ?? ""
    }

    func run() async throws {
        guard !gateway.isEmpty else {
            throw Exit(.configuration, "The demo needs the gateway: leave listen.gateway on.")
        }
        say("Newel serves the Step Functions API on \(api) and the gateway on \(gateway).\n")
        let recipe = try await get("/recipes/1")
        guard let owner = recipe["user_id"]?.intValue, let title = recipe["title"]?.stringValue else {
            throw Exit(.unavailable, "GET \(gateway)/recipes/1 answered \(recipe.text)")
        }
        let target = owner % 5 + 1
        say("Before")
        try await show(users: [owner, target], title: title)
        let body = #"{"user_id": \#(target)}"#
        say("\n$ curl -X POST \(gateway)/recipes/1/move -H 'Content-Type: application/json' -d '\(body)'")
        let answer = try await send("POST", gateway + "/recipes/1/move", ["Content-Type": "application/json"], body)
        say("\(answer.status) \(answer.body.text)\n")
        guard answer.status / 100 == 2, let arn = answer.body["executionArn"]?.stringValue else {
            throw Exit(.unavailable, "The move was refused.")
        }
        let status = try await follow(arn)
        say("\nAfter")
        try await show(users: [owner, target], title: title)
        guard status == "SUCCEEDED" else { throw Exit(.failure, "The move ended as \(status).") }
        say(next(arn, from: owner))
    }

    // MARK: - What there is

    private func show(users: [Int], title: String) async throws {
        let recipe = try await get("/recipes/1")
        say("  row       \(Self.sentence(recipe, "recipes"))  \"\(title)\"")
        var documents = [try await document("recipes", 1, query: title)]
        for id in users {
            let user = try await get("/users/\(id)")
            let name = user["name"]?.stringValue ?? ""
            say("  row       \(Self.sentence(user, "users"))  \(name)")
            documents.append(try await document("users", id, query: name))
        }
        for document in documents { say("  document  \(document)") }
    }

    /// What the search index has of it, found by a search for its first word.
    private func document(_ index: String, _ id: Int, query: String) async throws -> String {
        let word = query.split(separator: " ").first.map(String.init) ?? query
        let hits = try await get("/search?q=\(word)")["hits"]?.arrayValue ?? []
        let hit = hits.first { $0["index"]?.stringValue == index && $0["id"]?.plain == "\(id)" }
        return hit?["source"].map { Self.sentence($0, index) } ?? "\(index)/\(id)  is not found by \(word)"
    }

    private static func sentence(_ value: JSONValue, _ table: String) -> String {
        let id = "\(table)/\(value["id"]?.plain ?? "")".padded(to: 10)
        let version = "version \(value["version"]?.plain ?? "")".padded(to: 11)
        if let owner = value["user_id"]?.plain { return "\(id) \(version) owner \(owner)" }
        return "\(id) \(version) recipes \(value["recipes"]?.text ?? "")"
    }

    // MARK: - What happens

    /// Prints the events of the execution as they come; gives its status at the end.
    private func follow(_ arn: String) async throws -> String {
        var seen = 0
        var began: Double?
        while true {
            let history = try await call("GetExecutionHistory", ["executionArn": .string(arn), "maxResults": 1000])
            for event in history["events"]?.arrayValue ?? [] {
                guard let id = event["id"]?.intValue, id > seen else { continue }
                seen = id
                let time = event["timestamp"]?.doubleValue ?? 0
                let first = began ?? time
                began = first
                say(line(event, id, milliseconds: Int(((time - first) * 1000).rounded())))
            }
            let status = try await call("DescribeExecution", ["executionArn": .string(arn)])["status"]?.stringValue
            let isOver = history["events"]?.arrayValue?.last?["type"]?.stringValue?.hasPrefix("Execution") ?? false
            if let status, status != "RUNNING", isOver, seen > 1 { return status }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func line(_ event: JSONValue, _ id: Int, milliseconds: Int) -> String {
        let details = event.objectValue?.first { $0.key.hasSuffix("EventDetails") }?.value
        let name = details?["name"]?.stringValue
        let resource = details?["resource"]?.stringValue?.split(separator: ":").last.map(String.init)
        let number = String(repeating: " ", count: max(0, 3 - "\(id)".count)) + "\(id)"
        let time = String(repeating: " ", count: max(0, 6 - "\(milliseconds)".count)) + "\(milliseconds) ms"
        return "\(time) \(number)  \(event["type"]?.stringValue ?? "")  \(name ?? resource ?? "")"
    }

    // MARK: - What to try next

    private func next(_ arn: String, from owner: Int) -> String {
        let aws = "aws --endpoint-url \(api) --region us-east-1 stepfunctions"
        let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:move-recipe"
        return """

            Try next
              curl \(gateway)/moves/\(arn.split(separator: ":").last ?? "")
              curl -X POST \(gateway)/recipes/1/move -H 'Content-Type: application/json' -d '{"user_id": \(owner)}'
              curl '\(gateway)/search?q=soup'
              export AWS_ACCESS_KEY_ID=newel AWS_SECRET_ACCESS_KEY=newel
              \(aws) list-state-machines
              \(aws) start-execution --state-machine-arn \(machine) --input '{"id": 2, "user_id": 3}'
              \(aws) get-execution-history --execution-arn \(arn) --output table
            """
    }

    // MARK: - HTTP

    private func get(_ path: String) async throws -> JSONValue { try await send("GET", gateway + path).body }

    private func call(_ operation: String, _ input: JSONObject) async throws -> JSONValue {
        let headers = [
            "X-Amz-Target": "AWSStepFunctions.\(operation)", "Content-Type": "application/x-amz-json-1.0",
        ]
        return try await send("POST", api + "/", headers, JSONValue.object(input).text).body
    }

    private func send(
        _ method: String, _ url: String, _ headers: [String: String] = [:], _ body: String? = nil
    ) async throws -> (status: Int, body: JSONValue) {
        var request = HTTPClientRequest(url: url)
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 16 << 20)
        return (Int(response.status.code), try JSONValue.parse(Array(bytes.readableBytesView)))
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

/// A line of the tour, out at once: to a file or a pipe it would otherwise wait for the end of the process.
private func say(_ line: String) {
    print(line)
    fflush(nil)
}
