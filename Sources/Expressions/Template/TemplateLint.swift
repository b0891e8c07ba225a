// Finds values that a template puts into JSON inside a JSON string with too few escapes.

/// A reference that can break out of the quotes it stands in.
package struct TemplateFinding: Sendable, Equatable {
    /// The reference as it is written.
    package var reference: String
    /// How often its value is escaped, and how often the place asks for it.
    package var escapes: Int
    package var needed: Int
    /// Where it stands in the template, from 1.
    package var line: Int
    package var column: Int

    package var message: String {
        "\(reference) stands in a JSON text inside a JSON string and is escaped \(Self.times(escapes)): a quote in its "
            + "value ends the inner string, and whoever sends it can add members of their own"
    }

    package var hint: String {
        "Escape it twice, $util.escapeJavaScript($util.escapeJavaScript(…)), or build the inner JSON first and escape "
            + "that as a whole: \"$util.escapeJavaScript($input.json('$')).replaceAll(\"\\\\'\",\"'\")\""
    }

    private static func times(_ count: Int) -> String { count == 0 ? "not at all" : "once" }
}

extension Template {
    /// The references inside nested quotes whose values are not escaped twice (`"input": "{ \"id\": \"$id\" }"`). A
    /// hint, no proof: it follows the text as it is written, through `#if` and `#foreach`, and knows the values that
    /// cannot hold a quote, such as `$context.requestId` and sizes.
    package func lint() -> [TemplateFinding] {
        var lint = TemplateLint(template: self)
        lint.read(nodes)
        return lint.findings
    }
}

private struct TemplateLint {
    let template: Template
    var findings: [TemplateFinding] = []
    /// Inside a JSON string, and inside a string of the JSON that it holds.
    private var isInString = false
    private var isInNested = false
    /// How often the value of a variable has been escaped by now, and whether it can do no harm.
    private var variables: [Int: Escapes] = [:]

    private enum Escapes {
        case count(Int)
        case harmless

        var count: Int {
            switch self {
            case .count(let count): count
            case .harmless: .max
            }
        }
    }

    init(template: Template) { self.template = template }

    mutating func read(_ nodes: [TemplateNode]) {
        for node in nodes {
            switch node {
            case .text(let bytes): read(bytes)
            case .reference(let reference): check(reference)
            case .set(let target, let expression):
                if target.steps.isEmpty { variables[target.slot] = escapes(of: expression) }
            case .branch(let branches, let otherwise):
                for branch in branches { read(branch.body) }
                read(otherwise)
            case .loop(let loop): read(loop.body)
            case .define, .call, .evaluate, .include, .leave, .stop: break
            }
        }
    }

    /// Follows the quotes: `"` opens and closes a string, and within one `\"` those of the JSON that it holds.
    private mutating func read(_ text: [UInt8]) {
        var slashes = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "\\"):
                slashes += 1
                continue
            case UInt8(ascii: "\""):
                if slashes % 2 == 0 {
                    isInString.toggle()
                    isInNested = false
                } else if isInString, slashes == 1 {
                    isInNested.toggle()
                }
            default: break
            }
            slashes = 0
        }
    }

    private mutating func check(_ reference: TemplateReference) {
        guard isInString, isInNested else { return }
        let count = escapes(of: reference).count
        guard count < 2 else { return }
        let place = TemplateError(
            TemplateFault(code: .syntax, message: "", at: reference.at), in: template.source)
        findings.append(
            TemplateFinding(
                reference: reference.literal, escapes: count, needed: 2, line: place.line, column: place.column))
    }

    // MARK: - Escapes

    private func escapes(of expression: TemplateExpression) -> Escapes {
        switch expression {
        case .reference(let reference): escapes(of: reference)
        case .null, .bool, .integer, .wide, .double, .compare, .and, .or, .not: .harmless
        case .string(let text): text.utf8.contains { $0 == 0x22 || $0 == 0x5C } ? .count(0) : .harmless
        case .arithmetic(.add, let left, let right): weaker(escapes(of: left), escapes(of: right))
        case .arithmetic: .harmless
        case .interpolated, .list, .range, .map: .count(0)
        }
    }

    private func weaker(_ left: Escapes, _ right: Escapes) -> Escapes { left.count <= right.count ? left : right }

    private func escapes(of reference: TemplateReference) -> Escapes {
        let name = template.symbols.names[reference.slot]
        if isHarmless(name, reference.steps) { return .harmless }
        var value = variables[reference.slot] ?? .count(0)
        for step in reference.steps {
            switch step {
            case .method(.escapeJavaScript, _, let arguments):
                let inner = arguments.first.map(escapes) ?? .harmless
                value = inner.count == .max ? .harmless : .count(inner.count + 1)
            // The usual step behind escapeJavaScript, which takes the backslash off `\'` again.
            case .method(.replaceAll, _, _), .method(.replace, _, _), .method(.toString, _, _): break
            case .property, .method, .index: value = .count(0)
            }
        }
        return value
    }

    /// What holds neither quotes nor backslashes, whatever the client sends.
    private func isHarmless(_ name: String, _ steps: [TemplateReference.Step]) -> Bool {
        if name == "foreach" || name == "velocityCount" { return true }
        switch steps.last {
        case .method(.size, _, _), .method(.length, _, _), .method(.urlEncode, _, _), .method(.base64Encode, _, _),
            .method(.hashCode, _, _), .method(.isEmpty, _, _), .method(.indexOf, _, _):
            return true
        case .property(let property, _) where name == "context" && steps.count == 1:
            return Self.harmlessContext.contains(property)
        default: return false
        }
    }

    private static let harmlessContext: Set<String> = [
        "accountId", "apiId", "awsEndpointRequestId", "deploymentId", "extendedRequestId", "httpMethod", "protocol",
        "requestId", "requestTime", "requestTimeEpoch", "resourceId", "resourcePath", "stage",
    ]
}
