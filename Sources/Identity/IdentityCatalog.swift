// The users, roles, policies and access keys of the one account the daemon serves.

/// A role.
package struct Role: Sendable, Equatable {
    package var name: String
    /// `/`, or `/…/`.
    package var path: String
    package var id: String
    package var arn: String
    package var trustPolicy: PolicyDocument
    package var policies: [PolicyDocument]
    package var boundary: PolicyDocument?
    /// In seconds; 3600 on AWS unless set.
    package var maxSessionDuration: Int
    package var tags: [String: String]
}

/// A user.
package struct User: Sendable, Equatable {
    package var name: String
    package var path: String
    package var id: String
    package var arn: String
    package var policies: [PolicyDocument]
    package var boundary: PolicyDocument?
    package var tags: [String: String]
}

/// An access key of a user or of a session.
package struct AccessKey: Sendable, Equatable {
    package var id: String
    package var secret: String
    package var isActive: Bool
    /// The token that requests with a session's key must carry; `nil` for a user's key.
    package var sessionToken: String?
    /// When a session ends, in seconds since 1970.
    package var expires: Int?
    package var principal: Principal

    package init(
        id: String, secret: String, isActive: Bool = true, sessionToken: String? = nil, expires: Int? = nil,
        principal: Principal
    ) {
        self.id = id
        self.secret = secret
        self.isActive = isActive
        self.sessionToken = sessionToken
        self.expires = expires
        self.principal = principal
    }
}

/// Everything that identity decisions are taken from. A value: replace it whole when the configuration changes.
package struct IdentityCatalog: Sendable {
    /// Twelve digits.
    package let account: String
    package let region: String
    package let partition: String
    /// By name; role names are unique within an account, whatever their paths.
    package internal(set) var roles: [String: Role] = [:]
    package internal(set) var users: [String: User] = [:]
    /// By access key id.
    package internal(set) var accessKeys: [String: AccessKey] = [:]
    /// Managed policies by ARN: AWS's own that come along, and the account's.
    package internal(set) var managedPolicies: [String: PolicyDocument] = [:]

    /// An account without users and roles: its root may do everything, nobody else anything.
    package init(account: String, region: String, partition: String = "aws") {
        self.account = account
        self.region = region
        self.partition = partition
    }

    package var root: Principal { .root(account: account, partition: partition) }

    /// The role with that ARN.
    package func role(arn: String) -> Role? {
        guard let name = arn.split(separator: "/").last, let role = roles[String(name)], role.arn == arn else {
            return nil
        }
        return role
    }

    /// The policies that bind a caller, apart from session policies; a user or role that is not there has none.
    func layers(of principal: Principal) -> PolicyLayers {
        switch principal.kind {
        case .root: PolicyLayers(identity: [])
        case .user(let name, _): PolicyLayers(identity: users[name]?.policies ?? [], boundary: users[name]?.boundary)
        case .assumedRole(let name, _, _):
            PolicyLayers(identity: roles[name]?.policies ?? [], boundary: roles[name]?.boundary)
        }
    }
}
