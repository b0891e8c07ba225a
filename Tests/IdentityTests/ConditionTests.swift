// Condition operators, policy variables and wildcards, as tables.

import Identity
import JSON
import Testing

@Suite("Conditions, variables and wildcards")
struct ConditionTests {
    /// An operator, the policy's value as JSON, the request's values of the key (`nil`: it has none), the answer.
    typealias Row = (operator: String, value: String, given: [String]?, holds: Bool)

    static let strings: [Row] = [
        ("StringEquals", #""a""#, ["a"], true), ("StringEquals", #""a""#, ["A"], false),
        ("StringEquals", #""a*""#, ["ab"], false), ("StringEquals", #""a*""#, ["a*"], true),
        ("StringEquals", "\"e\u{301}\"", ["\u{E9}"], false),
        ("StringNotEquals", #"["a","b"]"#, ["b"], false), ("StringNotEquals", #"["a","b"]"#, ["c"], true),
        ("StringNotEquals", #""a""#, nil, true), ("StringNotEqualsIfExists", #""a""#, ["a"], false),
        ("StringEqualsIgnoreCase", #""ÄB""#, ["äb"], true), ("StringNotEqualsIgnoreCase", #""AB""#, ["ab"], false),
        ("StringLike", #""a*c?""#, ["abbcd"], true), ("StringLike", #""a*c?""#, ["abbc"], false),
        ("StringLike", #""A*""#, ["abc"], false), ("StringLike", #""*""#, [""], true),
        ("StringLike", #""?""#, ["😀"], true), ("StringLike", #""*a*b*""#, ["xaxbx"], true),
        ("StringNotLike", #""a*""#, nil, true), ("StringLikeIfExists", #""a*""#, nil, true),
        ("StringLike", #""a${*}""#, ["ab"], false), ("StringLike", #""a${*}""#, ["a*"], true),
        ("StringLike", #""${$}{x}""#, ["${x}"], true),
        ("BinaryEquals", #""QUI=""#, ["QUI="], true), ("BinaryEquals", #""QUI=""#, ["qui="], false),
        ("Bool", "true", ["TRUE"], true), ("Bool", #""false""#, ["true"], false), ("BoolIfExists", "true", nil, true),
        ("Null", "true", nil, true), ("Null", "true", ["x"], false), ("Null", #""FALSE""#, ["x"], true),
        ("Null", "false", nil, false), ("NullIfExists", "true", nil, false),
        ("NoSuchOperator", #""a""#, ["a"], false), ("NoSuchOperatorIfExists", #""a""#, nil, false),
    ]

    static let numbersAndDates: [Row] = [
        ("NumericEquals", "10", ["1e1"], true), ("NumericNotEquals", "10", ["10"], false),
        ("NumericNotEquals", "10", ["x"], true), ("NumericLessThan", "10", ["10"], false),
        ("NumericLessThanEquals", "10", ["10"], true), ("NumericGreaterThan", "-1", ["-0.5"], true),
        ("NumericGreaterThanEquals", "5", ["4.99"], false), ("NumericEquals", #""nan""#, ["nan"], false),
        ("NumericEquals", #""0x10""#, ["16"], false), ("NumericLessThan", "10", nil, false),
        ("DateEquals", #""2026-08-22T00:00:00Z""#, ["2026-08-22"], true),
        ("DateEquals", #""2026-08-22T02:00:00+02:00""#, ["1787356800"], true),
        ("DateNotEquals", #""2026""#, ["2026-01-01T00:00:00Z"], false),
        ("DateLessThan", #""2026-08""#, ["2026-07-31T23:59:59.999Z"], true),
        ("DateLessThanEquals", #""2026-08-22T10:11Z""#, ["2026-08-22T10:11:00Z"], true),
        ("DateGreaterThan", #""2024-02-29T23:00:00-0130""#, ["2024-03-01T00:30:01Z"], true),
        ("DateGreaterThanEquals", "1500000000", ["2017-07-14T02:40:00Z"], true),
        ("DateEquals", #""2023-02-29""#, ["2023-02-29"], false), ("DateEquals", #""today""#, ["today"], false),
        ("DateNotEquals", #""2026-08-22T00:00:00Zz""#, ["2026-08-22"], true),
        ("DateLessThan", #""2026-08-22T25:00:00Z""#, ["1"], false),
    ]

    static let addressesAndARNs: [Row] = [
        ("IpAddress", #""192.0.2.0/24""#, ["192.0.2.255"], true),
        ("IpAddress", #""192.0.2.0/24""#, ["192.0.3.0"], false),
        ("IpAddress", #""0.0.0.0/0""#, ["203.0.113.9"], true), ("IpAddress", #""0.0.0.0/0""#, ["::1"], false),
        ("IpAddress", #"["10.0.0.0/8","2001:db8::/32"]"#, ["2001:DB8:ffff::1"], true),
        ("IpAddress", #""2001:db8::/32""#, ["2001:db9::"], false), ("IpAddress", #""::/0""#, ["::"], true),
        ("IpAddress", #""127.0.0.0/8""#, ["::ffff:127.0.0.1"], true),
        ("IpAddress", #""::1""#, ["0:0:0:0:0:0:0:1"], true),
        ("IpAddress", #""192.0.2.0/33""#, ["192.0.2.0"], false), ("IpAddress", #""192.0.2""#, ["192.0.2.0"], false),
        ("IpAddress", #""192.0.2.1""#, ["192.0.2.256"], false), ("IpAddress", #""1::2::3""#, ["1::2"], false),
        ("NotIpAddress", #""10.0.0.0/8""#, nil, true), ("NotIpAddress", #""10.0.0.0/8""#, ["10.1.2.3"], false),
        ("ArnEquals", #""arn:aws:states:*:0:x/*""#, ["arn:aws:states:r:0:x/y:z"], true),
        ("ArnLike", #""arn:aws:states:*:0:x""#, ["arn:aws:states:a:b:0:x"], false),
        ("ArnLike", #""*""#, ["arn:aws:states:r:0:x"], true), ("ArnNotEquals", #""arn:aws:s3:::b""#, nil, true),
        ("ArnNotLike", #""arn:aws:s3:::*""#, ["arn:aws:s3:::b"], false),
        ("ArnLikeIfExists", #""arn:aws:s3:::b""#, nil, true),
    ]

    static let lists: [Row] = [
        ("ForAllValues:StringEquals", #"["a","b"]"#, ["a", "b", "a"], true),
        ("ForAllValues:StringNotEquals", #"["a","b"]"#, ["c", "a"], false),
        ("ForAllValues:StringNotEquals", #"["a","b"]"#, ["c", "d"], true),
        ("ForAllValues:StringLike", #""a*""#, nil, true),
        ("ForAnyValue:StringNotEquals", #""a""#, ["a", "b"], true),
        ("ForAnyValue:StringNotEquals", #""a""#, ["a"], false), ("ForAnyValue:StringNotEquals", #""a""#, nil, false),
        ("ForAnyValue:StringLikeIfExists", #""a*""#, nil, true),
        ("ForAnyValue:StringLike", #""a*""#, ["b", "c"], false),
        ("StringEquals", #""a""#, ["b", "a"], true), ("StringNotEquals", #""a""#, ["b", "a"], false),
        ("ForSomeValue:StringEquals", #""a""#, ["a"], false),
    ]

    @Test("Each operator holds just when IAM says so.", arguments: strings + numbersAndDates + addressesAndARNs + lists)
    func operators(row: Row) throws {
        let condition: JSONValue = [row.operator: ["app:Key": try JSONValue.parse(row.value)]] as JSONValue
        var context = RequestContext()
        context["APP:key"] = row.given
        #expect(try allows(resource: "*", condition: condition, context: context) == row.holds)
    }

    @Test(
        "Variables are filled in, and what they bring is literal.",
        arguments: [
            ("arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/ann/x", true),
            ("arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/bob/x", false),
            ("arn:aws:s3:::home/${AWS:UserName}", "arn:aws:s3:::home/ann", true),
            ("arn:aws:s3:::${app:Star}", "arn:aws:s3:::anything", false),
            ("arn:aws:s3:::${app:Star}", "arn:aws:s3:::*", true),
            ("arn:aws:s3:::${app:Colon}", "arn:aws:s3:::a:b", true),
            ("arn:aws:${app:Colon}:::x", "arn:aws:a:b:::x", false),
            ("arn:aws:s3:::${app:None}", "arn:aws:s3:::", false),
            ("arn:aws:s3:::${app:None, 'guest'}", "arn:aws:s3:::guest", true),
            ("arn:aws:s3:::${aws:username, 'guest'}", "arn:aws:s3:::ann", true),
            ("arn:aws:s3:::${app:None, guest}", "arn:aws:s3:::guest", false),
            ("arn:aws:s3:::${app:Two}", "arn:aws:s3:::a", false),
            ("arn:aws:s3:::a${*}b", "arn:aws:s3:::a*b", true), ("arn:aws:s3:::a${?}b", "arn:aws:s3:::axb", false),
            ("arn:aws:s3:::${aws:username", "arn:aws:s3:::${aws:username", true),
        ])
    func variables(pattern: String, resource: String, matches: Bool) throws {
        var context: RequestContext = ["aws:username": "ann", "app:Star": "*", "app:Colon": "a:b"]
        context["app:Two"] = ["a", "b"]
        #expect(try allows(resource: pattern, context: context, asked: resource) == matches)
    }

    @Test("A missing variable in a negated condition leaves nothing to be equal to.")
    func missingVariable() throws {
        let condition: JSONValue = ["StringNotEquals": ["app:Key": "${app:None}"]]
        #expect(try allows(resource: "*", condition: condition, context: ["app:Key": "x"]))
    }

    @Test("Version 2008-10-17, also where none is given, knows no variables.", arguments: ["2008-10-17", nil])
    func oldVersion(version: String?) throws {
        let pattern = "arn:aws:s3:::${aws:username}"
        func allowed(_ asked: String) throws -> Bool {
            try allows(resource: pattern, context: ["aws:username": "ann"], asked: asked, version: version)
        }
        #expect(try !allowed("arn:aws:s3:::ann"))
        #expect(try allowed(pattern))
    }

    @Test("A pattern of many stars is matched in a time that does not explode.")
    func manyStars() throws {
        let pattern = "arn:aws:s3:::" + String(repeating: "a*", count: 200) + "b"
        let resource = "arn:aws:s3:::" + String(repeating: "a", count: 5000)
        #expect(try !allows(resource: pattern, context: [:], asked: resource))
    }

    @Test("Time keys and the caller's keys are there without being given.")
    func filledIn() throws {
        var context = RequestContext()
        context.setTime(1_787_393_472)
        #expect(context["aws:CurrentTime"] == ["2026-08-22T10:11:12Z"])
        #expect(context["aws:EpochTime"] == ["1787393472"])
        let conditions: JSONValue = [
            "StringEquals": [
                "aws:username": "ann", "aws:PrincipalType": "User", "aws:PrincipalAccount": "000000000000",
                "aws:RequestedRegion": "us-east-1",
            ],
            "ArnEquals": ["aws:PrincipalArn": "arn:aws:iam::000000000000:user/ann"],
            "StringLike": ["aws:userid": "AIDA*"],
        ]
        let user: JSONValue = [
            "UserName": "ann",
            "Policies": [["PolicyName": "p", "PolicyDocument": policy("*", conditions, version: "2012-10-17")]],
        ]
        let catalog = try IdentityCatalog(account: "000000000000", region: "us-east-1", documents: [("u.json", user)])
        let principal = Principal(
            kind: .user(name: "ann", path: "/"), account: "000000000000", userID: catalog.users["ann"]?.id ?? "")
        #expect(catalog.decide(AuthorizationRequest(principal: principal, action: "a:b", resource: "*")).isAllowed)
    }

    private func allows(
        resource: String, condition: JSONValue = [:], context: RequestContext, asked: String = "arn:aws:s3:::x",
        version: String? = "2012-10-17"
    ) throws -> Bool {
        let document = try PolicyDocument(
            policy(resource, condition, version: version), kind: .identity, strictness: .read)
        return PolicyLayers(identity: [document]).decide(action: "s3:Get", resource: asked, context: context) == .allow
    }

    private func policy(_ resource: String, _ condition: JSONValue, version: String?) -> JSONValue {
        var document: JSONObject = [
            "Statement": [
                "Effect": "Allow", "Action": "*", "Resource": .string(resource), "Condition": condition,
            ]
        ]
        document["Version"] = version.map { .string($0) }
        return .object(document)
    }
}
