// The one decision: which policies speak about a request, and what they say together.

/// The policies that bind a caller, by layer. Each layer that is there must allow.
package struct PolicyLayers: Sendable, Equatable {
    /// Inline and attached policies; what one of them allows is allowed.
    package var identity: [PolicyDocument]
    /// The permissions boundary, where one is set.
    package var boundary: PolicyDocument?
    /// The session policies given with AssumeRole, where there were any.
    package var session: [PolicyDocument]?

    package init(identity: [PolicyDocument], boundary: PolicyDocument? = nil, session: [PolicyDocument]? = nil) {
        self.identity = identity
        self.boundary = boundary
        self.session = session
    }
}

/// What the policies say about a request, and which layer says no.
package enum Verdict: Sendable, Equatable {
    /// A kind of policy, named as AccessDenied messages name it.
    package enum Layer: String, Sendable {
        case session = "session policy"
        case boundary = "permissions boundary"
        case identity = "identity-based policy"
        case trust = "role trust policy"
    }

    case allow
    /// A statement denies.
    case explicitDeny(Layer)
    /// No statement allows.
    case implicitDeny(Layer)
}

extension PolicyLayers {
    /// Decides: a Deny in any layer wins; then session policies, boundary and identity policies, those of them that are
    /// there, must each allow; identity policies are always there.
    ///
    /// `sts:GetCallerIdentity` is allowed whatever the policies say, as on AWS.
    package func decide(action: String, resource: String, context: RequestContext) -> Verdict {
        if action.lowercased() == "sts:getcalleridentity" { return .allow }
        let question = PolicyQuestion(action: action, resource: resource, caller: nil, context: context)
        var layers: [(layer: Verdict.Layer, policies: [PolicyDocument])] = []
        if let session { layers.append((.session, session)) }
        if let boundary { layers.append((.boundary, [boundary])) }
        layers.append((.identity, identity))
        if let denying = layers.first(where: { $0.policies.denies(question) }) { return .explicitDeny(denying.layer) }
        if let silent = layers.first(where: { !$0.policies.allows(question) }) { return .implicitDeny(silent.layer) }
        return .allow
    }
}

/// The answer to an authorization request.
package struct Decision: Sendable, Equatable {
    package var verdict: Verdict
    /// The caller's ARN.
    package var caller: String
    package var action: String
    package var resource: String

    package init(verdict: Verdict, caller: String, action: String, resource: String) {
        self.verdict = verdict
        self.caller = caller
        self.action = action
        self.resource = resource
    }

    package var isAllowed: Bool { verdict == .allow }

    /// The text of AWS's AccessDenied answer, `nil` when the request is allowed.
    package var message: String? {
        let refusal = "User: \(caller) is not authorized to perform: \(action) on resource: \(resource)"
        switch verdict {
        case .allow: return nil
        case .implicitDeny(let layer): return "\(refusal) because no \(layer.rawValue) allows the \(action) action"
        case .explicitDeny(let layer):
            let article =
                switch layer {
                case .identity: "an"
                case .boundary, .session: "a"
                case .trust: "the"
                }
            return "\(refusal) with an explicit deny in \(article) \(layer.rawValue)"
        }
    }
}
