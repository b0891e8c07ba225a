// One request in the gateway, with the values for templates and mappings.

import Expressions
package import JSON

/// The stage that is served: names and variables that templates see.
package struct GatewayStage: Sendable {
    package var apiID: String
    package var accountID: String
    package var region: String
    package var name: String
    package var variables: JSONObject
    /// Base path of the API, such as `/v1`; empty if it is served at the root, as on a custom domain.
    package var basePath: String
    package var domainName: String

    package init(
        apiID: String = "newel", accountID: String = "000000000000", region: String = "us-east-1", name: String = "v1",
        variables: JSONObject = [:], basePath: String = "", domainName: String = "localhost"
    ) {
        self.apiID = apiID
        self.accountID = accountID
        self.region = region
        self.name = name
        self.variables = variables
        self.basePath = basePath
        self.domainName = domainName
    }

    /// Puts the stage's variables into `${stageVariables.name}`.
    func expand(_ text: String) -> String {
        guard text.contains("${stageVariables.") else { return text }
        var result = ""
        var rest = Substring(text)
        while let start = rest.firstRange(of: "${stageVariables."),
            let end = rest[start.upperBound...].firstIndex(of: "}")
        {
            result += rest[..<start.lowerBound]
            result += variables[String(rest[start.upperBound..<end])]?.stringValue ?? ""
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}

/// A request, what was made of it, and the integration's answer once it is there.
struct Exchange: Sendable {
    let request: MethodRequest
    let stage: GatewayStage
    var parameters: RequestParameters
    /// `$context`.
    var context: JSONObject
    let requestID: String
    let traceHeader: String
    let redaction: Redaction
    var answer: ActionAnswer?

    /// Lets a response template know that the execution of a refused StartExecution is the one that it asks for.
    /// `$context.newel` is empty on AWS, so that a template may test it there as well.
    mutating func noteRepetition() {
        guard let repeated = answer?.repeated else { return }
        context["newel"] = [
            "executionArn": .string(repeated.arn), "startDate": .string(repeated.startDate.text),
        ]
    }

    func answerHeaders(_ name: String) -> [String]? {
        let wanted = name.lowercased()
        let values = answer?.headers.filter { $0.name.lowercased() == wanted }.map(\.value) ?? []
        return values.isEmpty ? nil : values
    }

    func context(at names: [String]) -> JSONValue? {
        var value = JSONValue.object(context)
        for name in names {
            guard let next = value[name] else { return nil }
            value = next
        }
        return value
    }

    /// Puts values into a gateway response's body: `$context.x`, `$stageVariables.x`, `$method.request.x`, no VTL.
    func substitute(_ template: String) -> String {
        var result = ""
        var rest = Substring(template)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            var name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
            while name.last == "." { name = name.dropLast() }
            if let source = MappingSource(String(name)), !name.isEmpty {
                result += (try? source.values(self))?.joined(separator: ",") ?? ""
                rest = rest[name.endIndex...]
            } else {
                result += "$"
            }
        }
        return result + rest
    }
}
