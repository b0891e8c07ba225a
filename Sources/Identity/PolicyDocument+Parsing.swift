// From JSON to a policy document, with IAM's words for what is wrong.

import Core
package import JSON

extension PolicyDocument {
    /// How much a document is held to.
    package enum Strictness: Sendable {
        /// What IAM asks of a policy that is being written.
        case write
        /// Only what is needed to evaluate it: an unknown condition operator never matches, and so does a resource that
        /// is no ARN.
        case read
    }

    /// Parses a policy. Scalars stand for lists of one; Version is 2008-10-17 unless given, and that version knows no
    /// policy variables.
    package init(_ json: JSONValue, kind: Kind, strictness: Strictness = .write) throws(MalformedPolicyDocument) {
        let element = PolicyElement(json: json, path: "$")
        let members = try element.members(["Version", "Id", "Statement"])
        let version = try members["Version"]?.string() ?? "2008-10-17"
        guard version == "2012-10-17" || version == "2008-10-17" else {
            throw element.member("Version").malformed(
                "The policy must contain a valid version string", "Write \"2012-10-17\".")
        }
        guard let statement = members["Statement"] else {
            throw element.malformed("Missing required field Statement", "Add a list of statements.")
        }
        let parser = StatementParser(kind: kind, strictness: strictness, variables: version == "2012-10-17")
        id = try members["Id"]?.string()
        statements = []
        for item in statement.listed() { statements.append(try parser.statement(item)) }
        if strictness == .write { try refuseDoubleSids(statement) }
    }

    private func refuseDoubleSids(_ statement: PolicyElement) throws(MalformedPolicyDocument) {
        var seen: Set<String> = []
        for (parsed, element) in zip(statements, statement.listed()) {
            guard let sid = parsed.sid, !seen.insert(sid).inserted else { continue }
            throw element.member("Sid").malformed(
                "Statement IDs (SID) in a single policy must be unique", "Rename or leave out one Sid \"\(sid)\".")
        }
    }
}

/// A value inside a policy document, and where it stands.
struct PolicyElement {
    var json: JSONValue
    var path: String

    func malformed(_ message: String, _ hint: String) -> MalformedPolicyDocument {
        MalformedPolicyDocument(path: path, message: message, hint: hint)
    }

    func member(_ name: String) -> PolicyElement { PolicyElement(json: json[name] ?? .null, path: "\(path).\(name)") }

    /// The members of an object that may have these alone.
    func members(_ known: [String]) throws(MalformedPolicyDocument) -> [String: PolicyElement] {
        guard case .object(let object) = json else {
            throw malformed("Syntax errors in policy", "Write an object here, not \(json.kind).")
        }
        var members: [String: PolicyElement] = [:]
        for name in object.keys {
            guard known.contains(name) else {
                throw member(name).malformed(
                    "Unknown field \(name)", "The fields here are \(known.joined(separator: ", ")).")
            }
            members[name] = member(name)
        }
        return members
    }

    /// The elements of a list; a value that is no list stands for a list of one.
    func listed() -> [PolicyElement] {
        guard case .array(let elements) = json else { return [self] }
        return elements.enumerated().map { PolicyElement(json: $1, path: "\(path)[\($0)]") }
    }

    func string() throws(MalformedPolicyDocument) -> String {
        guard case .string(let text) = json else {
            throw malformed("Syntax errors in policy", "Write a string here, not \(json.kind).")
        }
        return text
    }
}

/// Reads the statements of one document.
private struct StatementParser {
    var kind: PolicyDocument.Kind
    var strictness: PolicyDocument.Strictness
    var variables: Bool

    func statement(_ element: PolicyElement) throws(MalformedPolicyDocument) -> Statement {
        let members = try element.members([
            "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
        ])
        return Statement(
            sid: try members["Sid"]?.string(),
            effect: try effect(members["Effect"], of: element),
            actions: try actions(members, of: element),
            resources: try resources(members, of: element),
            principals: try principals(members, of: element),
            conditions: try conditions(members["Condition"]))
    }

    private func effect(
        _ effect: PolicyElement?, of statement: PolicyElement
    ) throws(MalformedPolicyDocument) -> Statement.Effect {
        guard let effect else {
            throw statement.malformed("Missing required field Effect", "Write \"Effect\": \"Allow\" or \"Deny\".")
        }
        let text = try effect.string()
        guard let effect = Statement.Effect(rawValue: text) else {
            throw statement.member("Effect").malformed(
                "Invalid effect: \(text)", "Write \"Allow\" or \"Deny\", in these very letters.")
        }
        return effect
    }

    /// Which of two elements that exclude each other is there.
    private func either(
        _ name: String, _ members: [String: PolicyElement], of statement: PolicyElement
    ) throws(MalformedPolicyDocument) -> (element: PolicyElement, isInverted: Bool)? {
        switch (members[name], members["Not" + name]) {
        case (let plain?, nil): return (plain, false)
        case (nil, let inverted?): return (inverted, true)
        case (nil, nil): return nil
        default:
            throw statement.malformed(
                "Statement/policy already has instance of \(name)", "Keep \(name) or Not\(name), not both.")
        }
    }

    private func actions(
        _ members: [String: PolicyElement], of statement: PolicyElement
    ) throws(MalformedPolicyDocument) -> Selection<PolicyText> {
        guard let (element, isInverted) = try either("Action", members, of: statement) else {
            throw statement.malformed("Policy statement must contain actions", "Add \"Action\": \"states:…\".")
        }
        var items: [PolicyText] = []
        for item in element.listed() {
            let text = try item.string()
            if strictness == .write, text != "*", !text.dropFirst().dropLast().contains(":") {
                throw item.malformed(
                    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
                    "Write service:Name, for example states:StartExecution, instead of \"\(text)\".")
            }
            items.append(PolicyText(text.lowercased(), variables: false))
        }
        return Selection(items: items, isInverted: isInverted)
    }

    private func resources(
        _ members: [String: PolicyElement], of statement: PolicyElement
    ) throws(MalformedPolicyDocument) -> Selection<ARNPattern>? {
        let found = try either("Resource", members, of: statement)
        if kind == .trust {
            guard let found else { return nil }
            throw found.element.malformed(
                "Has prohibited field Resource", "A trust policy speaks of its own role; leave Resource out.")
        }
        guard let (element, isInverted) = found else {
            throw statement.malformed("Policy statement must contain resources", "Add \"Resource\": an ARN or \"*\".")
        }
        var items: [ARNPattern] = []
        for item in element.listed() {
            let text = try item.string()
            let pattern = ARNPattern(text, variables: variables)
            if strictness == .write, !pattern.isWellFormed {
                throw item.malformed(
                    "Resource \(text) must be in ARN format or \"*\"",
                    "Write arn:partition:service:region:account:resource; each field may hold a \"*\".")
            }
            items.append(pattern)
        }
        return Selection(items: items, isInverted: isInverted)
    }

    private func principals(
        _ members: [String: PolicyElement], of statement: PolicyElement
    ) throws(MalformedPolicyDocument) -> PrincipalElement? {
        let found = try either("Principal", members, of: statement)
        if kind == .identity {
            guard let found else { return nil }
            throw found.element.malformed(
                "Policy document should not specify a principal",
                "Leave it out: who it is attached to is the principal.")
        }
        guard let (element, isInverted) = found else {
            throw statement.malformed(
                "Missing required field Principal", "Add \"Principal\": {\"Service\": \"apigateway.amazonaws.com\"}.")
        }
        return PrincipalElement(names: try names(element), isInverted: isInverted)
    }

    private func names(_ element: PolicyElement) throws(MalformedPolicyDocument) -> [PrincipalElement.Name] {
        if case .string(let text) = element.json {
            guard text == "*" else { throw invalidPrincipal(element, "AWS", text) }
            return [.anybody]
        }
        var names: [PrincipalElement.Name] = []
        for (type, value) in try element.members(["AWS", "Service", "Federated", "CanonicalUser"]).sorted(by: {
            $0.key < $1.key
        }) {
            for item in value.listed() { names.append(try name(type, item)) }
        }
        return names
    }

    private func name(_ type: String, _ item: PolicyElement) throws(MalformedPolicyDocument) -> PrincipalElement.Name {
        let text = try item.string()
        if strictness == .write, text.isEmpty { throw invalidPrincipal(item, type, text) }
        switch type {
        case "Service": return .service(text)
        case "AWS" where text == "*": return .anyAWS
        case "AWS" where text.utf8.count == 12 && text.utf8.allSatisfy({ $0 &- 0x30 < 10 }): return .account(text)
        case "AWS":
            guard let arn = ARN(text) else {
                if strictness == .write { throw invalidPrincipal(item, type, text) }
                return .arn(text)
            }
            if strictness == .write, text.contains("*") { throw invalidPrincipal(item, type, text) }
            return arn.service == "iam" && arn.resource == "root" ? .account(arn.account) : .arn(text)
        default: return .federated(text)
        }
    }

    private func invalidPrincipal(_ item: PolicyElement, _ type: String, _ text: String) -> MalformedPolicyDocument {
        item.malformed(
            "Invalid principal in policy: \"\(type)\":\"\(text)\"",
            type == "Service"
                ? "Name the service, for example apigateway.amazonaws.com."
                : "Write \"*\", an account id, or the whole ARN of a user or role, without wildcards.")
    }

    private func conditions(_ element: PolicyElement?) throws(MalformedPolicyDocument) -> [Condition] {
        guard let element else { return [] }
        guard case .object(let operators) = element.json else {
            throw element.malformed("Syntax errors in policy", "Write {\"Operator\": {\"key\": \"value\"}}.")
        }
        var conditions: [Condition] = []
        for name in operators.keys {
            let keys = element.member(name)
            guard case .object(let object) = keys.json else {
                throw keys.malformed(
                    "Syntax errors in policy", "Write {\"key\": \"value\"} here, not \(keys.json.kind).")
            }
            for key in object.keys {
                let condition = Condition(operator: name, key: key, values: try values(keys.member(key)))
                if strictness == .write, condition.function == nil {
                    throw keys.malformed("Invalid Condition type : \(name)", nearestOperator(name))
                }
                conditions.append(condition)
            }
        }
        return conditions
    }

    /// Numbers and booleans count as their text.
    private func values(_ element: PolicyElement) throws(MalformedPolicyDocument) -> [PolicyText] {
        var values: [PolicyText] = []
        for item in element.listed() {
            switch item.json {
            case .string(let text): values.append(PolicyText(text, variables: variables))
            case .bool, .number: values.append(PolicyText(item.json.text, variables: false))
            default:
                throw item.malformed("Syntax errors in policy", "Write a string here, not \(item.json.kind).")
            }
        }
        return values
    }

    private func nearestOperator(_ name: String) -> String {
        let known = ConditionOperator.named.keys.sorted()
        let same = known.first { $0.lowercased() == name.lowercased() }
        return same.map { "Write \($0)." } ?? "The operators are \(known.joined(separator: ", "))."
    }
}
