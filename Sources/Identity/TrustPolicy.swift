// Who may assume a role: what its trust policy says.

extension PolicyDocument {
    /// Decides what a role's trust policy says about a caller that wants to do `action` (`sts:AssumeRole`).
    package func trusts(
        _ caller: TrustCaller, action: String = "sts:AssumeRole", context: RequestContext
    ) -> Verdict {
        let question = PolicyQuestion(action: action, resource: "", caller: caller, context: context)
        if [self].denies(question) { return .explicitDeny(.trust) }
        return [self].allows(question) ? .allow : .implicitDeny(.trust)
    }

    /// Whether a statement that allows the caller names it itself, and not just its account or `*`: then the caller's
    /// own policies need not allow `sts:AssumeRole` too.
    func trustsByName(_ caller: TrustCaller, context: RequestContext) -> Bool {
        let question = PolicyQuestion(action: "sts:AssumeRole", resource: "", caller: caller, context: context)
        return statements.contains { statement in
            statement.effect == .allow && statement.applies(to: question)
                && statement.principals?.namesItself(caller) == true
        }
    }
}
