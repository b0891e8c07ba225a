// May this caller do that? The question as the API asks it.

/// A request to be authorized.
package struct AuthorizationRequest: Sendable {
    package var principal: Principal
    /// `service:Name`, for example `states:StartExecution`.
    package var action: String
    /// The ARN of what is acted on, `*` for actions that know no resource.
    package var resource: String
    /// What is known about the request itself: `aws:SourceIp`, `aws:SecureTransport`, tags, and the time (`setTime`).
    /// What is known about the caller and the region is filled in by `IdentityCatalog.decide`.
    package var context: RequestContext
    /// The session policies of the caller's session, where it has some.
    package var sessionPolicies: [PolicyDocument]?

    package init(
        principal: Principal, action: String, resource: String, context: RequestContext = RequestContext(),
        sessionPolicies: [PolicyDocument]? = nil
    ) {
        self.principal = principal
        self.action = action
        self.resource = resource
        self.context = context
        self.sessionPolicies = sessionPolicies
    }
}

extension IdentityCatalog {
    /// Decides whether the caller may do what it asks. The account's root always may.
    package func decide(_ request: AuthorizationRequest) -> Decision {
        Decision(
            verdict: verdict(request), caller: request.principal.arn, action: request.action, resource: request.resource
        )
    }

    private func verdict(_ request: AuthorizationRequest) -> Verdict {
        if request.principal.kind == .root, request.principal.account == account { return .allow }
        var context = request.context
        request.principal.fill(&context)
        context.setDefault("aws:RequestedRegion", region)
        var layers = layers(of: request.principal)
        layers.session = request.sessionPolicies
        return layers.decide(action: request.action, resource: request.resource, context: context)
    }
}
