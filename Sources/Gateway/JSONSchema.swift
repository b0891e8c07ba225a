// Request models: JSON Schema draft 4, as far as API Gateway's models use it.

import Core
import Expressions
package import JSON

/// A model that a body is checked against. References (`$ref`) go to the document's own models:
/// `#/components/schemas/X`, `#/definitions/X` and `https://apigateway.amazonaws.com/restapis/ID/models/X`. Keywords
/// that it does not know, such as `format`, check nothing.
package struct JSONSchema: Sendable {
    private let root: JSONValue
    private let models: JSONObject
    private let patterns: [String: JavaRegex]

    package init(_ root: JSONValue, models: JSONObject) {
        self.root = root
        self.models = models
        var patterns: [String: JavaRegex] = [:]
        Self.collect(root, &patterns)
        Self.collect(.object(models), &patterns)
        self.patterns = patterns
    }

    private static func collect(_ value: JSONValue, _ patterns: inout [String: JavaRegex]) {
        switch value {
        case .object(let members):
            if let pattern = members["pattern"]?.stringValue { patterns[pattern] = JavaRegex(pattern) }
            for (pattern, _) in members["patternProperties"]?.objectValue ?? [:] {
                patterns[pattern] = JavaRegex(pattern)
            }
            for (_, member) in members { collect(member, &patterns) }
        case .array(let elements): for element in elements { collect(element, &patterns) }
        default: break
        }
    }

    /// What is wrong with the value, empty when nothing is. The first few faults are enough.
    package func faults(of value: JSONValue) -> [String] {
        var check = SchemaCheck(schema: self)
        check.check(value, root, at: "#", depth: Limits.Gateway.maximumModelDepth)
        return check.steps < 0 ? ["#: the body takes too many steps to validate"] : check.faults
    }

    /// What in the model cannot be checked, in words: references to models that are not there, and patterns that are no
    /// regular expressions. Empty for a model that can be enforced whole.
    package var problems: [String] {
        var problems: [String] = []
        var seen: Set<String> = []
        collectProblems(root, &problems, &seen, depth: Limits.Gateway.maximumModelDepth)
        return problems
    }

    /// Keywords whose values are data and no schemas.
    private static let dataKeywords: Set<String> = ["default", "enum", "example", "examples"]

    private func collectProblems(
        _ value: JSONValue, _ problems: inout [String], _ seen: inout Set<String>, depth: Int
    ) {
        guard depth > 0 else { return }
        switch value {
        case .object(let members):
            if let reference = members["$ref"]?.stringValue, seen.insert(reference).inserted {
                if let target = resolve(reference) {
                    collectProblems(target, &problems, &seen, depth: depth - 1)
                } else {
                    problems.append("There is no model '\(reference)'")
                }
            }
            let written = (members["patternProperties"]?.objectValue ?? [:]).map(\.key)
            for pattern in written + [members["pattern"]?.stringValue].compactMap({ $0 })
            where patterns[pattern] == nil {
                problems.append("'\(pattern)' is no regular expression")
            }
            for (name, member) in members where !Self.dataKeywords.contains(name) {
                collectProblems(member, &problems, &seen, depth: depth - 1)
            }
        case .array(let elements):
            for element in elements { collectProblems(element, &problems, &seen, depth: depth - 1) }
        default: break
        }
    }

    fileprivate func resolve(_ reference: String) -> JSONValue? {
        guard let name = reference.split(separator: "/").last,
            reference.hasPrefix("#/") || reference.contains("/models/")
        else { return nil }
        return models[String(name)]
    }

    fileprivate func pattern(_ text: String) -> JavaRegex? { patterns[text] }
}

private struct SchemaCheck {
    let schema: JSONSchema
    var faults: [String] = []
    /// What is left; below zero nothing is checked any more, and the value is refused.
    var steps = Limits.Gateway.maximumModelSteps

    /// Takes steps; returns whether there were enough.
    private mutating func pay(_ count: Int = 1) -> Bool {
        steps -= count
        return steps >= 0
    }

    private mutating func isFound(_ pattern: String, in text: String) -> Bool? {
        guard steps >= 0, let expression = schema.pattern(pattern) else { return nil }
        return expression.isFound(in: text, steps: &steps)
    }

    private mutating func fault(_ place: String, _ text: String) {
        if faults.count < 8 { faults.append("\(place): \(text)") }
    }

    mutating func check(_ value: JSONValue, _ rule: JSONValue, at place: String, depth: Int) {
        guard case .object(let rule) = rule else { return }
        guard depth > 0 else { return fault(place, "nested too deep") }
        guard pay() else { return }
        if let reference = rule["$ref"]?.stringValue {
            guard let target = schema.resolve(reference) else { return fault(place, "no model \(reference)") }
            return check(value, target, at: place, depth: depth - 1)
        }
        if value.isNull, rule["nullable"] == true { return }
        checkType(value, rule, at: place)
        if let values = rule["enum"]?.arrayValue, pay(values.count), !values.contains(value) {
            fault(place, "value not found in enum")
        }
        switch value {
        case .object(let members): checkObject(members, rule, at: place, depth: depth)
        case .array(let elements): checkArray(elements, rule, at: place, depth: depth)
        case .string(let text): checkString(text, rule, at: place)
        case .number(let number): checkNumber(number, rule, at: place)
        case .null, .bool: break
        }
        checkCombinations(value, rule, at: place, depth: depth)
    }

    private mutating func checkType(_ value: JSONValue, _ rule: JSONObject, at place: String) {
        guard let wanted = rule["type"] else { return }
        let kinds = wanted.stringValue.map { [$0] } ?? wanted.arrayValue?.compactMap(\.stringValue) ?? []
        let isInteger = value.numberValue?.isIntegerText == true
        guard !kinds.contains(value.kind), !(isInteger && kinds.contains("integer")) else { return }
        fault(place, "instance type (\(isInteger ? "integer" : value.kind)) does not match any allowed type")
    }

    private mutating func checkObject(_ members: JSONObject, _ rule: JSONObject, at place: String, depth: Int) {
        let missing = (rule["required"]?.arrayValue ?? []).compactMap(\.stringValue).filter { members[$0] == nil }
        if !missing.isEmpty { fault(place, "object has missing required properties (\(missing))") }
        if let least = rule["minProperties"]?.intValue, members.count < least { fault(place, "too few properties") }
        if let most = rule["maxProperties"]?.intValue, members.count > most { fault(place, "too many properties") }
        checkDependencies(members, rule, at: place, depth: depth)
        let patterns = (rule["patternProperties"]?.objectValue ?? [:]).map { ($0, $1) }
        for (name, value) in members where pay() {
            var isKnown = false
            if let inner = rule["properties"]?[name] {
                isKnown = true
                check(value, inner, at: "\(place)/\(name)", depth: depth - 1)
            }
            for (pattern, inner) in patterns where isFound(pattern, in: name) == true {
                isKnown = true
                check(value, inner, at: "\(place)/\(name)", depth: depth - 1)
            }
            if isKnown { continue }
            switch rule["additionalProperties"] {
            case .bool(false)?:
                fault(place, "object instance has properties which are not allowed by the schema: \(name)")
            case let inner?: check(value, inner, at: "\(place)/\(name)", depth: depth - 1)
            case nil: break
            }
        }
    }

    /// `dependencies`: of a member that is there, other members or a whole schema for the object.
    private mutating func checkDependencies(
        _ members: JSONObject, _ rule: JSONObject, at place: String, depth: Int
    ) {
        for (name, dependency) in rule["dependencies"]?.objectValue ?? [:] where members[name] != nil {
            guard let names = dependency.arrayValue else {
                check(.object(members), dependency, at: place, depth: depth - 1)
                continue
            }
            let missing = names.compactMap(\.stringValue).filter { members[$0] == nil }
            if !missing.isEmpty { fault(place, "property \"\(name)\" of object has missing dependencies (\(missing))") }
        }
    }

    private mutating func checkArray(_ elements: [JSONValue], _ rule: JSONObject, at place: String, depth: Int) {
        if let least = rule["minItems"]?.intValue, elements.count < least { fault(place, "array is too short") }
        if let most = rule["maxItems"]?.intValue, elements.count > most { fault(place, "array is too long") }
        if rule["uniqueItems"] == true, Self.mayRepeat(elements) {
            fault(place, "array must not contain duplicate elements")
        }
        for (index, element) in elements.enumerated() where pay() {
            switch rule["items"] {
            case .array(let rules)? where index < rules.count:
                check(element, rules[index], at: "\(place)/\(index)", depth: depth - 1)
            case .array?:
                if rule["additionalItems"] == false { fault(place, "array is too long") }
            case let inner?: check(element, inner, at: "\(place)/\(index)", depth: depth - 1)
            case nil: break
            }
        }
    }

    /// Whether two elements are equal. Compares only elements of the same hash.
    private static func mayRepeat(_ elements: [JSONValue]) -> Bool {
        var buckets: [Int: [Int]] = [:]
        var left = Limits.Gateway.maximumComparisons
        for (index, element) in elements.enumerated() {
            var hasher = Hasher()
            hash(element, &hasher)
            let key = hasher.finalize()
            for earlier in buckets[key] ?? [] {
                left -= 1
                if left < 0 || elements[earlier] == element { return true }
            }
            buckets[key, default: []].append(index)
        }
        return false
    }

    /// Equal values have equal hashes, whatever the order of their members and the way their numbers are written.
    private static func hash(_ value: JSONValue, _ hasher: inout Hasher) {
        switch value {
        case .null: hasher.combine(0)
        case .bool(let flag): hasher.combine(flag)
        case .number(let number): hasher.combine(number.double)
        case .string(let text): for unit in text.utf8 { hasher.combine(unit) }
        case .array(let elements):
            hasher.combine(elements.count)
            for element in elements { hash(element, &hasher) }
        case .object(let members):
            var sum = members.count
            for (name, member) in members {
                var inner = Hasher()
                for unit in name.utf8 { inner.combine(unit) }
                hash(member, &inner)
                sum &+= inner.finalize()
            }
            hasher.combine(sum)
        }
    }

    private mutating func checkString(_ text: String, _ rule: JSONObject, at place: String) {
        let length = text.unicodeScalars.count
        if let least = rule["minLength"]?.intValue, length < least { fault(place, "string is too short") }
        if let most = rule["maxLength"]?.intValue, length > most { fault(place, "string is too long") }
        if let pattern = rule["pattern"]?.stringValue, isFound(pattern, in: text) == false {
            fault(place, "ECMA 262 regex \"\(pattern)\" does not match input string")
        }
    }

    private mutating func checkNumber(_ number: JSONNumber, _ rule: JSONObject, at place: String) {
        if let least = rule["minimum"]?.numberValue {
            let excluded = rule["exclusiveMinimum"] == true && number == least
            if number < least || excluded { fault(place, "numeric instance is lower than the required minimum") }
        }
        if let most = rule["maximum"]?.numberValue {
            let excluded = rule["exclusiveMaximum"] == true && number == most
            if number > most || excluded { fault(place, "numeric instance is greater than the required maximum") }
        }
        if let factor = rule["multipleOf"]?.intValue, factor > 0, let value = number.int {
            if value % factor != 0 { fault(place, "remainder of division is not zero") }
        } else if let factor = rule["multipleOf"]?.doubleValue, factor > 0 {
            // The IEEE remainder is exact, so `0.3` of `0.1` needs the tolerance and 1e300 of 7 does not overflow.
            let value = number.double
            let remainder = abs(value.remainder(dividingBy: factor))
            if !value.isFinite || remainder > factor * 1e-9 && remainder > abs(value).ulp {
                fault(place, "remainder of division is not zero")
            }
        }
    }

    private mutating func checkCombinations(_ value: JSONValue, _ rule: JSONObject, at place: String, depth: Int) {
        for inner in rule["allOf"]?.arrayValue ?? [] { check(value, inner, at: place, depth: depth - 1) }
        func matches(_ inner: JSONValue) -> Bool {
            var trial = SchemaCheck(schema: schema, steps: steps)
            trial.check(value, inner, at: place, depth: depth - 1)
            steps = trial.steps
            return trial.faults.isEmpty
        }
        if let any = rule["anyOf"]?.arrayValue, !any.contains(where: matches) {
            fault(place, "instance failed to match at least one required schema among \(any.count)")
        }
        if let one = rule["oneOf"]?.arrayValue {
            let count = one.count(where: matches)
            if count != 1 {
                fault(place, "instance failed to match exactly one schema (matched \(count) out of \(one.count))")
            }
        }
        if let not = rule["not"], matches(not) { fault(place, "instance matched a schema which it should not have") }
    }
}
