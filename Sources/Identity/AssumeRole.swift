// AssumeRole: whether a caller gets a role's session, and which.

import Core

/// Why a role could not be assumed.
package struct AssumeRoleRefusal: Error, Sendable, Equatable {
    package enum Cause: Sendable, Equatable {
        /// There is no role with that ARN. AWS answers as for a role that trusts nobody, so as not to tell which exist.
        case noSuchRole
        /// The role's trust policy does not allow the caller.
        case notTrusted
        /// The role's trust policy denies the caller.
        case denied
        /// The trust policy delegates to the account, and the caller's own policies do not allow `sts:AssumeRole`.
        case callerNotAllowed
    }

    package var cause: Cause
    package var decision: Decision
    /// What the operator can do about it.
    package var hint: String

    /// The text of STS's AccessDenied answer.
    package var message: String { decision.message ?? "" }
}

extension IdentityCatalog {
    /// The session name that API Gateway uses when it assumes an integration's role.
    package static let apiGatewaySession = "BackplaneAssumeRoleSession"

    /// Assumes a role for a service: its trust policy must name the service (`apigateway.amazonaws.com`); no other
    /// policy is asked. `sourceARN` and `sourceAccount` become `aws:SourceArn` and `aws:SourceAccount`.
    ///
    /// Gives the session's principal, `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    package func assume(
        role arn: String, by service: String, sourceARN: String, sourceAccount: String,
        sessionName: String = IdentityCatalog.apiGatewaySession, context: RequestContext = RequestContext()
    ) -> Result<Principal, AssumeRoleRefusal> {
        var context = context
        context.set("aws:SourceArn", sourceARN)
        context.set("aws:SourceAccount", sourceAccount)
        context.setDefault("aws:RequestedRegion", region)
        context.setDefault("sts:RoleSessionName", sessionName)
        context.setDefault("aws:PrincipalIsAWSService", "true")
        context.setDefault("aws:PrincipalServiceName", service)
        return trusted(role: arn, caller: .service(service), shown: service, context: context)
            .map { session(of: $0, named: sessionName) }
    }

    /// Assumes a role for a user or another role's session: the trust policy must allow it, and the caller's own
    /// policies too unless the trust policy names the caller itself.
    package func assume(
        role arn: String, by principal: Principal, sessionName: String, context: RequestContext = RequestContext()
    ) -> Result<Principal, AssumeRoleRefusal> {
        var context = context
        principal.fill(&context)
        context.setDefault("aws:RequestedRegion", region)
        context.setDefault("sts:RoleSessionName", sessionName)
        let caller = TrustCaller.aws(arn: principal.arn)
        return trusted(role: arn, caller: caller, shown: principal.arn, context: context)
            .flatMap { role in
                let decision = decide(
                    AuthorizationRequest(
                        principal: principal, action: "sts:AssumeRole", resource: arn, context: context))
                switch decision.verdict {
                case .allow: break
                case .implicitDeny where role.trustPolicy.trustsByName(caller, context: context): break
                default:
                    return .failure(
                        AssumeRoleRefusal(
                            cause: .callerNotAllowed, decision: decision,
                            hint: "Allow \(principal.arn) the action sts:AssumeRole on \(arn)."))
                }
                return .success(session(of: role, named: sessionName))
            }
    }

    /// Whether a role of this account trusts the role of another account's machine. That account's policies are not
    /// known here and are not asked. A role of another account is taken as trusting: it has no file here.
    package func admits(role arn: String, machineRole: String, context: RequestContext = RequestContext()) -> Bool {
        guard ARN(arn)?.account == account else { return true }
        var caller = machineRole
        if let own = ARN(machineRole), own.service == "iam", own.resource.hasPrefix("role/"),
            let name = own.resource.split(separator: "/").last
        {
            caller = "arn:\(own.partition):sts::\(own.account):assumed-role/\(name)/StepFunctions"
        }
        let found = trusted(role: arn, caller: .aws(arn: caller), shown: caller, context: context)
        if case .success = found { return true }
        return false
    }

    private func trusted(
        role arn: String, caller: TrustCaller, shown: String, context: RequestContext
    ) -> Result<Role, AssumeRoleRefusal> {
        guard let role = role(arn: arn) else {
            return refusal(
                .noSuchRole, .implicitDeny(.trust), shown, arn, "No role has the ARN \(arn).")
        }
        switch role.trustPolicy.trusts(caller, context: context) {
        case .allow: return .success(role)
        case .explicitDeny:
            return refusal(
                .denied, .explicitDeny(.trust), shown, arn,
                "A Deny in AssumeRolePolicyDocument of \(role.name) covers \(shown).")
        case .implicitDeny:
            return refusal(
                .notTrusted, .implicitDeny(.trust), shown, arn,
                "Let AssumeRolePolicyDocument of \(role.name) allow \(shown) the action sts:AssumeRole.")
        }
    }

    private func refusal<Success>(
        _ cause: AssumeRoleRefusal.Cause, _ verdict: Verdict, _ caller: String, _ role: String, _ hint: String
    ) -> Result<Success, AssumeRoleRefusal> {
        let decision = Decision(verdict: verdict, caller: caller, action: "sts:AssumeRole", resource: role)
        return .failure(AssumeRoleRefusal(cause: cause, decision: decision, hint: hint))
    }

    private func session(of role: Role, named session: String) -> Principal {
        Principal(
            kind: .assumedRole(role: role.name, path: role.path, session: session), account: account,
            partition: partition, userID: "\(role.id):\(session)", tags: role.tags)
    }
}
