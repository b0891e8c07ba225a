// What is done about every setting of an OpenAPI file that Newel does not act on.

import JSON
import Testing

@testable import Gateway

@Suite("Settings of OpenAPI files that are not enforced")
struct OpenAPIDecisionTests {
    /// What a document with the lines gives: a word of the finding's message, `nil` for no finding at all.
    struct Decision: Sendable, CustomTestStringConvertible {
        enum Outcome: String, Sendable {
            case refused
            case warned
            case served
        }

        var text: String
        var outcome: Outcome
        var message: String
        /// Where the finding is, `nil` for a document that is served without one.
        var path: [String]

        var testDescription: String { "\(outcome) \(path.joined(separator: " ")) \(text.suffix(60))" }
    }

    private static let post = ["paths", "/x/{id}", "post"]
    private static let integration = post + ["x-amazon-apigateway-integration"]

    /// Lines of an operation.
    private static func operation(
        _ lines: String, _ outcome: Decision.Outcome, _ message: String = "", _ path: [String] = []
    ) -> Decision {
        let text = OpenAPITests.document(lines.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n"))
        return Decision(text: text, outcome: outcome, message: message, path: path.isEmpty ? [] : post + path)
    }

    /// Lines of an integration.
    private static func integration(
        _ lines: String, _ outcome: Decision.Outcome, _ message: String = "", _ path: [String] = []
    ) -> Decision {
        let text = OpenAPITests.document("        \(lines)")
        return Decision(text: text, outcome: outcome, message: message, path: path.isEmpty ? [] : integration + path)
    }

    /// Lines of the root.
    private static func root(
        _ lines: String, _ outcome: Decision.Outcome, _ message: String = "", _ path: [String] = []
    ) -> Decision {
        Decision(text: OpenAPITests.document("") + "\n" + lines, outcome: outcome, message: message, path: path)
    }

    static let callers: [Decision] = [
        operation("security: [{lambda: []}]", .refused, "'lambda'", ["security"]),
        operation("security: [{api_key: []}]", .refused, "everyone would be served", ["security"]),
        operation("security: [{}, {pool: [scope]}]", .refused, "'pool'", ["security"]),
        operation("security: [{a: [], b: []}]", .refused, "'a', 'b'", ["security"]),
        operation("security: [unknown]", .refused, "authorization", ["security"]),
        operation("security: {sigv4: []}", .refused, "authorization", ["security"]),
        operation("security:", .refused, "authorization", ["security"]),
        operation("<<: {security: [{k: []}]}", .refused, "'k'", ["security"]),
        operation("<<: [{}, {security: [{k: []}]}]", .refused, "'k'", ["security"]),
        operation(
            "<<: {x-amazon-apigateway-auth: {type: AWS_IAM}}", .refused, "AWS_IAM", ["x-amazon-apigateway-auth"]),
        operation(
            "x-amazon-apigateway-request-validator: 1", .refused, "no text",
            [
                "x-amazon-apigateway-request-validator"
            ]),
        operation("security: []", .served),
        operation("security: [{}]", .served),
        operation("x-amazon-apigateway-auth: {type: AWS_IAM}", .refused, "AWS_IAM", ["x-amazon-apigateway-auth"]),
        operation("x-amazon-apigateway-auth: {type: none}", .served),
        operation("x-amazon-apigateway-auth: AWS_IAM", .refused, "AWS_IAM", ["x-amazon-apigateway-auth"]),
        operation("x-amazon-apigateway-auth: {}", .refused, "authorization", ["x-amazon-apigateway-auth"]),
        operation("X-Amazon-Apigateway-Auth: {type: AWS_IAM}", .refused, "not supported", ["X-Amazon-Apigateway-Auth"]),
        operation(
            "x-amazon-apigateway-authorizer: {type: token}", .refused, "not supported at this place",
            ["x-amazon-apigateway-authorizer"]),
        root("security: [{k: []}]", .refused, "AWS ignores security at the root", ["security"]),
        root("security: []", .served),
        root(
            "x-amazon-apigateway-policy: {Version: '2012-10-17', Statement: []}", .refused, "resource policy",
            ["x-amazon-apigateway-policy"]),
        root(
            "x-amazon-apigateway-auth: {type: AWS_IAM}", .refused, "not supported at this place",
            ["x-amazon-apigateway-auth"]),
        root(
            "components: {securitySchemes: {k: {type: apiKey, name: x-api-key, in: header}}}", .warned, "No operation",
            ["components", "securitySchemes", "k"]),
        root(
            "x-amazon-apigateway-api-key-source: HEADER", .warned, "no effect", ["x-amazon-apigateway-api-key-source"]),
    ]

    static let checks: [Decision] = [
        root(
            "x-amazon-apigateway-request-validators: {all: {validateRequestBody: 'true'}}", .refused,
            "validateRequestBody is", ["x-amazon-apigateway-request-validators", "all", "validateRequestBody"]),
        root(
            "x-amazon-apigateway-request-validators: {all: {validateBody: true}}", .refused, "validateBody",
            ["x-amazon-apigateway-request-validators", "all", "validateBody"]),
        root(
            "x-amazon-apigateway-new-check: true", .refused, "not supported at this place",
            ["x-amazon-apigateway-new-check"]),
        Decision(
            text: OpenAPITests.document(
                """
                      x-amazon-apigateway-request-validator: all
                      requestBody: {content: {application/json: {schema: {pattern: '('}}}}
                x-amazon-apigateway-request-validators: {all: {validateRequestBody: true}}
                """), outcome: .refused, message: "'(' is no regular expression", path: post + ["requestBody"]),
        Decision(
            text: OpenAPITests.document(
                """
                      x-amazon-apigateway-request-validator: all
                      requestBody: {content: {application/json: {schema: {items: {$ref: '#/components/schemas/No'}}}}}
                x-amazon-apigateway-request-validators: {all: {validateRequestBody: true}}
                """), outcome: .refused, message: "There is no model", path: post + ["requestBody"]),
        Decision(
            text: "paths:\n  /x:\n    security: [{k: []}]", outcome: .refused,
            message: "AWS ignores security of a path",
            path: ["paths", "/x", "security"]),
        Decision(
            text: "paths:\n  /x:\n    trace: {}", outcome: .refused, message: "'trace' is no operation",
            path: ["paths", "/x", "trace"]),
        Decision(
            text: "paths:\n  /x:\n    $ref: '#/x'", outcome: .refused, message: "by reference",
            path: ["paths", "/x", "$ref"]),
    ]

    static let contents: [Decision] = [
        integration("contentHandling: CONVERT_TO_BINARY", .refused, "CONVERT_TO_BINARY", ["contentHandling"]),
        integration("contentHandling: CONVERT_TO_TEXT", .served),
        integration("httpMethod: GET", .refused, "httpMethod is", ["httpMethod"]),
        integration("httpMethod: POST", .served),
        integration("connectionType: VPC_LINK", .refused, "VPC_LINK", ["connectionType"]),
        integration("connectionType: INTERNET", .served),
        integration("connectionId: x", .refused, "VPC links", ["connectionId"]),
        integration("payloadFormatVersion: '1.0'", .refused, "not supported", ["payloadFormatVersion"]),
        integration("requestTemplate: {}", .refused, "requestTemplate", ["requestTemplate"]),
        integration("responseTransferMode: STREAM", .refused, "not supported", ["responseTransferMode"]),
        integration("tlsConfig: {insecureSkipVerification: true}", .warned, "without TLS", ["tlsConfig"]),
        integration("cacheKeyParameters: [method.request.path.id]", .warned, "not cached", ["cacheKeyParameters"]),
        integration("cacheNamespace: x", .warned, "not cached", ["cacheNamespace"]),
        integration(
            "requestParameters: {integration.request.header.X-Amz-Target: \"'AWSStepFunctions.StopExecution'\"}",
            .refused, "cannot be mapped", ["requestParameters", "integration.request.header.X-Amz-Target"]),
        integration(
            "requestParameters: {integration.request.header.Content-Type: \"'text/xml'\"}", .refused,
            "does not take this Content-Type", ["requestParameters", "integration.request.header.Content-Type"]),
        integration(
            "requestParameters: {integration.request.header.Content-Type: \"'application/x-amz-json-1.1'\"}", .served),
        integration(
            "requestParameters: {integration.request.header.X-Tenant: method.request.header.X-Tenant}", .warned,
            "no effect", ["requestParameters", "integration.request.header.X-Tenant"]),
        integration(
            "requestParameters: {integration.request.querystring.q: method.request.querystring.q}", .warned,
            "no effect", ["requestParameters", "integration.request.querystring.q"]),
        root(
            "x-amazon-apigateway-binary-media-types: ['*/*']", .refused, "Binary media types",
            ["x-amazon-apigateway-binary-media-types"]),
        root("x-amazon-apigateway-binary-media-types: []", .served),
        root("x-amazon-apigateway-cors: {allowOrigins: ['*']}", .refused, "HTTP APIs", ["x-amazon-apigateway-cors"]),
        root(
            "x-amazon-apigateway-gateway-responses: {THROTTLED: {statusCode: 99999}}", .refused, "The statusCode is",
            ["x-amazon-apigateway-gateway-responses", "THROTTLED", "statusCode"]),
        root(
            "x-amazon-apigateway-minimum-compression-size: 0", .warned, "does not compress",
            ["x-amazon-apigateway-minimum-compression-size"]),
        root(
            "x-amazon-apigateway-endpoint-configuration: {types: [REGIONAL]}", .warned, "no effect",
            ["x-amazon-apigateway-endpoint-configuration"]),
        root(
            "x-amazon-apigateway-documentation: {version: '1'}", .warned, "not published",
            ["x-amazon-apigateway-documentation"]),
        root("x-vendor-thing: 1\ntags: [{name: a}]", .served),
    ]

    @Test("each is served, reported or refused at its place", arguments: callers + checks + contents)
    func decision(_ decision: Decision) throws {
        let read = GatewayAPI.read(decision.text)
        guard decision.outcome != .served else {
            #expect(read.findings == [])
            #expect(read.api != nil)
            return
        }
        let severity: OpenAPIFinding.Severity = decision.outcome == .refused ? .error : .warning
        let found = read.findings.filter { $0.severity == severity }
        let finding = try #require(
            found.first { $0.path == decision.path && $0.message.contains(decision.message) }, "\(read.findings)")
        #expect((read.api == nil) == (decision.outcome == .refused))
        #expect(finding.severity == .warning || !finding.hint.isEmpty)
        // Every path ends in a key of the document, which is on the finding's line; a body's model is found below it.
        let line = decision.text.split(separator: "\n", omittingEmptySubsequences: false)[finding.line - 1]
        #expect(decision.path.contains { line.contains($0) }, "\(finding.line): \(line)")
    }

    @Test("every extension of the tables has a row here, so that none is honored by accident")
    func tables() {
        let texts = (Self.callers + Self.checks + Self.contents).map(\.text).joined()
        for (name, decision) in OpenAPIDecision.root.merging(OpenAPIDecision.integration, uniquingKeysWith: { $1 })
        where decision != .honored {
            #expect(texts.contains(name) || ["importexport-version", "tag-value"].contains(name), "\(name)")
        }
    }

    @Test(
        "A short file of YAML cannot become a large one, nor hide what it says.",
        arguments: [
            (
                (0..<30).reduce("a0: &a0 [1, 1]\n") { $0 + "a\($1 + 1): &a\($1 + 1) [*a\($1), *a\($1)]\n" },
                "too many values"
            ),
            ("!!binary c2VjdXJpdHk=: [{k: []}]", "A key must be a text"), ("a: !!binary c2Vj", "!!binary"),
            ("? [a]\n: b", "A key must be a text"), ("<<: [1]", "A merge key"),
        ])
    func hostileYAML(text: String, words: String) {
        let failure = #expect(throws: YAMLDocument.Failure.self) { try YAMLDocument(text) }
        #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    }

    @Test("A merge key adds members; those that are written out take precedence, then those that are merged first.")
    func mergeKeys() throws {
        let document = try YAMLDocument("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz: {<<: [*x, *y], a: 3, '<<': 4}")
        #expect(document.root["z"] == ["a": 3, "<<": 4, "b": 1, "c": 2])
    }
}
