// Requests through the gateway, whole.

import JSON
import Testing

@testable import Gateway

@Suite("The gateway")
struct GatewayHandlerTests {
    static let json = [("Content-Type", "application/json")]

    @Test("a move starts an execution as the assumed role and answers 202 with what the service wrote")
    func move() async throws {
        let world = try GatewayWorld(try GatewayWorld.shipped)
        let response = await world.send(
            "POST", "/recipes/1/move", #"{"user_id":"2","why":"it's \"so\" / ok"}"#, headers: Self.json)
        #expect(response.status == 202)
        #expect(response.text == #"{"executionArn":"arn","startDate":1.5}"#)
        #expect(response.header("Content-Type") == "application/json")
        #expect(response.header("x-amzn-RequestId") == "01234567-89ab-4cde-8f01-23456789abcd")
        #expect(response.header("x-amz-apigw-id") == "MzQ1Njc4OWFiY2Q=")
        #expect(response.header("X-Amzn-Trace-Id") == "Root=1-6a803b40-89ab4cde8f0123456789abcd")
        let call = try #require(world.record.calls.first)
        #expect(call.operation == "StartExecution")
        #expect(call.principal == GatewayWorld.session)
        #expect(call.json["stateMachineArn"] == "arn:aws:states:us-east-1:000000000000:stateMachine:move-recipe")
        #expect(call.json["name"] == "01234567-89ab-4cde-8f01-23456789abcd")
        let input = try JSONValue.parse(try #require(call.json["input"]?.stringValue))
        #expect(input == ["user_id": "2", "why": "it's \"so\" / ok", "id": "1"])
        #expect(
            world.record.roles == [
                "arn:aws:iam::000000000000:role/ApiToSfn for "
                    + "arn:aws:execute-api:us-east-1:000000000000:newel/v1/POST/recipes/{id}/move"
            ])
    }

    @Test("an Idempotency-Key names the execution", arguments: ["Idempotency-Key", "idempotency-key"])
    func idempotency(header: String) async throws {
        let world = try GatewayWorld(try GatewayWorld.shipped)
        _ = await world.send("POST", "/recipes/1/move", #"{"user_id":2}"#, headers: Self.json + [(header, "k-1\"\\x'")])
        #expect(world.record.calls.first?.json["name"] == "k-1\"\\x'")
    }

    @Test(
        "no value breaks out of the shipped template",
        arguments: [#"1\", \"admin\": \"true"#, "\"", "\\", "'", "\\u0022", "$x", "#if", "\n", "€\u{2028}😀", "a/b%2F"])
    func injection(value: String) async throws {
        let world = try GatewayWorld(try GatewayWorld.shipped)
        let encoded = value.utf8.map { byte in
            let digits = String(byte, radix: 16)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined().replacing("%2f", with: "%2F")
        let body = JSONValue.object(JSONObject([("user_id", "3"), ("note", .string(value))]))
        let response = await world.send("POST", "/recipes/\(encoded)/move", body.text, headers: Self.json)
        #expect(response.status == 202)
        let input = try JSONValue.parse(try #require(world.record.calls.first?.json["input"]?.stringValue))
        // A slash in a path's segment stays encoded.
        #expect(input == ["user_id": "3", "note": .string(value), "id": .string(value.replacing("/", with: "%2F"))])
    }

    @Test("the blog's own template runs as it stands")
    func blog() async throws {
        let text = OpenAPITests.document(
            """
                    requestTemplates:
                      application/json: |
                        {
                           "input": "{ \\"id\\": \\"$input.params('id')\\", \\"u\\": \\"$input.path('$').user_id\\" }",
                           "stateMachineArn": "$stageVariables.moveRecipeArn"
                        }
            """)
        let world = try GatewayWorld(text)
        let response = await world.send("POST", "/x/1", #"{"user_id": "u-9"}"#, headers: Self.json)
        #expect(response.status == 200)
        #expect(world.record.calls.first?.json["input"] == #"{ "id": "1", "u": "u-9" }"#)
    }

    @Test(
        "a move's status is told with its output as JSON",
        arguments: [
            (
                #"{"name":"m","status":"SUCCEEDED","output":"{\"moved\":true}"}"#,
                #"{"execution":"m","status":"SUCCEEDED","output":{"moved":true}}"#
            ),
            (#"{"name":"m","status":"RUNNING"}"#, #"{"execution":"m","status":"RUNNING"}"#),
            (
                #"{"name":"m","status":"FAILED","error":"E","cause":"a \"b\""}"#,
                #"{"execution":"m","status":"FAILED","error":"E","cause":"a \"b\""}"#
            ),
        ])
    func status(answer: String, body: String) async throws {
        let world = try GatewayWorld(try GatewayWorld.shipped) { _ in
            ActionAnswer(status: 200, body: Array(answer.utf8))
        }
        let response = await world.send("GET", "/moves/m")
        #expect(response.status == 200)
        #expect(try JSONValue.parse(response.body) == JSONValue.parse(body))
        #expect(
            world.record.calls.first?.json
                == ["executionArn": "arn:aws:states:us-east-1:000000000000:execution:move-recipe:m"])
        _ = await world.send("GET", "/moves/arn:aws:states:us-east-1:000000000000:execution:move-recipe:x")
        #expect(
            world.record.calls.last?.json
                == ["executionArn": "arn:aws:states:us-east-1:000000000000:execution:move-recipe:x"])
    }

    @Test(
        "the response is chosen by the action's status",
        arguments: [
            (400, "com.amazonaws.swf.service.v2.model#ExecutionDoesNotExist", 404), (400, "ExecutionDoesNotExist", 404),
            (400, "InvalidArn", 400), (500, "InternalFailure", 500),
        ])
    func selection(status: Int, type: String, expected: Int) async throws {
        let world = try GatewayWorld(try GatewayWorld.shipped) { _ in
            ActionAnswer(status: status, body: Array(#"{"__type":"\#(type)","message":"m"}"#.utf8))
        }
        let response = await world.send("GET", "/moves/m")
        #expect(response.status == expected)
        #expect(try JSONValue.parse(response.body)["__type"] == .string(type))
    }

    @Test("a role that cannot be assumed gives 500 and a reason in the log")
    func role() async throws {
        let world = try GatewayWorld(try GatewayWorld.shipped, trusts: false, level: .error)
        let response = await world.send("POST", "/recipes/1/move", #"{"user_id":"2"}"#, headers: Self.json)
        #expect(response.status == 500)
        #expect(response.text == #"{"message":"Internal server error"}"#)
        #expect(world.record.calls.isEmpty)
        #expect(world.record.lines.count == 1)
        #expect(world.record.lines.first?.contains("does not have permission to assume the provided role") == true)
    }

    @Test("an action that takes too long gives 504")
    func timeout() async throws {
        let text = OpenAPITests.document("        timeoutInMillis: 50")
        let (stream, stop) = AsyncStream.makeStream(of: Void.self)
        let world = try GatewayWorld(text.replacing("never", with: "when_no_match")) { _ in
            for await _ in stream {}
            return ActionAnswer(status: 200, body: [])
        }
        let response = await world.send("POST", "/x/1", "{}", headers: Self.json)
        stop.finish()
        #expect(response.status == 504)
        #expect(response.text == #"{"message":"Endpoint request timed out"}"#)
    }

    @Test("the log has API Gateway's lines")
    func log() async throws {
        let world = try GatewayWorld(try GatewayWorld.shipped)
        _ = await world.send("POST", "/recipes/1/move?a=b", #"{"user_id":"2"}"#, headers: Self.json)
        let lines = world.record.lines.map { $0.split(separator: " ", maxSplits: 1)[1] }
        #expect(
            lines.map { $0.split(separator: ":")[0] } == [
                "Starting execution for request", "HTTP Method", "Method request path", "Method request query string",
                "Method request headers", "Method request body before transformations",
                "Endpoint request body after transformations", "Received response. Status",
                "Endpoint response body before transformations", "Method response body after transformations",
                "Method response headers", "Successfully completed execution", "Method completed with status",
            ])
        #expect(lines[2] == "Method request path: {id=1}")
        #expect(lines[3] == "Method request query string: {a=b}")
    }

    private static let secret = "eyJhbGciOi/JIUzI1NiJ9.e30.Zm9v+YmFyYmF6cXV4"

    @Test(
        "the log holds no credentials, wherever a template puts them",
        arguments: [
            ("Authorization", "Bearer \(secret)", secret), ("authorization", secret, secret),
            ("X-Api-Key", secret, secret), ("x-amz-security-token", secret, secret),
            ("Cookie", "a=1; session=\(secret)", secret), ("Cookie", "session=short-one", "short-one"),
            ("X-API-KEY", "kkk-123", "kkk-123"), ("Proxy-Authorization", "Basic \(secret)", secret),
        ])
    func redaction(header: String, value: String, secret: String) async throws {
        let text = OpenAPITests.document(
            """
                    requestTemplates:
                      application/json: |
                        {"a": "$input.params('\(header)')", "b": "$util.escapeJavaScript($input.params('\(header)'))",
                         "c": $input.json('$.token'), "q": "$input.params('api_key')",
                         "d": "$util.escapeJavaScript($util.escapeJavaScript($input.params('\(header)')))"}
            """)
        let world = try GatewayWorld(text) { call in
            ActionAnswer(status: 200, headers: [("Set-Cookie", "x")], body: call.body)
        }
        let response = await world.send(
            "POST", "/x/1?api_key=\(secret.replacing("+", with: "%2B"))",
            JSONValue.object(["token": .string(value)]).text,
            headers: Self.json + [(header, value)])
        #expect(response.text.contains(secret))
        let log = world.record.lines.joined(separator: "\n")
        #expect(log.contains("******"))
        for form in [secret, secret.replacing("/", with: "\\/"), secret.replacing("/", with: "\\\\\\/")] {
            #expect(!log.contains(form), "\(log)")
        }
    }

    @Test("a long credential keeps its last characters in the log, as on AWS, and a short one none")
    func redactionShown() async throws {
        let world = try GatewayWorld(try GatewayWorld.shipped)
        _ = await world.send(
            "POST", "/recipes/1/move?x-amz-signature=\(Self.secret)", #"{"user_id":"2"}"#,
            headers: Self.json + [("X-Api-Key", "0123456789abcdefghijklmnopqrst"), ("Authorization", "short")])
        let log = world.record.lines.joined(separator: "\n")
        #expect(log.contains("X-Api-Key=******opqrst"))
        #expect(log.contains("Authorization=******,"))
        #expect(log.contains("x-amz-signature=******F6cXV4") || log.contains("x-amz-signature=******"))
    }

    @Test("a credential that the log's cut would go through is replaced as a whole")
    func redactionAtCut() async throws {
        let world = try GatewayWorld(
            OpenAPITests.document("        requestTemplates: {application/json: \"$input.body\"}"))
        let body = String(repeating: "x", count: 1_010) + Self.secret
        _ = await world.send("POST", "/x/1", body, headers: Self.json + [("Authorization", Self.secret)])
        let log = world.record.lines.joined(separator: "\n")
        #expect(!log.contains(Self.secret.prefix(10)), "\(log)")
    }

    @Test("a move that is over answers a repeated request as it did the first; another input is refused")
    func repetition() async throws {
        let refusal = Array(
            #"{"__type":"com.amazonaws.swf.service.v2.model#ExecutionAlreadyExists","message":"m"}"#.utf8)
        let date = try #require(JSONNumber(text: "1786788672.125"))
        for isSame in [true, false] {
            let world = try GatewayWorld(try GatewayWorld.shipped) { _ in
                ActionAnswer(
                    status: 400, body: refusal, repeated: isSame ? RepeatedStart(arn: "arn:e", startDate: date) : nil)
            }
            let response = await world.send("POST", "/recipes/1/move", #"{"user_id":"2"}"#, headers: Self.json)
            #expect(response.status == (isSame ? 202 : 400))
            let first = #"{"executionArn":"arn:e","startDate":1786788672.125}"#
            #expect(response.body == (isSame ? Array(first.utf8) : refusal))
        }
    }

    @Test("headers that the connection writes, and others that AWS renames, come out renamed")
    func renamed() async throws {
        let names = [
            "Authorization", "Connection", "Content-Length", "Content-MD5", "Date", "Expect", "Host", "Max-Forwards",
            "Proxy-Authenticate", "Server", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent", "WWW-Authenticate",
        ]
        let mappings = names.map { "method.response.header.\($0): \"'0'\"" }.joined(separator: ", ")
        let text = OpenAPITests.document("        requestTemplates: {application/json: '{}'}").replacing(
            "{statusCode: 200}", with: "{statusCode: 200, responseParameters: {\(mappings)}}")
        let response = await (try GatewayWorld(text)).send("POST", "/x/1", headers: Self.json)
        #expect(response.status == 200)
        for name in names {
            #expect(response.header(name) == nil)
            #expect(response.header("x-amzn-Remapped-\(name)") == "0")
        }
    }

    @Test("a template does not see the headers of the connection")
    func hiddenHeaders() async throws {
        let template = "$input.params('TE')|$input.params('X')|$input.params('Host')"
        let world = try GatewayWorld(
            OpenAPITests.document("        requestTemplates: {application/json: \"\(template)\"}"))
        _ = await world.send("POST", "/x/1", headers: Self.json + [("TE", "gzip"), ("X", "1"), ("Host", "h")])
        #expect(world.record.calls.first?.text == "|1|h")
    }

    @Test("a body that the listener does not take gets the gateway's answer")
    func listenerLimit() async throws {
        let world = try GatewayWorld(
            try GatewayWorld.shipped + """

                x-amazon-apigateway-gateway-responses:
                  REQUEST_TOO_LARGE: {statusCode: 400}
                """)
        let response = world.gateway.tooLarge()
        #expect(response.status == 400)
        #expect(response.text == #"{"message":"Request Too Long"}"#)
        #expect(response.header("x-amzn-ErrorType") == "RequestTooLargeException")
        #expect(response.header("x-amzn-RequestId")?.isEmpty == false)
    }

    @Test("a type's own gateway response takes nothing from its family's")
    func ownResponse() async throws {
        let world = try GatewayWorld(
            try GatewayWorld.shipped + """

                x-amazon-apigateway-gateway-responses:
                  MISSING_AUTHENTICATION_TOKEN: {responseParameters: {gatewayresponse.header.X: "'1'"}}
                  DEFAULT_4XX: {statusCode: 418}
                """)
        #expect(await world.send("GET", "/nowhere").status == 403)
        let refused = await world.send("POST", "/recipes/1/move", "{}", headers: [("Content-Type", "text/plain")])
        #expect(refused.status == 418)
    }

    @Test("native routes stand beside the API's")
    func native() async throws {
        let route = NativeRoute(verb: "GET", path: try #require(RoutePath("/recipes/{id}"))) { _, parameters in
            MethodResponse(status: 200, json: .object(JSONObject([("id", .string(parameters["id"] ?? ""))])))
        }
        let world = try GatewayWorld(try GatewayWorld.shipped, native: [route])
        let response = await world.send("GET", "/recipes/7")
        #expect(response.text == #"{"id":"7"}"#)
        #expect(await world.send("DELETE", "/recipes/7").status == 403)
    }

    @Test("CORS is a mock", arguments: [#"{"statusCode": 200}"#, "{statusCode: 200}"])
    func cors(template: String) async throws {
        let text = """
            paths:
              /x:
                options:
                  responses: {"204": {description: none}}
                  x-amazon-apigateway-integration:
                    type: mock
                    requestTemplates: {application/json: '\(template)'}
                    responses:
                      "2\\\\d{2}":
                        statusCode: 204
                        responseParameters: {method.response.header.Access-Control-Allow-Origin: "'*'"}
            """
        let world = try GatewayWorld(text)
        let response = await world.send("OPTIONS", "/x")
        #expect(response.status == 204)
        #expect(response.body.isEmpty)
        #expect(response.header("Access-Control-Allow-Origin") == "*")
        #expect(response.header("X-Amzn-Trace-Id") == nil)
    }

    @Test(
        "a mock without a status, and an answer without a response, give 500",
        arguments: ["{}", #"{"statusCode":"x"}"#, #"{"statusCode":404}"#, "nonsense"])
    func brokenMock(template: String) async throws {
        let text = """
            paths:
              /x:
                get:
                  x-amazon-apigateway-integration:
                    type: mock
                    requestTemplates: {application/json: '\(template)'}
                    responses: {"200": {statusCode: 200}}
            """
        let response = await (try GatewayWorld(text)).send("GET", "/x")
        #expect(response.status == 500)
        #expect(response.text == #"{"message":"Internal server error"}"#)
    }

    @Test("a base path is part of every path, and outside of it there is nothing")
    func basePath() async throws {
        var stage = GatewayWorld.stage
        stage.basePath = "/v1"
        let world = try GatewayWorld(try GatewayWorld.shipped, stage: stage)
        #expect(await world.send("GET", "/v1/moves/m").status == 200)
        #expect(await world.send("GET", "/moves/m").status == 403)
        #expect(await world.send("GET", "/v1moves/m").status == 403)
    }

    @Test("overrides set headers and the status, but no header of two lines")
    func overrides() async throws {
        let text = OpenAPITests.document(
            """
                    requestTemplates:
                      application/json: |
                        #set($context.responseOverride.status = 201)
                        #set($context.responseOverride.header.Location = "/x/$input.params('id')")
                        #set($context.responseOverride.header.Bad = "$input.params('id')")
                        {}
            """)
        let world = try GatewayWorld(text)
        let response = await world.send("POST", "/x/a%0D%0AX-Evil:%201", headers: Self.json)
        #expect(response.status == 201)
        #expect(response.header("Bad") == nil)
        #expect(response.header("X-Evil") == nil)
        #expect(await world.send("POST", "/x/7", headers: Self.json).header("Location") == "/x/7")
    }

    @Test("gateway responses are customised by type and by family")
    func customised() async throws {
        let world = try GatewayWorld(
            try GatewayWorld.shipped + """

                x-amazon-apigateway-gateway-responses:
                  MISSING_AUTHENTICATION_TOKEN:
                    statusCode: 404
                    responseTemplates: {application/json: '{"error":$context.error.messageString,"p":"$context.path"}'}
                  DEFAULT_4XX:
                    responseParameters: {gatewayresponse.header.Access-Control-Allow-Origin: "'*'"}
                """)
        let missing = await world.send("GET", "/nowhere")
        #expect(missing.status == 404)
        #expect(missing.text == #"{"error":"Missing Authentication Token","p":"/nowhere"}"#)
        let refused = await world.send("POST", "/recipes/1/move", "{}", headers: [("Content-Type", "text/plain")])
        #expect(refused.status == 415)
        #expect(refused.header("Access-Control-Allow-Origin") == "*")
        #expect(refused.text == #"{"message":"Unsupported Media Type"}"#)
    }
}

@Suite("Bad requests at the gateway")
struct GatewayBadRequestTests {
    @Test(
        "each has its exact status and body",
        arguments: [
            ("GET", "/", "", [], 403, #"{"message":"Missing Authentication Token"}"#),
            ("GET", "/recipes/1/move", "", [], 403, #"{"message":"Missing Authentication Token"}"#),
            ("POST", "/recipes/1/move/x", "", [], 403, #"{"message":"Missing Authentication Token"}"#),
            ("POST", "/recipes//move", "", [], 403, #"{"message":"Missing Authentication Token"}"#),
            ("PUT", "/recipes/1/move", "{}", [], 403, #"{"message":"Missing Authentication Token"}"#),
            ("POST", "/recipes/1/move", "", [], 400, #"{"message":"Invalid request body"}"#),
            ("POST", "/recipes/1/move", "{}", [], 400, #"{"message":"Invalid request body"}"#),
            ("POST", "/recipes/1/move", "[]", [], 400, #"{"message":"Invalid request body"}"#),
            ("POST", "/recipes/1/move", "null", [], 400, #"{"message":"Invalid request body"}"#),
            ("POST", "/recipes/1/move", "{", [], 400, #"{"message":"Invalid request body"}"#),
            ("POST", "/recipes/1/move", "{\"user_id\":\"2\"} x", [], 400, #"{"message":"Invalid request body"}"#),
            ("POST", "/recipes/1/move", "{\"user_id\":null}", [], 400, #"{"message":"Invalid request body"}"#),
            ("POST", "/recipes/1/move", "{\"user_id\":0}", [], 400, #"{"message":"Invalid request body"}"#),
            ("POST", "/recipes/1/move", "{\"user_id\":1.5}", [], 400, #"{"message":"Invalid request body"}"#),
            ("POST", "/recipes/1/move", "{\"user_id\":\"x\"}", [], 400, #"{"message":"Invalid request body"}"#),
            ("POST", "/recipes/1/move", "{\"user_id\":[2]}", [], 400, #"{"message":"Invalid request body"}"#),
            (
                "POST", "/recipes/1/move", "user_id=2", [("Content-Type", "application/x-www-form-urlencoded")], 415,
                #"{"message":"Unsupported Media Type"}"#
            ),
            (
                "POST", "/recipes/1/move", "{\"user_id\":\"2\"}", [("content-type", "text/json")], 415,
                #"{"message":"Unsupported Media Type"}"#
            ),
        ] as [(String, String, String, [(String, String)], Int, String)])
    func refused(
        _ request: (
            method: String, target: String, body: String, headers: [(String, String)], status: Int, answer: String
        )
    ) async throws {
        let world = try GatewayWorld(try GatewayWorld.shipped)
        let response = await world.send(request.method, request.target, request.body, headers: request.headers)
        #expect(response.status == request.status)
        #expect(response.text == request.answer)
        #expect(response.header("x-amzn-ErrorType") != nil)
        #expect(world.record.calls.isEmpty)
    }

    @Test("a charset, and a missing content type, count as JSON")
    func contentType() async throws {
        let world = try GatewayWorld(try GatewayWorld.shipped)
        let body = "{\"user_id\":\"2\"}"
        #expect(await world.send("POST", "/recipes/1/move", body).status == 202)
        let typed = [("Content-Type", "Application/JSON; charset=utf-8")]
        #expect(await world.send("POST", "/recipes/1/move", body, headers: typed).status == 202)
    }

    @Test("required parameters are named, header first, then path and query string, each sorted")
    func required() async throws {
        let text = """
            paths:
              /x:
                get:
                  parameters:
                    - {name: q2, in: query, required: true}
                    - {name: q1, in: query, required: true}
                    - {name: X-H, in: header, required: true}
                    - {name: issuer, in: path, required: true}
                  x-amazon-apigateway-request-validator: all
                  x-amazon-apigateway-integration:
                    type: mock
                    requestTemplates: {application/json: '{"statusCode":200}'}
                    responses: {default: {statusCode: 200}}
            x-amazon-apigateway-request-validators: {all: {validateRequestParameters: true}}
            """
        let world = try GatewayWorld(text)
        let response = await world.send("GET", "/x?q2=")
        #expect(response.status == 400)
        #expect(response.text == #"{"message":"Missing required request parameters: [X-H, issuer, q1, q2]"}"#)
    }

    @Test("a template that fails gives 500 and says where in the log")
    func template() async throws {
        let text = OpenAPITests.document("        requestTemplates: {application/json: \"$input.path('$.l')[9]\"}")
        let world = try GatewayWorld(text, level: .error)
        let response = await world.send("POST", "/x/1", #"{"l":[]}"#, headers: GatewayHandlerTests.json)
        #expect(response.status == 500)
        #expect(response.text == #"{"message":"Internal server error"}"#)
        #expect(world.record.lines.first?.contains("Unable to transform request: Index 9 out of bounds") == true)
    }

    @Test("a body that is not UTF-8, and one that is too large")
    func bodies() async throws {
        let world = try GatewayWorld(
            OpenAPITests.document("        requestTemplates: {application/json: \"$input.body\"}"))
        let bad = MethodRequest(
            method: "POST", path: "/x/1", headers: [("Content-Type", "application/json")], body: [0xFF])
        #expect(await world.gateway.handle(bad).status == 500)
        let large = MethodRequest(method: "POST", path: "/x/1", body: Array(repeating: 0x20, count: 10 << 20 + 1))
        let response = await world.gateway.handle(large)
        #expect(response.status == 413)
        #expect(response.text == #"{"message":"Request Too Long"}"#)
    }
}
