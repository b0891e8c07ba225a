// The files of config/iam: the shipped ones, and every way in which one can be wrong.

import Core
import Foundation
import Identity
import JSON
import TestSupport
import Testing

@Suite("Identity catalog")
struct IdentityCatalogTests {
    static let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:move-recipe"
    static let execution = "arn:aws:states:us-east-1:000000000000:execution:move-recipe:run-1"
    static let apiRole = "arn:aws:iam::000000000000:role/ApiToSfn"
    static let method = "arn:aws:execute-api:us-east-1:000000000000:recipes/prod/POST/recipes/{id}/move"

    @Test("The shipped roles load, and each trusts its own service alone.")
    func shippedRoles() throws {
        let catalog = try shipped()
        #expect(catalog.roles.keys.sorted() == ["ApiToSfn", "MoveRecipe"])
        let session = try assume(catalog, Self.apiRole, by: "apigateway.amazonaws.com").get()
        #expect(session.arn == "arn:aws:sts::000000000000:assumed-role/ApiToSfn/BackplaneAssumeRoleSession")
        let machine = "arn:aws:iam::000000000000:role/MoveRecipe"
        #expect(throws: Never.self) { try assume(catalog, machine, by: "states.amazonaws.com").get() }
        #expect(refusal(assume(catalog, Self.apiRole, by: "states.amazonaws.com"))?.cause == .notTrusted)
        #expect(refusal(assume(catalog, machine, by: "apigateway.amazonaws.com"))?.cause == .notTrusted)
    }

    @Test(
        "A machine of another account may assume a role that is there and trusts it, and no other of this account.",
        arguments: [
            ("Shared", "arn:aws:iam::111111111111:role/machine", true),
            ("Shared", "arn:aws:iam::111111111111:role/path/machine", true),
            ("Shared", "arn:aws:iam::111111111111:role/other", false),
            ("Shared", "arn:aws:iam::222222222222:role/machine", false),
            ("Account", "arn:aws:iam::111111111111:role/any", true),
            ("Account", "arn:aws:iam::222222222222:role/any", false),
            ("Missing", "arn:aws:iam::111111111111:role/machine", false),
        ])
    func foreignMachines(role: String, machine: String, admitted: Bool) throws {
        func file(_ name: String, _ principal: String) throws -> (file: String, json: JSONValue) {
            let text = """
                {"RoleName": "\(name)", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
                  {"Effect": "Allow", "Principal": {"AWS": "\(principal)"}, "Action": "sts:AssumeRole"}]}}
                """
            return ("\(name).json", try JSONValue.parse(text))
        }
        let catalog = try IdentityCatalog(
            account: "000000000000", region: "us-east-1", partition: "aws",
            documents: [
                try file("Shared", "arn:aws:iam::111111111111:role/machine"),
                try file("Account", "arn:aws:iam::111111111111:root"),
            ])
        #expect(catalog.admits(role: "arn:aws:iam::000000000000:role/\(role)", machineRole: machine) == admitted)
        #expect(catalog.admits(role: "arn:aws:iam::333333333333:role/\(role)", machineRole: machine))
    }

    @Test(
        "The shipped roles may do what the recipe needs and nothing else.",
        arguments: [
            ("ApiToSfn", "states:StartExecution", machine, true),
            ("ApiToSfn", "states:DescribeExecution", execution, true),
            ("ApiToSfn", "states:StopExecution", execution, false),
            ("ApiToSfn", "states:StartExecution", machine + "2", false),
            (
                "ApiToSfn", "lambda:InvokeFunction", "arn:aws:lambda:us-east-1:000000000000:function:update-recipe",
                false
            ),
            (
                "MoveRecipe", "lambda:InvokeFunction", "arn:aws:lambda:us-east-1:000000000000:function:update-recipe",
                true
            ),
            (
                "MoveRecipe", "lambda:InvokeFunction", "arn:aws:lambda:us-east-1:000000000000:function:index-recipe",
                true
            ),
            ("MoveRecipe", "lambda:InvokeFunction", "arn:aws:lambda:us-east-1:000000000000:function:index-user", true),
            ("MoveRecipe", "lambda:InvokeFunction", "arn:aws:lambda:us-east-1:000000000000:function:other", false),
            ("MoveRecipe", "states:StartExecution", machine, false),
        ])
    func shippedPermissions(role: String, action: String, resource: String, allowed: Bool) throws {
        let catalog = try shipped()
        let principal = Principal(
            kind: .assumedRole(role: role, path: "/", session: "s"), account: "000000000000")
        let decision = catalog.decide(AuthorizationRequest(principal: principal, action: action, resource: resource))
        #expect(decision.isAllowed == allowed)
        let text =
            "User: arn:aws:sts::000000000000:assumed-role/\(role)/s is not authorized to perform: \(action) on "
            + "resource: "
            + "\(resource) because no identity-based policy allows the \(action) action"
        #expect(decision.message == (allowed ? nil : text))
    }

    @Test("A refused AssumeRole says so in STS's words and names the remedy.")
    func refusalMessages() throws {
        let catalog = try catalog(#"{"RoleName":"R","AssumeRolePolicyDocument":{"Statement":[]}}"#)
        let unknown = try #require(refusal(assume(catalog, Self.apiRole, by: "apigateway.amazonaws.com")))
        #expect(unknown.cause == .noSuchRole)
        #expect(
            unknown.message
                == "User: apigateway.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: "
                + "\(Self.apiRole) because no role trust policy allows the sts:AssumeRole action")
        #expect(unknown.hint.contains("No role has the ARN"))
        let denying = try self.catalog(
            #"""
            {"RoleName":"R","AssumeRolePolicyDocument":{"Statement":
              {"Effect":"Deny","Principal":"*","Action":"sts:*"}}}
            """#)
        let denied = try #require(
            refusal(assume(denying, "arn:aws:iam::000000000000:role/R", by: "apigateway.amazonaws.com")))
        #expect(denied.cause == .denied)
        #expect(denied.message.hasSuffix("with an explicit deny in the role trust policy"))
    }

    @Test("aws:SourceArn and aws:SourceAccount reach the trust policy.")
    func sourceConditions() throws {
        let catalog = try catalog(
            #"""
            {"RoleName":"R","AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":{"Effect":"Allow",
              "Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{
                "ArnLike":{"aws:SourceArn":"arn:aws:execute-api:*:*:recipes/prod/*"},
                "StringEquals":{"aws:SourceAccount":"000000000000"}}}}}
            """#)
        let role = "arn:aws:iam::000000000000:role/R"
        func refused(_ source: String, _ account: String) -> Bool {
            refusal(
                catalog.assume(
                    role: role, by: "apigateway.amazonaws.com", sourceARN: source, sourceAccount: account)) != nil
        }
        #expect(!refused(Self.method, "000000000000"))
        #expect(refused(Self.method, "111111111111"))
        #expect(refused("arn:aws:execute-api:us-east-1:000000000000:other/prod/POST/x", "000000000000"))
    }

    @Test("A user needs its own policy too where the role trusts the account, and not where the role names it.")
    func userAssumes() throws {
        let catalog = try catalog(
            #"{"UserName":"ann","Path":"/cooks/"}"#,
            #"""
            {"UserName":"bob","Policies":[{"PolicyName":"p","PolicyDocument":{"Statement":
              {"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::000000000000:role/Account"}}}]}
            """#,
            #"""
            {"RoleName":"Account","AssumeRolePolicyDocument":{"Statement":
              {"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}}}
            """#,
            #"""
            {"RoleName":"Ann","AssumeRolePolicyDocument":{"Statement":{"Effect":"Allow",
              "Principal":{"AWS":"arn:aws:iam::000000000000:user/cooks/ann"},"Action":"sts:AssumeRole"}}}
            """#)
        func user(_ name: String, _ path: String) -> Principal {
            Principal(kind: .user(name: name, path: path), account: "000000000000")
        }
        func cause(_ role: String, _ user: Principal) -> AssumeRoleRefusal.Cause? {
            refusal(catalog.assume(role: "arn:aws:iam::000000000000:role/" + role, by: user, sessionName: "s"))?.cause
        }
        #expect(cause("Account", user("ann", "/cooks/")) == .callerNotAllowed)
        #expect(cause("Account", user("bob", "/")) == nil)
        #expect(cause("Ann", user("ann", "/cooks/")) == nil)
        #expect(cause("Ann", user("bob", "/")) == .notTrusted)
        #expect(cause("Account", catalog.root) == nil)
    }

    @Test("The root may do everything, and GetCallerIdentity is open to all.")
    func rootAndCallerIdentity() {
        let catalog = IdentityCatalog(account: "000000000000", region: "us-east-1")
        func allowed(_ principal: Principal, _ action: String) -> Bool {
            catalog.decide(AuthorizationRequest(principal: principal, action: action, resource: "*")).isAllowed
        }
        let user = Principal(kind: .user(name: "u", path: "/"), account: "000000000000")
        #expect(allowed(catalog.root, "states:DeleteStateMachine"))
        #expect(!allowed(.root(account: "111111111111"), "states:DeleteStateMachine"))
        #expect(!allowed(user, "states:ListStateMachines"))
        #expect(allowed(user, "sts:GetCallerIdentity"))
    }

    @Test("Managed policies, AWS's and the account's, boundaries, tags and keys take effect.")
    func wholeUser() throws {
        let catalog = try catalog(
            #"""
            {"UserName":"ann","ManagedPolicyArns":["arn:aws:iam::aws:policy/AWSStepFunctionsFullAccess"],
             "PermissionsBoundary":"arn:aws:iam::000000000000:policy/team/Own",
             "Tags":[{"Key":"team","Value":"kitchen"}],
             "AccessKeys":[{"AccessKeyId":"AKIDEXAMPLE00000000","SecretAccessKey":"s","Status":"Inactive"}]}
            """#,
            #"""
            {"PolicyName":"Own","Path":"/team/","PolicyDocument":{"Version":"2012-10-17","Statement":
              {"Effect":"Allow","Action":"states:*","Resource":"arn:aws:states:*:*:*:${aws:PrincipalTag/team}-*"}}}
            """#)
        let key = try #require(catalog.accessKeys["AKIDEXAMPLE00000000"])
        #expect(!key.isActive)
        func verdict(_ name: String) -> Verdict {
            let resource = "arn:aws:states:us-east-1:000000000000:stateMachine:" + name
            let request = AuthorizationRequest(
                principal: key.principal, action: "states:StartExecution", resource: resource)
            return catalog.decide(request).verdict
        }
        #expect(verdict("garden-1") == .implicitDeny(.boundary))
        #expect(verdict("kitchen-1") == .allow)
    }

    @Test(
        "A wrong file is refused with its name, the place and the remedy.",
        arguments: ownCases("wrong-files.json"))
    func wrongFiles(item: JSONValue) throws {
        let file = (file: "config/iam/x.json", json: item["file"] ?? .null)
        let error = #expect(throws: IdentityProblems.self) {
            try IdentityCatalog(account: "000000000000", region: "us-east-1", documents: [file])
        }
        let problem = try #require(error?.problems.first)
        #expect(problem.file == "config/iam/x.json")
        #expect(problem.path == item["path"]?.stringValue)
        #expect(problem.cause == item["cause"]?.stringValue)
        #expect(problem.hint.contains(item["hint"]?.stringValue ?? "?"), "\(problem.hint)")
    }

    @Test("Every wrong file is reported, not just the first.")
    func allProblems() throws {
        let error = #expect(throws: IdentityProblems.self) {
            try catalog(
                #"{"RoleName":"a"}"#, #"{"UserName":"b","Path":"x"}"#, #"{"UserName":"c"}"#, #"{"UserName":"c"}"#)
        }
        #expect(error?.problems.map(\.path) == ["$", "$.Path", "$"])
        #expect(error?.problems.map(\.code) == [.malformedFile, .malformedFile, .duplicate])
    }

    private func shipped() throws -> IdentityCatalog {
        let folder = Conformance.root.appendingPathComponent("config/iam")
        let documents = try ["ApiToSfn.json", "MoveRecipe.json"].map { name in
            let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
            return (file: "config/iam/" + name, json: try JSONValue.parse(bytes))
        }
        return try IdentityCatalog(account: "000000000000", region: "us-east-1", documents: documents)
    }

    private func catalog(_ files: String...) throws -> IdentityCatalog {
        let documents = try files.enumerated().map { ("\($0).json", try JSONValue.parse($1)) }
        return try IdentityCatalog(account: "000000000000", region: "us-east-1", documents: documents)
    }

    private func assume(
        _ catalog: IdentityCatalog, _ role: String, by service: String
    ) -> Result<Principal, AssumeRoleRefusal> {
        catalog.assume(role: role, by: service, sourceARN: Self.method, sourceAccount: "000000000000")
    }

    private func refusal(_ result: Result<Principal, AssumeRoleRefusal>) -> AssumeRoleRefusal? {
        if case .failure(let refusal) = result { refusal } else { nil }
    }
}
