// Who asks: the account's root, a user or the session of a role.

/// An authenticated caller.
package struct Principal: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// The account itself; identity policies do not bind it.
        case root
        /// A user; the path is `/` or begins and ends with one.
        case user(name: String, path: String)
        /// A session of a role. Its ARN carries no path, as on AWS.
        case assumedRole(role: String, path: String, session: String)
    }

    package var kind: Kind
    package var account: String
    package var partition: String
    /// The unique id that `aws:userid` and `GetCallerIdentity` show, for example `AROA…:session`.
    package var userID: String
    /// What `aws:PrincipalTag/KEY` gives.
    package var tags: [String: String]

    package init(
        kind: Kind, account: String, partition: String = "aws", userID: String = "", tags: [String: String] = [:]
    ) {
        self.kind = kind
        self.account = account
        self.partition = partition
        self.userID = userID
        self.tags = tags
    }

    /// The caller's ARN as `GetCallerIdentity` and AccessDenied messages give it, for example
    /// `arn:aws:sts::000000000000:assumed-role/ApiToSfn/BackplaneAssumeRoleSession`.
    package var arn: String {
        switch kind {
        case .root: "arn:\(partition):iam::\(account):root"
        case .user(let name, let path): "arn:\(partition):iam::\(account):user\(path)\(name)"
        case .assumedRole(let role, _, let session):
            "arn:\(partition):sts::\(account):assumed-role/\(role)/\(session)"
        }
    }

    /// What `aws:PrincipalArn` gives: for a session the ARN of its role, path included.
    package var policyARN: String {
        guard case .assumedRole(let role, let path, _) = kind else { return arn }
        return "arn:\(partition):iam::\(account):role\(path)\(role)"
    }

    /// The root of an account.
    package static func root(account: String, partition: String = "aws") -> Principal {
        Principal(kind: .root, account: account, partition: partition, userID: account)
    }
}

extension Principal {
    /// The condition keys that the caller brings along.
    func fill(_ context: inout RequestContext) {
        context.setDefault("aws:PrincipalArn", policyARN)
        context.setDefault("aws:PrincipalAccount", account)
        context.setDefault("aws:userid", userID)
        switch kind {
        case .root: context.setDefault("aws:PrincipalType", "Account")
        case .user(let name, _):
            context.setDefault("aws:PrincipalType", "User")
            context.setDefault("aws:username", name)
        case .assumedRole: context.setDefault("aws:PrincipalType", "AssumedRole")
        }
        for (key, value) in tags { context.setDefault("aws:PrincipalTag/" + key, value) }
    }
}
