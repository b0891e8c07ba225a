// From the files of config/iam to the catalog.

import Core
import Crypto
package import JSON

extension IdentityCatalog {
    /// Builds the catalog from files, each one role, user or managed policy in the shape of AWS's own tools:
    ///
    /// - a role: `RoleName`, `AssumeRolePolicyDocument`, and if wanted `Path`, `Policies` (a list of `PolicyName`,
    ///   `PolicyDocument`), `ManagedPolicyArns`, `PermissionsBoundary` (a policy's ARN), `MaxSessionDuration`, `Tags`;
    /// - a user: `UserName`, and if wanted `Path`, `Policies`, `ManagedPolicyArns`, `PermissionsBoundary`, `Tags`,
    ///   `AccessKeys` (a list of `AccessKeyId`, `SecretAccessKey`, `Status`);
    /// - a managed policy of the account: `PolicyName`, `PolicyDocument`, and if wanted `Path`.
    ///
    /// What `aws iam get-role` and `get-account-authorization-details` print is taken too. Managed policies may stand
    /// in any file, before or after those that name them. Throws every finding.
    package init(
        account: String, region: String, partition: String = "aws", documents: [(file: String, json: JSONValue)]
    ) throws(IdentityProblems) {
        self.init(account: account, region: region, partition: partition)
        var problems: [IdentityProblem] = []
        for (name, statement) in IdentityCatalog.awsManagedPolicies {
            managedPolicies["arn:\(partition):iam::aws:policy/\(name)"] = try? PolicyDocument(
                statement, kind: .identity)
        }
        let entities = documents.map { IdentityCatalog.entity(IdentityField(file: $0.file, path: "$", json: $0.json)) }
        for entity in entities where entity.optional("PolicyName") != nil {
            do throws(IdentityProblem) { try addPolicy(entity) } catch { problems.append(error) }
        }
        for entity in entities where entity.optional("PolicyName") == nil {
            do throws(IdentityProblem) { try addRoleOrUser(entity) } catch { problems.append(error) }
        }
        if !problems.isEmpty { throw IdentityProblems(problems: problems) }
    }

    /// Takes off the wrapper that `aws iam get-role` and `get-user` print.
    private static func entity(_ field: IdentityField) -> IdentityField {
        field.optional(["Role", "User"]) ?? field
    }

    private mutating func addRoleOrUser(_ field: IdentityField) throws(IdentityProblem) {
        if field.optional("RoleName") != nil { return try addRole(field) }
        if field.optional("UserName") != nil { return try addUser(field) }
        throw field.problem(
            "Neither a role nor a user nor a policy", "Add \"RoleName\", \"UserName\" or \"PolicyName\".")
    }

    private mutating func addPolicy(_ field: IdentityField) throws(IdentityProblem) {
        try field.check(known: ["PolicyName", "Path", "PolicyDocument", "Description", "Arn"])
        let name = try field.member("PolicyName").name(longest: 128)
        let arn = "arn:\(partition):iam::\(account):policy\(try field.entityPath())\(name)"
        guard managedPolicies[arn] == nil else {
            throw field.problem("There are two policies \(arn)", "Rename one.", code: .duplicate)
        }
        managedPolicies[arn] = try field.member("PolicyDocument").policy(.identity)
    }

    private mutating func addRole(_ field: IdentityField) throws(IdentityProblem) {
        try field.check(known: [
            "RoleName", "Path", "RoleId", "Arn", "CreateDate", "Description", "AssumeRolePolicyDocument", "Policies",
            "RolePolicyList", "ManagedPolicyArns", "AttachedManagedPolicies", "PermissionsBoundary",
            "MaxSessionDuration", "Tags", "RoleLastUsed", "InstanceProfileList",
        ])
        let name = try field.member("RoleName").name(longest: 64)
        let path = try field.entityPath()
        let arn = "arn:\(partition):iam::\(account):role\(path)\(name)"
        try checkARN(field, arn)
        guard roles[name] == nil else {
            throw field.problem("There are two roles \(name)", "Rename one.", code: .duplicate)
        }
        roles[name] = Role(
            name: name, path: path, id: try field.optional("RoleId")?.string() ?? derivedID("AROA", arn), arn: arn,
            trustPolicy: try field.member("AssumeRolePolicyDocument").policy(.trust), policies: try policies(field),
            boundary: try boundary(field),
            maxSessionDuration: try field.optional("MaxSessionDuration")?.int(3600...43_200) ?? 3600,
            tags: try field.tags())
    }

    private mutating func addUser(_ field: IdentityField) throws(IdentityProblem) {
        try field.check(known: [
            "UserName", "Path", "UserId", "Arn", "CreateDate", "Policies", "UserPolicyList", "ManagedPolicyArns",
            "AttachedManagedPolicies", "PermissionsBoundary", "Tags", "AccessKeys", "PasswordLastUsed",
        ])
        let name = try field.member("UserName").name(longest: 64)
        let path = try field.entityPath()
        let arn = "arn:\(partition):iam::\(account):user\(path)\(name)"
        try checkARN(field, arn)
        guard users[name] == nil else {
            throw field.problem("There are two users \(name)", "Rename one.", code: .duplicate)
        }
        let user = User(
            name: name, path: path, id: try field.optional("UserId")?.string() ?? derivedID("AIDA", arn), arn: arn,
            policies: try policies(field), boundary: try boundary(field), tags: try field.tags())
        users[name] = user
        let principal = Principal(
            kind: .user(name: name, path: path), account: account, partition: partition, userID: user.id,
            tags: user.tags)
        for key in try field.optional("AccessKeys")?.list() ?? [] { try addAccessKey(key, of: principal) }
    }

    private mutating func addAccessKey(_ field: IdentityField, of user: Principal) throws(IdentityProblem) {
        try field.check(known: ["AccessKeyId", "SecretAccessKey", "Status", "CreateDate", "UserName"])
        let idField = try field.member("AccessKeyId")
        let id = try idField.string()
        guard (16...128).contains(id.utf8.count), id.utf8.allSatisfy({ $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 })
        else {
            throw idField.problem("\"\(id)\" is no access key id", "Use 16 to 128 letters and digits, on AWS AKIA….")
        }
        guard accessKeys[id] == nil else {
            throw idField.problem("The access key \(id) stands twice", "Keep one.", code: .duplicate)
        }
        let status = field.optional("Status")
        let isActive = try status?.string() ?? "Active"
        guard isActive == "Active" || isActive == "Inactive" else {
            throw (status ?? field).problem("\"\(isActive)\" is no status", "Write \"Active\" or \"Inactive\".")
        }
        accessKeys[id] = AccessKey(
            id: id, secret: try field.member("SecretAccessKey").string(), isActive: isActive == "Active",
            principal: user)
    }

    /// Inline and attached policies together.
    private func policies(_ field: IdentityField) throws(IdentityProblem) -> [PolicyDocument] {
        var policies: [PolicyDocument] = []
        for inline in try field.optional(["Policies", "RolePolicyList", "UserPolicyList"])?.list() ?? [] {
            try inline.check(known: ["PolicyName", "PolicyDocument"])
            _ = try inline.member("PolicyName").name(longest: 128)
            policies.append(try inline.member("PolicyDocument").policy(.identity))
        }
        for arn in try field.optional("ManagedPolicyArns")?.list() ?? [] { policies.append(try managed(arn)) }
        for attached in try field.optional("AttachedManagedPolicies")?.list() ?? [] {
            policies.append(try managed(try attached.member("PolicyArn")))
        }
        return policies
    }

    private func boundary(_ field: IdentityField) throws(IdentityProblem) -> PolicyDocument? {
        guard let boundary = field.optional("PermissionsBoundary") else { return nil }
        return try managed(boundary.optional("PermissionsBoundaryArn") ?? boundary)
    }

    private func managed(_ field: IdentityField) throws(IdentityProblem) -> PolicyDocument {
        let arn = try field.string()
        guard let policy = managedPolicies[arn] else {
            throw field.problem(
                "There is no managed policy \(arn)",
                "Add a file with its PolicyName and PolicyDocument; known are "
                    + "\(managedPolicies.keys.sorted().joined(separator: ", ")).",
                code: .noSuchPolicy)
        }
        return policy
    }

    /// An ARN that a file gives must be the one that account, path and name make.
    private func checkARN(_ field: IdentityField, _ arn: String) throws(IdentityProblem) {
        guard let given = field.optional("Arn"), try given.string() != arn else { return }
        throw given.problem("The ARN is not this account's", "Leave it out, or write \(arn).")
    }

    /// A unique id in AWS's form, the same for the same ARN at every start.
    private func derivedID(_ prefix: String, _ arn: String) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        return prefix + String(SHA256.hash(data: Array(arn.utf8)).prefix(17).map { letters[Int($0 & 31)] })
    }
}
