// The shared cases of IAM decisions and trust policies.

import Foundation
import Identity
import JSON
import TestSupport
import Testing

@Suite("IAM conformance")
struct IAMConformanceTests {
    @Test("Every decision case gives the expected verdict and the layer that blocks.")
    func decisions() throws {
        for item in try cases("iam/decisions.json") {
            let layers = PolicyLayers(
                identity: try policies(item["identity"]),
                boundary: try item["boundary"].map { try policy($0, .identity) },
                session: item["session"] == nil ? nil : try policies(item["session"]))
            let verdict = layers.decide(
                action: item["action"]?.stringValue ?? "", resource: item["resource"]?.stringValue ?? "",
                context: context(item["context"]))
            let (name, layer) = describe(verdict)
            let isRight = name == item["expected"]?.stringValue && layer == item["blocked_by"]?.stringValue
            check("iam", "decisions \(item["id"]?.stringValue ?? "")", isRight, "\(name) by \(layer ?? "nothing")")
        }
    }

    @Test("Every trust case gives the expected verdict.")
    func trust() throws {
        for item in try cases("iam/trust.json") {
            let callerName = item["caller"]?.stringValue ?? ""
            let caller = item["caller_kind"] == "Service" ? TrustCaller.service(callerName) : .aws(arn: callerName)
            let verdict = try policy(item["trust_policy"] ?? .null, .trust).trusts(
                caller, action: item["action"]?.stringValue ?? "", context: context(item["context"]))
            let name = describe(verdict).name
            check("iam", "trust \(item["id"]?.stringValue ?? "")", name == item["expected"]?.stringValue, name)
        }
    }

    private func describe(_ verdict: Verdict) -> (name: String, layer: String?) {
        switch verdict {
        case .allow: ("Allow", nil)
        case .implicitDeny(let layer): ("ImplicitDeny", layer.rawValue)
        case .explicitDeny(let layer): ("ExplicitDeny", layer.rawValue)
        }
    }

    private func policies(_ list: JSONValue?) throws -> [PolicyDocument] {
        try (list?.arrayValue ?? []).map { try policy($0, .identity) }
    }

    private func policy(_ json: JSONValue, _ kind: PolicyDocument.Kind) throws -> PolicyDocument {
        try PolicyDocument(json, kind: kind, strictness: .read)
    }

    private func context(_ json: JSONValue?) -> RequestContext {
        var context = RequestContext()
        for (key, value) in json?.objectValue ?? [:] {
            context[key] = (value.arrayValue ?? [value]).compactMap(\.stringValue)
        }
        return context
    }
}

/// Expects a shared case to pass, or reports it where a report is wanted. `found` is what it gave.
func check(_ set: String, _ id: String, _ isRight: Bool, _ found: String) {
    ConformanceReport.add(set, id, isRight ? nil : found)
    if !ConformanceReport.isWanted { #expect(isRight, "\(id): \(found)") }
}

/// The cases of a shared file; none where the shared folder is not there.
func cases(_ file: String) throws -> [JSONValue] {
    guard let bytes = Conformance.bytes(file) else { return [] }
    let cases = try JSONValue.parse(bytes)["cases"]?.arrayValue ?? []
    try #require(!cases.isEmpty, "\(file) holds no cases")
    return cases
}

/// The cases of a file beside this one.
func ownCases(_ file: String) -> [JSONValue] {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(file)
    guard let data = FileManager.default.contents(atPath: url.path),
        let cases = try? JSONValue.parse([UInt8](data)).arrayValue
    else { preconditionFailure("\(file) is not there or no list of cases") }
    return cases
}
