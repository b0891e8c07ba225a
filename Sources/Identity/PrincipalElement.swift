// The `Principal` element of a trust policy: whom a statement names.

import Core

/// Who wants to assume a role.
package enum TrustCaller: Sendable, Equatable {
    /// An AWS service, for example `apigateway.amazonaws.com`.
    case service(String)
    /// A user, a role's session or an account's root, by ARN.
    case aws(arn: String)
    /// An identity provider.
    case federated(String)
}

/// `Principal` or `NotPrincipal`.
struct PrincipalElement: Sendable, Equatable {
    enum Name: Sendable, Equatable {
        /// `"*"` in the place of the whole element: anybody.
        case anybody
        /// `{"AWS": "*"}`: every user, role and account, but no service.
        case anyAWS
        /// An account: its id alone, or its root's ARN. Delegates to that account.
        case account(String)
        case arn(String)
        case service(String)
        case federated(String)
    }

    var names: [Name]
    var isInverted: Bool

    func names(_ caller: TrustCaller) -> Bool { names.contains { $0.matches(caller) } != isInverted }

    /// Whether the caller is named itself, and not just through its account or `*`.
    func namesItself(_ caller: TrustCaller) -> Bool {
        !isInverted
            && names.contains {
                if case .arn = $0 { $0.matches(caller) } else { false }
            }
    }
}

extension PrincipalElement.Name {
    /// Wildcards inside an ARN mean nothing here; a role's ARN stands for the sessions of the role too.
    func matches(_ caller: TrustCaller) -> Bool {
        switch (self, caller) {
        case (.anybody, _), (.anyAWS, .aws): true
        case (.account(let account), .aws(let arn)): ARN(arn)?.account == account
        case (.arn(let name), .aws(let arn)): name == arn || PrincipalElement.Name.isRole(name, ofSession: arn)
        case (.service(let name), .service(let service)): !name.isEmpty && name == service
        case (.federated(let name), .federated(let provider)): !name.isEmpty && name == provider
        default: false
        }
    }

    /// A session's ARN has no path, so roles are compared by account and name (names are unique within an account).
    private static func isRole(_ name: String, ofSession session: String) -> Bool {
        guard let role = ARN(name), let session = ARN(session), role.service == "iam", session.service == "sts",
            role.account == session.account, role.partition == session.partition, role.resource.hasPrefix("role/")
        else { return false }
        let parts = session.resource.split(separator: "/")
        return parts.count == 3 && parts[0] == "assumed-role" && role.resource.split(separator: "/").last == parts[1]
    }
}
