// Policy documents: their statements, and whether one speaks about a request.

/// A parsed policy: what it allows and what it denies.
package struct PolicyDocument: Sendable, Equatable {
    /// What a policy is attached to; that decides which elements a statement must and may have.
    package enum Kind: Sendable {
        /// Attached to users and roles, as boundary or session policy: names resources, never principals.
        case identity
        /// A role's trust policy: names principals, never resources.
        case trust
    }

    package var id: String?
    var statements: [Statement]
}

/// One statement of a policy.
struct Statement: Sendable, Equatable {
    enum Effect: String, Sendable {
        case allow = "Allow"
        case deny = "Deny"
    }

    var sid: String?
    var effect: Effect
    var actions: Selection<PolicyText>
    /// `nil` in a trust policy.
    var resources: Selection<ARNPattern>?
    /// `nil` in an identity policy.
    var principals: PrincipalElement?
    var conditions: [Condition]
}

/// What a statement is about: what is listed (`Action`), or all but that (`NotAction`).
struct Selection<Item: Sendable & Equatable>: Sendable, Equatable {
    var items: [Item]
    var isInverted: Bool

    func contains(where matches: (Item) -> Bool) -> Bool { items.contains(where: matches) != isInverted }
}

/// What a statement is asked about.
struct PolicyQuestion {
    var action: String
    var resource: String
    /// Who asks, for trust policies.
    var caller: TrustCaller?
    var context: RequestContext
}

extension Statement {
    func applies(to question: PolicyQuestion) -> Bool {
        let action = question.action.lowercased().unicodeScalars
        // Action names hold no variables; they were lower-cased when the document was parsed.
        guard actions.contains(where: { $0.glob(in: question.context)?.matches(action) ?? false }) else { return false }
        if let resources,
            !resources.contains(where: { $0.matches(question.resource, in: question.context) })
        {
            return false
        }
        if let principals {
            guard let caller = question.caller, principals.names(caller) else { return false }
        }
        return conditions.allSatisfy { $0.holds(in: question.context) }
    }
}

extension Sequence<PolicyDocument> {
    func denies(_ question: PolicyQuestion) -> Bool { contains { $0.has(.deny, about: question) } }

    func allows(_ question: PolicyQuestion) -> Bool { contains { $0.has(.allow, about: question) } }
}

extension PolicyDocument {
    fileprivate func has(_ effect: Statement.Effect, about question: PolicyQuestion) -> Bool {
        statements.contains { $0.effect == effect && $0.applies(to: question) }
    }
}
