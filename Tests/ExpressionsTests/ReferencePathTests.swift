// Reading and writing at a single node.

import Core
import Expressions
import JSON
import Testing

@Suite("Reference Path")
struct ReferencePathTests {
    @Test(
        "A path that may name more than one node is refused.",
        arguments: [
            "$[*]", "$.*", "$..a", "$[0:1]", "$[0,1]", "$['a','b']", "$.a@b", "$.a,b", "$.a:b", "$.a?", "a", "$.", "",
            "$[(@.length-1)]", "$['a'x]", "$.a]", "$[0]x", "$.a*", "$.a'b", "$['a'']",
        ])
    func refused(path: String) {
        #expect { try ReferencePath(path) } throws: { ($0 as? JSONPathError)?.code == .syntax }
    }

    @Test("Names and indices are accepted, operators in quotes or after a backslash too.")
    func accepted() throws {
        let scope = PathScope(input: ["a": [["b@c": 5]]], context: ["Task": 1], variables: ["v": ["w": 2]])
        #expect(try ReferencePath("$.a[0]['b@c']").evaluated(scope) == 5)
        #expect(try ReferencePath("$.a[0].b\\@c").applied(scope) == 5)
        #expect(try ReferencePath("$$.Task").evaluated(scope) == 1)
        #expect(try ReferencePath("$v.w").evaluated(scope) == 2)
        #expect { try ReferencePath("$$.Task", allowContext: false) } throws: {
            ($0 as? JSONPathError)?.code == .syntax
        }
    }

    @Test(
        "A value is put at the path, members on the way are made, the others keep their order.",
        arguments: [
            ("$", #"{"a":1}"#, #""new""#),
            ("$.b", #"{"a":1,"b":2,"c":3}"#, #"{"a":1,"b":"new","c":3}"#),
            ("$.d", #"{"a":1}"#, #"{"a":1,"d":"new"}"#),
            ("$.x.y.z", #"{"a":1}"#, #"{"a":1,"x":{"y":{"z":"new"}}}"#),
            ("$.a.b", #"{"a":{"c":1}}"#, #"{"a":{"c":1,"b":"new"}}"#),
            ("$.a[1]", #"{"a":[1,2,3]}"#, #"{"a":[1,"new",3]}"#),
            ("$.a[1].b", #"{"a":[{},{}]}"#, #"{"a":[{},{"b":"new"}]}"#),
            (#"$.a\.b.\c"#, "{}", #"{"a.b":{"c":"new"}}"#),
            ("$['a b']", "{}", #"{"a b":"new"}"#),
        ])
    func setting(path: String, document: String, expected: String) throws {
        let document = try JSONValue.parse(document)
        #expect(try ReferencePath(path).setting("new", in: document).text == expected)
    }

    @Test(
        "A path that cannot be applied says so and to what.",
        arguments: [
            ("$.a", "1", "ReferencePath $.a to input 1"), ("$[0]", "null", "ReferencePath $[0] to input null"),
            ("$.a", "[]", #"step "a" to input []"#), ("$.a.b", #"{"a":1}"#, #"step "b" to input 1"#),
            ("$.a.b", #"{"a":null}"#, #"step "b" to input null"#), ("$.a[0]", #"{"a":[]}"#, #"step "[0]" to input []"#),
            ("$.a[-1]", #"{"a":[1]}"#, #"step "[-1]" to input [1]"#), ("$.a[0]", "{}", #"step "[0]" to input {}"#),
        ])
    func conflict(path: String, document: String, message: String) throws {
        let reference = try ReferencePath(path)
        let value = try JSONValue.parse(document)
        #expect { try reference.setting(1, in: value) } throws: {
            ($0 as? JSONPathError)?.code == .conflict && ($0 as? JSONPathError)?.message == "Unable to apply \(message)"
        }
    }

    @Test("Applied step by step, a missing member is a conflict, and null has no steps.")
    func applied() throws {
        let path = try ReferencePath("$.x")
        #expect(try path.applied(PathScope(input: ["x": [1]])) == [1])
        #expect { try path.applied(PathScope(input: ["y": 1])) } throws: {
            ($0 as? JSONPathError)?.message == #"Unable to apply step "x" to input {"y":1}"#
        }
        #expect { try path.applied(PathScope(input: .null)) } throws: { ($0 as? JSONPathError)?.code == .nullInput }
    }
}

extension ReferencePath {
    fileprivate func applied(_ scope: PathScope) throws(JSONPathError) -> JSONValue {
        var budget = EvaluationBudget(steps: Limits.Evaluation.JSONPath.maximumSteps)
        return try applied(to: scope, budget: &budget)
    }
}
