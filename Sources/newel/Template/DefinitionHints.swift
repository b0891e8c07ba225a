// What to write instead of a wrong part of a definition.

import Core
import JSON
import States

/// Derives advice from a finding and the definition that it is about.
struct DefinitionHints {
    /// `nil` for a text that is not JSON.
    let definition: JSONValue?

    private static let fields: [String] = [
        "Type", "Comment", "QueryLanguage", "Next", "End", "InputPath", "OutputPath", "Parameters", "ResultSelector",
        "ResultPath", "Arguments", "Output", "Assign", "Retry", "Catch", "Result", "Resource", "TimeoutSeconds",
        "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath", "Credentials", "Seconds", "SecondsPath",
        "Timestamp", "TimestampPath", "Choices", "Default", "Error", "ErrorPath", "Cause", "CausePath", "Branches",
        "ItemProcessor", "Iterator", "ItemsPath", "Items", "ItemSelector", "ItemReader", "ItemBatcher",
        "ResultWriter", "Label", "MaxConcurrency", "MaxConcurrencyPath", "ToleratedFailureCount",
        "ToleratedFailureCountPath", "ToleratedFailurePercentage", "ToleratedFailurePercentagePath", "ErrorEquals",
        "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "StartAt", "States",
        "Version", "ProcessorConfig", "Mode", "ExecutionType", "Variable", "Condition", "And", "Or", "Not",
        "IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp", "BooleanEquals",
        "BooleanEqualsPath", "StringMatches",
    ]

    private static let comparisons = ["String", "Numeric", "Timestamp"].flatMap { kind in
        ["Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"].flatMap {
            [kind + $0, kind + $0 + "Path"]
        }
    }

    private static let functions = [
        "Array", "ArrayContains", "ArrayGetItem", "ArrayLength", "ArrayPartition", "ArrayRange", "ArrayUnique",
        "Base64Decode", "Base64Encode", "Format", "Hash", "JsonMerge", "JsonToString", "MathAdd", "MathRandom",
        "StringSplit", "StringToJson", "UUID",
    ].map { "States." + $0 }

    /// Returns a sentence, empty where there is no advice.
    func hint(_ diagnostic: Diagnostic) -> String {
        let path = diagnostic.location.map { LocationPath.names($0, in: definition ?? .null) } ?? []
        let value = LocationPath.value(path, in: definition)
        let message = diagnostic.message
        if let match = message.firstMatch(of: /^Field '(.+)' is not supported$/) {
            return didYouMean(String(match.1), Self.fields + Self.comparisons)
        }
        if let match = message.firstMatch(of: /(?:one of the following|one of these values): \[(.*)\]$/) {
            return didYouMean(value?.plain ?? "", match.1.components(", "))
        }
        if let match = message.firstMatch(of: /^Missing 'Next' target: (.*)$/) {
            return target(String(match.1), path)
        }
        if let match = message.firstMatch(
            of: /^(?:The field '([^']+)' is required|These fields are required: \[([^\]]+)\])/)
        {
            let names = (match.1 ?? match.2 ?? "").components(", ")
            return "Add \(names.map { "\"\($0)\"" }.joined(separator: ", "))."
        }
        if let match = message.firstMatch(of: /field '(.+)' must be a valid JSONPath or a valid intrinsic function/) {
            // AWS's location is that of the template that the member is in.
            let name = String(match.1)
            let texts = value?.stringValue.map { [$0] } ?? value.map { Self.texts(named: name, in: $0) } ?? []
            return texts.lazy.map(intrinsic).first { !$0.isEmpty } ?? ""
        }
        return hint(code: diagnostic.code, message: message)
    }

    /// Returns the texts of the members of that name, at any depth.
    private static func texts(named name: String, in value: JSONValue) -> [String] {
        if let elements = value.arrayValue { return elements.flatMap { texts(named: name, in: $0) } }
        return value.objectValue?.flatMap { member in
            member.key == name
                ? [member.value.stringValue].compactMap { $0 } : texts(named: name, in: member.value)
        } ?? []
    }

    private func hint(code: Diagnostic.Code, message: String) -> String {
        if message.contains("valid resource ARN") {
            return "Write the ARN of a Lambda function or an activity, arn:aws:states:::SERVICE:ACTION, or ${Name}."
        }
        if message.contains("is only supported for the 'JSONata'") {
            return "Add \"QueryLanguage\": \"JSONata\" to the state, or use the field of JSONPath."
        }
        if message.contains("is only supported for the 'JSONPath'") {
            return "Add \"QueryLanguage\": \"JSONPath\" to the state, or use the field of JSONata."
        }
        switch code {
        case .missingEndState: return "Add \"End\": true to the last state."
        default: return ""
        }
    }

    private func didYouMean(_ name: String, _ names: [String]) -> String {
        guard name.count > 2, let near = nearest(to: name, among: names), near != name else { return "" }
        return "Did you mean \(near)?"
    }

    /// The states of the container that a transition is in.
    private func target(_ name: String, _ path: [String]) -> String {
        let container =
            path.last == "StartAt"
            ? Array(path.dropLast()) : path.lastIndex(of: "States").map { Array(path[..<$0]) } ?? []
        let states = LocationPath.value(container, in: definition)?["States"]?.objectValue?.keys ?? []
        let near = didYouMean(name, states)
        if !near.isEmpty { return near }
        guard (1...8).contains(states.count) else { return "" }
        return "The states here: \(states.joined(separator: ", "))."
    }

    private func intrinsic(_ text: String) -> String {
        for match in text.matches(of: /States\.[A-Za-z0-9]*/) where !Self.functions.contains(String(match.0)) {
            let hint = didYouMean(String(match.0), Self.functions)
            return "There is no intrinsic function \(match.0).\(hint.isEmpty ? "" : " " + hint)"
        }
        return text.hasPrefix("$") || text.hasPrefix("States.")
            ? "" : "Write a path such as $.id, or leave `.$` out of the name for a fixed value."
    }
}

extension Substring {
    fileprivate func components(_ separator: String) -> [String] {
        split(separator: separator).map(String.init)
    }
}

/// AWS's locations, `/States/A/Choices[0]/Next`, as names and indices.
enum LocationPath {
    /// Returns the way as far as the value has it. Names are not escaped in locations, so the longest way through the
    /// value is the one that is meant.
    static func names(_ location: String, in value: JSONValue) -> [String] { names(location[...], in: value) }

    private static func names(_ location: Substring, in value: JSONValue) -> [String] {
        var best: [String] = []
        func consider(_ name: String, _ rest: Substring, _ value: JSONValue) {
            guard rest.isEmpty || rest.hasPrefix("/") || rest.hasPrefix("[") else { return }
            let found = [name] + names(rest, in: value)
            if found.count > best.count { best = found }
        }
        if location.hasPrefix("/"), let members = value.objectValue {
            let rest = location.dropFirst()
            for (name, value) in members where rest.hasPrefix(name) {
                consider(name, rest.dropFirst(name.count), value)
            }
        } else if location.hasPrefix("["), let end = location.firstIndex(of: "]"),
            let index = Int(location[location.index(after: location.startIndex)..<end]), let element = value[index]
        {
            consider("\(index)", location[location.index(after: end)...], element)
        }
        return best
    }

    /// The value at that way, `nil` where there is none.
    static func value(_ names: [String], in root: JSONValue?) -> JSONValue? {
        names.reduce(root) { value, name in
            value?.arrayValue != nil ? Int(name).flatMap { value?[$0] } : value?[name]
        }
    }
}
