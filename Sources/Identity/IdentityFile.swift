// One file of config/iam while it is being read: its members, checked for kind and spelling.

import JSON

/// A value in a file, and where it stands.
struct IdentityField {
    let file: String
    let path: String
    let json: JSONValue

    func problem(_ cause: String, _ hint: String, code: IdentityProblem.Code = .malformedFile) -> IdentityProblem {
        IdentityProblem(code: code, file: file, path: path, cause: cause, hint: hint)
    }

    /// The member, `nil` when it is not there or null.
    func optional(_ name: String) -> IdentityField? {
        guard let value = json[name], !value.isNull else { return nil }
        return IdentityField(file: file, path: "\(path).\(name)", json: value)
    }

    /// The first of several spellings of a member that is there.
    func optional(_ names: [String]) -> IdentityField? { names.lazy.compactMap { optional($0) }.first }

    func member(_ name: String) throws(IdentityProblem) -> IdentityField {
        guard let member = optional(name) else {
            throw problem("The member \(name) is missing", "Add \"\(name)\".")
        }
        return member
    }

    /// Refuses members that are not known, with the nearest name that is.
    func check(known: [String]) throws(IdentityProblem) {
        guard case .object(let object) = json else {
            throw problem("Expected an object, found \(json.kind)", "Write {…} here.")
        }
        for name in object.keys where !known.contains(name) {
            let near = known.min { distance($0, name) < distance($1, name) }
            throw IdentityField(file: file, path: "\(path).\(name)", json: .null).problem(
                "Unknown member \(name)",
                "Did you mean \(near ?? "")? The members here: \(known.joined(separator: ", ")).")
        }
    }

    func string() throws(IdentityProblem) -> String {
        guard case .string(let text) = json else {
            throw problem("Expected a string, found \(json.kind)", "Write \"…\" here.")
        }
        return text
    }

    func int(_ range: ClosedRange<Int>) throws(IdentityProblem) -> Int {
        guard let value = json.intValue, range.contains(value) else {
            throw problem(
                "Expected a whole number from \(range.lowerBound) to \(range.upperBound)",
                "Found \(json.text.prefix(40)).")
        }
        return value
    }

    func list() throws(IdentityProblem) -> [IdentityField] {
        guard case .array(let elements) = json else {
            throw problem("Expected a list, found \(json.kind)", "Write […] here.")
        }
        return elements.enumerated().map { IdentityField(file: file, path: "\(path)[\($0)]", json: $1) }
    }

    /// A policy document: an object, or its text in a string, as some of AWS's tools print it.
    func policy(_ kind: PolicyDocument.Kind) throws(IdentityProblem) -> PolicyDocument {
        var document = json
        if case .string(let text) = json {
            do { document = try JSONValue.parse(text) } catch {
                throw problem("\(error)", "Write the policy as an object.", code: .malformedPolicy)
            }
        }
        do { return try PolicyDocument(document, kind: kind) } catch {
            throw IdentityProblem(
                code: .malformedPolicy, file: file, path: path + error.path.dropFirst(), cause: error.message,
                hint: error.hint)
        }
    }

    /// A name of a user, role or policy (IAM: letters, digits and `_+=,.@-`).
    func name(longest: Int) throws(IdentityProblem) -> String {
        let text = try string()
        let isLegal = text.utf8.allSatisfy {
            $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 || "_+=,.@-".utf8.contains($0)
        }
        guard (1...longest).contains(text.utf8.count), isLegal else {
            throw problem(
                "\"\(text)\" is no name IAM allows", "Use 1 to \(longest) letters, digits and the characters _+=,.@-")
        }
        return text
    }

    /// `/`, or a path that begins and ends with one.
    func entityPath() throws(IdentityProblem) -> String {
        guard let field = optional("Path") else { return "/" }
        let path = try field.string()
        guard path.hasPrefix("/"), path.hasSuffix("/"), path.utf8.count <= 512, !path.contains("//"),
            path.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw field.problem("\"\(path)\" is no path IAM allows", "Begin and end it with a slash: \"/team/\".")
        }
        return path
    }

    /// `[{"Key": "team", "Value": "kitchen"}]`.
    func tags() throws(IdentityProblem) -> [String: String] {
        guard let field = optional("Tags") else { return [:] }
        var tags: [String: String] = [:]
        for tag in try field.list() {
            try tag.check(known: ["Key", "Value"])
            tags[try tag.member("Key").string()] = try tag.member("Value").string()
        }
        return tags
    }
}

/// How many letters to change, add or leave out to make one name the other.
private func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right.lowercased())
    var row = Array(0...right.count)
    for (i, a) in left.lowercased().enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, b) in right.enumerated() {
            let next = min(row[j + 1] + 1, row[j] + 1, diagonal + (a == b ? 0 : 1))
            diagonal = row[j + 1]
            row[j + 1] = next
        }
    }
    return row[right.count]
}
