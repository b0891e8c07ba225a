// Schemas of request bodies.

import JSON
import Testing

@testable import Gateway

@Suite("Request models")
struct JSONSchemaTests {
    @Test(
        "a keyword lets through what it allows and nothing else",
        arguments: [
            (#"{"type":"object"}"#, "{}", "[]"),
            (#"{"type":["integer","null"]}"#, "null", "1.5"),
            (#"{"type":"integer"}"#, "7", "7.5"),
            (#"{"type":"number"}"#, "7.5", "\"7\""),
            (#"{"enum":[1,"a"]}"#, "\"a\"", "2"),
            (#"{"required":["a"]}"#, #"{"a":null}"#, "{}"),
            (#"{"properties":{"a":{"type":"string"}}}"#, #"{"a":"x","b":1}"#, #"{"a":1}"#),
            (#"{"properties":{"a":{}},"additionalProperties":false}"#, #"{"a":1}"#, #"{"b":1}"#),
            (#"{"additionalProperties":{"type":"string"}}"#, #"{"a":"x"}"#, #"{"a":1}"#),
            (#"{"patternProperties":{"^x":{"type":"string"}}}"#, #"{"x1":"a","y":1}"#, #"{"x1":1}"#),
            (#"{"items":{"type":"string"}}"#, #"["a"]"#, #"["a",1]"#),
            (#"{"items":[{"type":"string"}],"additionalItems":false}"#, #"["a"]"#, #"["a",1]"#),
            (#"{"minItems":1,"maxItems":2,"uniqueItems":true}"#, "[1,2]", "[1,1]"),
            (#"{"minItems":1}"#, "[1]", "[]"),
            (#"{"minLength":2,"maxLength":3}"#, "\"äöü\"", "\"x\""),
            (#"{"pattern":"^[a-z]+$"}"#, "\"abc\"", "\"a1\""),
            (#"{"minimum":1,"maximum":3}"#, "3", "4"),
            (#"{"minimum":1,"exclusiveMinimum":true}"#, "1.1", "1"),
            (#"{"multipleOf":5}"#, "10", "11"),
            (#"{"multipleOf":0.1}"#, "0.3", "0.35"),
            (#"{"multipleOf":2}"#, "9007199254740992", "9007199254740993"),
            (#"{"multipleOf":7}"#, "-9223372036854775808.0e-400", "1e999"),
            (#"{"multipleOf":3}"#, "9223372036854775806", "-9223372036854775808"),
            (#"{"minimum":-9223372036854775808}"#, "-9223372036854775808", "-9223372036854775809"),
            (#"{"maximum":1e400}"#, "1e399", "1e401"),
            (#"{"minLength":-9223372036854775808,"maxLength":0}"#, "\"\"", "\"a\""),
            (#"{"minItems":0,"maxItems":-9223372036854775808}"#, "{}", "[]"),
            (#"{"uniqueItems":true}"#, #"[1,"1",{"a":1},[1],null,true]"#, #"[{"a":1,"b":2},{"b":2.0,"a":1e0}]"#),
            (#"{"dependencies":{"a":["b"]}}"#, #"{"a":1,"b":2}"#, #"{"a":1}"#),
            (#"{"dependencies":{"a":{"required":["c"]}}}"#, #"{"b":1}"#, #"{"a":1}"#),
            (#"{"minProperties":1,"maxProperties":1}"#, #"{"a":1}"#, #"{"a":1,"b":2}"#),
            (#"{"allOf":[{"type":"string"},{"minLength":2}]}"#, "\"ab\"", "\"a\""),
            (#"{"anyOf":[{"type":"string"},{"type":"null"}]}"#, "null", "1"),
            (#"{"oneOf":[{"type":"null"},{"type":"integer"}]}"#, "null", "\"x\""),
            (#"{"oneOf":[{"type":"number"},{"type":"integer"}]}"#, "1.5", "1"),
            (#"{"not":{"type":"null"}}"#, "1", "null"),
            (#"{"type":"string","nullable":true}"#, "null", "1"),
            (##"{"$ref":"#/components/schemas/Name"}"##, "\"x\"", "1"),
            (##"{"$ref":"#/definitions/Name"}"##, "\"x\"", "1"),
            (#"{"$ref":"https://apigateway.amazonaws.com/restapis/id/models/Name"}"#, "\"x\"", "1"),
        ] as [(String, String, String)])
    func keyword(schema: String, good: String, bad: String) throws {
        let models = JSONObject([("Name", try JSONValue.parse(#"{"type":"string"}"#))])
        let schema = JSONSchema(try JSONValue.parse(schema), models: models)
        #expect(schema.faults(of: try JSONValue.parse(good)) == [])
        #expect(schema.faults(of: try JSONValue.parse(bad)) != [])
    }

    @Test("an array without duplicates is not compared pair by pair, and one made to need that is refused")
    func unique() throws {
        let schema = JSONSchema(try JSONValue.parse(#"{"uniqueItems":true}"#), models: [:])
        let many = JSONValue.array((0..<100_000).map { .int($0) })
        #expect(schema.faults(of: many) == [])
        let close = JSONValue.array(
            (0..<20_000).map { index in
                JSONValue.number(JSONNumber(text: "1.00000000000000000000000\(100_000 + index)") ?? JSONNumber(0))
            })
        #expect(schema.faults(of: close) != [])
    }

    @Test("a model whose combinations refer to itself takes a bounded number of steps, and the body is refused")
    func combinations() throws {
        let operators = ["add", "sub", "mul", "div"].map { name in
            "{\"required\":[\"\(name)\"],\"properties\":{\"\(name)\":{\"items\":{\"$ref\":\"#/definitions/E\"}}}}"
        }
        // Each operator is tried for each level.
        let all = operators.map { $0.replacing("\"required\"", with: "\"title\"") }.joined(separator: ",")
        let rule = try JSONValue.parse("{\"oneOf\":[\(all)]}")
        let schema = JSONSchema(rule, models: JSONObject([("E", rule)]))
        var body = JSONValue.object(["leaf": 1])
        for _ in 0..<30 { body = ["add": [body], "sub": [body], "mul": [body], "div": [body]] }
        #expect(schema.faults(of: body).first?.contains("too many steps") == true)
    }

    @Test(
        "patterns and enums of a model draw from one budget for the body",
        arguments: [#"{"items":{"pattern":"^(\\w+\\s?)*$"}}"#, #"{"items":{"not":{"pattern":"(a|aa)+b|DROP"}}}"#])
    func patterns(rule: String) throws {
        let schema = JSONSchema(try JSONValue.parse(rule), models: [:])
        let hostile = JSONValue.array(
            Array(repeating: .string(String(repeating: "a", count: 60) + "!DROP"), count: 30_000))
        #expect(schema.faults(of: hostile).first?.contains("too many steps") == true)
    }

    @Test("a model that refers to itself ends")
    func recursion() throws {
        let node = try JSONValue.parse(##"{"properties":{"next":{"$ref":"#/definitions/Node"}},"required":["id"]}"##)
        let schema = JSONSchema(node, models: JSONObject([("Node", node)]))
        #expect(schema.faults(of: try JSONValue.parse(#"{"id":1,"next":{"id":2}}"#)) == [])
        #expect(schema.faults(of: try JSONValue.parse(#"{"id":1,"next":{}}"#)) != [])
        let endless = JSONSchema(
            try JSONValue.parse(##"{"$ref":"#/definitions/A"}"##),
            models: JSONObject([("A", try JSONValue.parse(##"{"$ref":"#/definitions/A"}"##))]))
        #expect(endless.faults(of: 1) != [])
    }
}
