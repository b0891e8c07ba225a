// Mapping templates beyond the recorded cases.

import Core
import Expressions
import JSON
import Testing

@Suite("Mapping templates")
struct TemplateTests {
    static let scope = TemplateScope(
        body: #"{"user_id":"u-9","n":1,"l":[1,2,3],"o":{"k":"v"}}"#, path: ["id": "r-1"],
        querystring: ["q": "a b"], header: ["X-Trace": "it's"],
        context: ["requestId": "req-1", "identity": ["sourceIp": "127.0.0.1"]],
        stageVariables: ["arn": "arn:aws:states:us-east-1:000000000000:stateMachine:m"])

    func render(_ source: String, _ scope: TemplateScope = scope) throws -> String {
        try Template.parse(source).render(scope).text
    }

    @Test(
        "every escape of escapeJavaScript is commons-lang's",
        arguments: [
            ("'", #"\'"#), ("\"", #"\""#), ("\\", #"\\"#), ("/", #"\/"#), ("\u{8}", #"\b"#), ("\t", #"\t"#),
            ("\n", #"\n"#), ("\u{C}", #"\f"#), ("\r", #"\r"#), ("\0", #"\u0000"#), ("\u{1F}", #"\u001F"#),
            ("\u{7F}", "\u{7F}"), ("\u{80}", #"\u0080"#), ("ü", #"\u00FC"#), ("日", #"\u65E5"#),
            ("😀", #"\uD83D\uDE00"#), ("a <>&$#", "a <>&$#"),
        ])
    func escapeJavaScript(text: String, escaped: String) throws {
        #expect(TemplateUtil.escapeJavaScript(text) == escaped)
        let scope = TemplateScope(querystring: ["q": text])
        #expect(try render("$util.escapeJavaScript($input.params('q'))", scope) == escaped)
    }

    @Test(
        "$input.json escapes as json-smart does",
        arguments: [
            (#""a\/b""#, #""a/b""#), (#""\u001f\u007f\u0080""#, #""\u001F\u007F\u0080""#),
            (#""\u2028€""#, #""\u2028\u20AC""#), (#""ü日😀""#, #""ü日😀""#), ("1.10", "1.1"), ("1e3", "1000.0"),
            ("12345678901234567890123", "12345678901234567890123"), (#"{"a" : [ 1 , null ]}"#, #"{"a":[1,null]}"#),
        ])
    func json(body: String, text: String) throws {
        #expect(try render("$input.json('$')", TemplateScope(body: body)) == text)
        // The live value prints as the parsed one.
        #expect(try render("#set($x = $input.path('$'))$input.json('$')", TemplateScope(body: body)) == text)
    }

    @Test(
        "doubles print as Java prints them",
        arguments: [
            ("1.0", "1.0"), ("0.001", "0.001"), ("0.0009", "9.0E-4"), ("9999999.0", "9999999.0"),
            ("10000000.0", "1.0E7"), ("-0.0", "-0.0"), ("1.526860000123E9", "1.526860000123E9"), ("1e400", "Infinity"),
            ("123456.789", "123456.789"), ("1e-7", "1.0E-7"),
        ])
    func doubles(text: String, printed: String) throws {
        #expect(try render("$input.path('$')", TemplateScope(body: text)) == printed)
    }

    @Test(
        "a text that is no template says where",
        arguments: [
            ("a\n  #if(true)x", 2, 6), ("$s[", 1, 4), ("x#end", 1, 2), ("#set($a = 5-7)", 1, 12), ("${s", 1, 4),
            ("a$", 1, 2), ("#set($a = [1,])", 1, 14), ("#set($a = \"x)", 1, 11), ("#foreach($x)y#end", 1, 12),
            ("#if(true)a#else b#else c#end", 1, 18), ("#[[a", 1, 1),
        ])
    func syntax(source: String, line: Int, column: Int) {
        #expect {
            try Template.parse(source)
        } throws: { error in
            let error = error as? TemplateError
            return error?.code == .syntax && error?.line == line && error?.column == column
        }
    }

    @Test("API Gateway has no macros", arguments: ["#macro(x)a#end", "#evaluate('x')", "#parse('x')", "#include('x')"])
    func unsupported(source: String) {
        #expect(throws: TemplateError.self) { try Template.parse(source) }
        #expect(throws: Never.self) { try Template.parse(source, dialect: .velocity) }
    }

    @Test(
        "what a render may use up is limited, each limit with its error",
        arguments: [
            ("#foreach($x in [1..1001])a#end", TemplateError.Code.tooManyIterations),
            ("#set($a = 'aaaaaaaa')#foreach($x in [1..40])#set($a = \"$a$a\")#end", .outputTooLarge),
            ("#set($a = 'aaaaaaaa')#foreach($x in [1..40])#set($a = $a + $a)#end", .outputTooLarge),
            ("#set($a = 'aaaaaaaa')#foreach($x in [1..40])#set($a = $a.replace('a', 'aaaaaaaa'))#end", .outputTooLarge),
            ("#set($a = 'aaaaaaaa')#foreach($x in [1..40])#set($a = $a.replaceAll('.+', '$0$0'))#end", .outputTooLarge),
            ("#set($a = 'aaaaaaaa')#foreach($x in [1..40])#set($a = $util.base64Encode($a))$a$a#end", .outputTooLarge),
            ("#set($a = 'a')$a.repeat(2000000)", .outputTooLarge),
            ("#set($a = [1])#foreach($x in [1..40])#set($a = [$a, $a, $a])#end$a", .outputTooLarge),
            ("#set($a = [1])#foreach($x in [1..60])#set($b = $a.addAll($a))#end", .tooManySteps),
            ("#foreach($x in [1..1000])#foreach($y in [1..1000])#set($a = 1)#end#end", .tooManySteps),
            ("#set($a = [1..2000000000])", .tooManySteps),
            ("#set($a = [1])#foreach($x in [1..40])#set($a = [$a, $a])#end#if($a == $a)x#end", .tooManySteps),
            ("#set($a = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$a.matches('(a+)+[bc]')", .regularExpression),
            ("#set($a = 'x')$a.matches('(')", .regularExpression),
            ("$input.path('$.user_id').substring(9)", .invocation),
            ("$input.path('$.l')[9]", .invocation),
            ("$input.path('$.l').get(9)", .invocation),
            ("$input.path('$[')", .invocation),
            ("$util.parseJson('{')", .invocation),
            ("$util.urlDecode('%zz')", .invocation),
            ("#set($n = 0)$n.parseInt('x')", .invocation),
            ("#set($a = 'x')$a.replaceAll('x', '$1')", .invocation),
        ])
    func limits(source: String, code: TemplateError.Code) throws {
        let template = try Template.parse(source)
        var limits = Limits.Gateway.Template()
        limits.outputBytes = 1 << 14
        limits.steps = 50_000
        #expect {
            try template.render(Self.scope, limits: limits)
        } throws: {
            ($0 as? TemplateError)?.code == code
        }
    }

    @Test(
        "a template that nests without end is refused",
        arguments: ["(", "[", "{'a':", "!", "$a[$a", "\"#if(", "1)#if(true", "1)#foreach($x in "])
    func depth(piece: String) {
        #expect(throws: TemplateError.self) {
            try Template.parse("#set($a = " + String(repeating: piece, count: 5_000))
        }
    }

    @Test("macros that call each other without end stop")
    func recursion() throws {
        let template = try Template.parse("#macro(a)#b()#end#macro(b)#a()#end#a()", dialect: .velocity)
        #expect {
            try template.render(TemplateScope())
        } throws: {
            ($0 as? TemplateError)?.code == .tooDeep
        }
    }

    @Test("a value inside itself prints and ends")
    func cycle() throws {
        let text = try render("#set($m = {'a': 1})#set($m.self = $m)$m.self.self.a$m.toString().length()")
        #expect(text.hasPrefix("1"))
        #expect(try render("#set($l = [1])#set($x = $l.add($l))$l.size()") == "2")
    }

    @Test(
        "nothing of Java's own is reachable",
        arguments: [
            "$input.class", "$util.getClass().forName('java.lang.Runtime')", "$context.class.classLoader",
            "#set($s = '')$s.class.forName('x')", "$input.wait()",
        ])
    func sandbox(source: String) throws {
        #expect(try render(source) == "")
    }

    @Test("overrides come out, and a response template sees those of the request")
    func overrides() throws {
        let source = """
            #set($context.requestOverride.header.foo = $input.params('id'))\
            #set($context.responseOverride.status = 404)#set($context.responseOverride.header['Location'] = '/x')
            """
        let output = try Template.parse(source).render(Self.scope)
        #expect(output.requestOverride == ["header": ["foo": "r-1"], "path": [:], "querystring": [:]].object)
        #expect(output.responseOverride == ["header": ["Location": "/x"], "status": 404].object)
        var scope = Self.scope
        scope.context["responseOverride"] = .object(output.responseOverride)
        let response = try Template.parse("$context.responseOverride.header.Location").render(scope)
        #expect(response.text == "/x")
        #expect(response.responseOverride == output.responseOverride)
    }

    @Test("without $context the overrides pass through unchanged")
    func passThrough() throws {
        let scope = TemplateScope(context: ["responseOverride": ["status": 201, "header": [:]]])
        #expect(try Template.parse("x").render(scope).responseOverride == ["status": 201, "header": [:]].object)
        #expect(try Template.parse("x").render(TemplateScope()).responseOverride == ["header": [:]].object)
    }
}

@Suite("The check for missing escapes in mapping templates")
struct TemplateLintTests {
    @Test(
        "a reference in nested quotes wants two escapes",
        arguments: [
            (#"{"input": "{ \"id\": \"$input.params('id')\" }"}"#, [0]),
            (#"{"input": "{ \"id\": \"$util.escapeJavaScript($input.params('id'))\" }"}"#, [1]),
            (#"{"input": "{ \"id\": \"$util.escapeJavaScript($util.escapeJavaScript($x))\" }"}"#, []),
            (#"{"input": "{ \"$util.escapeJavaScript($util.escapeJavaScript($x).replaceAll("\\'","'"))\" }"}"#, []),
            (#"{"input": "$util.escapeJavaScript($input.json('$'))"}"#, []),
            (#"{"input": "{ \"id\": $input.path('$').size() }", "name": "$context.requestId"}"#, []),
            (#"{"input": "{ \"id\": \"$context.requestId\", \"n\": \"$input.path('$.l').size()\" }"}"#, []),
            (#"{"input": "{ \"id\": \"$context.path\" }"}"#, [0]),
            (#"#set($a = $util.escapeJavaScript($x)){"input": "{ \"id\": \"$a\" }"}"#, [1]),
            (#"#set($a = $util.escapeJavaScript($x)){"input": "{ \"id\": \"$util.escapeJavaScript($a)\" }"}"#, []),
            (##"{"input": "{ #if($x)\"a\": \"$y\"#else\"b\": \"$z\"#end }"}"##, [0, 0]),
            (#"{"id": "$input.params('id')"}"#, []),
        ])
    func nested(source: String, escapes: [Int]) throws {
        #expect(try Template.parse(source).lint().map(\.escapes) == escapes)
    }

    @Test("a finding says where it is")
    func place() throws {
        let source = "{\n  \"input\": \"{ \\\"id\\\": \\\"$input.params('id')\\\" }\"\n}"
        let finding = try #require(try Template.parse(source).lint().first)
        #expect((finding.line, finding.column) == (2, 25))
        #expect(finding.reference == "$input.params('id')")
    }
}

extension JSONValue {
    fileprivate var object: JSONObject { objectValue ?? [:] }
}

extension Dictionary where Key == String, Value == JSONValue {
    fileprivate var object: JSONObject { JSONObject(sorted { $0.key < $1.key }.map { ($0.key, $0.value) }) }
}
