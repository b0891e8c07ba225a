// What OpenAPI files are read as, and what is found wrong in them.

import JSON
import Testing

@testable import Gateway

@Suite("OpenAPI files")
struct OpenAPITests {
    @Test("the shipped file is served without a finding")
    func shipped() throws {
        let read = GatewayAPI.read(try GatewayWorld.shipped)
        #expect(read.findings == [])
        #expect(
            read.api?.methods.map { "\($0.verb) \($0.path.text)" } == [
                "POST /recipes/{id}/move", "GET /moves/{execution}",
            ])
    }

    /// A document with one operation, in which a line is put.
    static func document(_ lines: String) -> String {
        """
        paths:
          /x/{id}:
            post:
              x-amazon-apigateway-integration:
                type: aws
                uri: arn:aws:apigateway:us-east-1:states:action/StartExecution
                credentials: arn:aws:iam::000000000000:role/R
                passthroughBehavior: never
                responses: {default: {statusCode: 200}}
        \(lines)
        """
    }

    @Test("JSON may escape a character in two halves, which YAML may not.")
    func surrogates() throws {
        let document = try YAMLDocument(#"{"a": "x\ud83d\uDE00\n", "b": "\\ud83d\\ude00"}"#)
        #expect(document.root == ["a": "x\u{1F600}\n", "b": #"\ud83d\ude00"#])
        #expect(throws: YAMLDocument.Failure.self) { try YAMLDocument(#"{"a": "\ud83d"}"#) }
    }

    @Test(
        "a finding says what and where",
        arguments: [
            ("openapi: 3.0.1", "The document has no paths", 1),
            ("paths: [", "Not YAML", 2),
            ("", "Not YAML", 1),
            ("paths:\n  x: {get: {}}", "'x' is no resource path", 2),
            ("paths:\n  /x:\n    get: {}", "no x-amazon-apigateway-integration", 3),
            ("paths:\n  /x:\n    get:\n      x-amazon-apigateway-integration: {type: http}", "of type 'http'", 4),
            (
                "paths:\n  /x:\n    get:\n      x-amazon-apigateway-integration:\n        type: aws\n        uri: none",
                "is none that the gateway can call", 6
            ),
            (document("        timeoutInMillis: 30000"), "timeoutInMillis is 30000", 10),
            (
                document(
                    "        requestTemplates:\n          application/json: |\n            {\n            #if(true)"),
                "#if without #end", 13
            ),
            (document("        requestTemplates: {application/json: \"$x[\"}"), "ends where", 10),
            (document("        requestTemplates: {application/json: \"#macro(a)b#end\"}"), "does not have #macro", 10),
            (document("        requestParameters: {integration.request.header.Host: \"'x'\"}"), "cannot be mapped", 10),
            (document("        requestParameters: {x: y}"), "is no parameter mapping", 10),
            (document("      x-amazon-apigateway-request-validator: nope"), "no request validator 'nope'", 10),
        ])
    func errors(text: String, message: String, line: Int) throws {
        let read = GatewayAPI.read(text)
        #expect(read.api == nil)
        let finding = try #require(read.findings.first { $0.severity == .error })
        #expect(finding.message.contains(message))
        #expect(finding.line == line)
        #expect(!finding.hint.isEmpty)
    }

    @Test("the blog's template is served, with a warning at each value")
    func unsafe() throws {
        let template = """
                    requestTemplates:
                      application/json: |
                        {
                          "input": "{ \\"id\\": \\"$input.params('id')\\", \\"u\\": \\"$input.path('$').user_id\\" }"
                        }
            """
        let read = GatewayAPI.read(Self.document(template))
        #expect(read.api != nil)
        #expect(read.findings.map(\.severity) == [.warning, .warning])
        #expect(read.findings.map(\.line) == [13, 13])
    }

    @Test("JSON is read as YAML is")
    func json() throws {
        let text = #"""
            {"paths": {"/x": {"options": {"x-amazon-apigateway-integration": {"type": "mock",
             "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
             "responses": {"default": {"statusCode": "204"}}}}}}}
            """#
        let read = GatewayAPI.read(text)
        #expect(read.findings == [])
        #expect(read.api?.methods.count == 1)
    }
}
