// The shapes of request members, and the errors for requests that break them (api.md §1.2, §1.3).

import Core
import JSON

/// A member of a request or of a structure in it.
struct Member: Sendable {
    var name: String
    var shape: Shape
    var isRequired: Bool

    static func required(_ name: String, _ shape: Shape) -> Member {
        Member(name: name, shape: shape, isRequired: true)
    }

    static func optional(_ name: String, _ shape: Shape) -> Member {
        Member(name: name, shape: shape, isRequired: false)
    }
}

indirect enum Shape: Sendable {
    case string(StringRule)
    /// The values in the order in which the service's own message names them.
    case enumeration([String])
    /// 32 bits.
    case integer(min: Int, max: Int? = nil)
    /// 64 bits.
    case long(min: Int)
    case number(min: Int, max: Int)
    case boolean
    case list(of: Shape, sizes: ClosedRange<Int>? = nil)
    /// The name is the model's; only messages about lists of such structures show it.
    case structure(named: String = "", [Member])
}

struct StringRule: Sendable {
    var min = 0
    var max: Bound?
    var pattern: Pattern?
    /// The message does not repeat the value.
    var isSensitive = false

    enum Bound: Sendable {
        /// Characters.
        case characters(Int)
        /// UTF-8 bytes: `limits.language.payloadBytes`.
        case payload
        /// UTF-8 bytes: `limits.language.definitionBytes`.
        case definition
    }

    enum Pattern: String, Sendable {
        case ascii = "\\p{ASCII}*"
        case printableASCII = "[!-~]+"
        case aliasName = "^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$"

        func matches(_ text: String) -> Bool {
            switch self {
            case .ascii: text.utf8.allSatisfy { $0 < 0x80 }
            case .printableASCII: !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            case .aliasName:
                text.utf8.allSatisfy { Self.isAliasByte($0) } && !text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            }
        }

        private static func isAliasByte(_ byte: UInt8) -> Bool {
            (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || [0x5F, 0x2D, 0x2E].contains(byte)
        }
    }
}

/// Looks a request over by its operation's table.
struct RequestCheck {
    let limits: Limits
    private var violations: [String] = []

    private init(limits: Limits) { self.limits = limits }

    /// Throws SerializationException for a member of the wrong JSON type, else ValidationException that names every
    /// broken constraint. Members that the table does not know are passed over, as on AWS.
    static func check(_ input: JSONObject, against members: [Member], limits: Limits) throws(APIFailure) {
        try checkTypes(input, members)
        var check = RequestCheck(limits: limits)
        check.structure(input, members, path: "")
        let count = check.violations.count
        guard count > 0 else { return }
        throw .validation(
            "\(count) validation error\(count == 1 ? "" : "s") detected: \(check.violations.joined(separator: "; "))")
    }

    // MARK: - Types

    private static func checkTypes(_ input: JSONObject, _ members: [Member]) throws(APIFailure) {
        for member in members {
            guard let value = input[member.name], !value.isNull else { continue }
            try checkType(value, member.shape)
        }
    }

    private static func checkType(_ value: JSONValue, _ shape: Shape) throws(APIFailure) {
        switch (shape, value) {
        case (.string, .string), (.enumeration, .string), (.number, .number), (.boolean, .bool): break
        case (.integer, .number(let number)) where Int32(exactly: number.double.rounded(.towardZero)) != nil: break
        case (.long, .number(let number)) where Int64(exactly: number.double.rounded(.towardZero)) != nil: break
        case (.list(let element, _), .array(let values)):
            for value in values where !value.isNull { try checkType(value, element) }
        case (.structure(_, let members), .object(let object)): try checkTypes(object, members)
        case (_, .object): throw .serialization("Start of structure or map found where not expected.")
        case (_, .array): throw .serialization("Start of list found where not expected")
        default: throw .serialization("\(kind(of: value)) can not be converted to \(target(of: shape))")
        }
    }

    private static func kind(of value: JSONValue) -> String {
        switch value {
        case .string: "STRING_VALUE"
        case .number: "NUMBER_VALUE"
        case .bool(true): "TRUE_VALUE"
        case .bool(false): "FALSE_VALUE"
        default: "VALUE"
        }
    }

    private static func target(of shape: Shape) -> String {
        switch shape {
        case .string, .enumeration: "a String"
        case .integer: "an Integer"
        case .long: "a Long"
        case .number: "a Float"
        case .boolean: "a Boolean"
        case .list: "a List"
        case .structure: "a Structure"
        }
    }

    // MARK: - Constraints

    private mutating func structure(_ object: JSONObject, _ members: [Member], path: String) {
        for member in members {
            let path = path.isEmpty ? member.name : "\(path).\(member.name)"
            if let value = object[member.name], !value.isNull {
                constraint(value, member.shape, path: path)
            } else if member.isRequired {
                violations.append("Value null at '\(path)' failed to satisfy constraint: Member must not be null")
            }
        }
    }

    private mutating func constraint(_ value: JSONValue, _ shape: Shape, path: String) {
        switch (shape, value) {
        case (.string(let rule), .string(let text)): string(text, rule, path: path)
        case (.enumeration(let values), .string(let text)):
            guard !values.contains(text) else { return }
            violate("'\(text)'", path, "Member must satisfy enum value set: [\(values.joined(separator: ", "))]")
        case (.integer(let min, let max), .number(let number)):
            range(number, min, max, path)
        case (.long(let min), .number(let number)): range(number, min, nil, path)
        case (.number(let min, let max), .number(let number)): range(number, min, max, path)
        case (.list(let element, let sizes), .array(let values)):
            list(values, element, sizes, path: path)
        case (.structure(_, let members), .object(let object)): structure(object, members, path: path)
        default: break
        }
    }

    private mutating func list(_ values: [JSONValue], _ element: Shape, _ sizes: ClosedRange<Int>?, path: String) {
        if let sizes, !sizes.contains(values.count) {
            let bound =
                values.count > sizes.upperBound
                ? "less than or equal to \(sizes.upperBound)" : "greater than or equal to \(sizes.lowerBound)"
            violate("'\(JavaText.of(values, element))'", path, "Member must have length \(bound)")
        }
        for (index, value) in values.enumerated() {
            constraint(value, element, path: "\(path).\(index + 1).member")
        }
    }

    private mutating func range(_ number: JSONNumber, _ min: Int, _ max: Int?, _ path: String) {
        if number.double < Double(min) {
            violate("'\(number.text)'", path, "Member must have value greater than or equal to \(min)")
        } else if let max, number.double > Double(max) {
            violate("'\(number.text)'", path, "Member must have value less than or equal to \(max)")
        }
    }

    private mutating func string(_ text: String, _ rule: StringRule, path: String) {
        let shown = rule.isSensitive ? nil : "'\(text)'"
        if let limit = exceeded(text, rule.max) {
            violate(shown, path, "Member must have length less than or equal to \(limit)")
        }
        if rule.min > 0, text.unicodeScalars.prefix(rule.min).count < rule.min {
            violate(shown, path, "Member must have length greater than or equal to \(rule.min)")
        }
        if let pattern = rule.pattern, !pattern.matches(text) {
            violate(shown, path, "Member must satisfy regular expression pattern: \(pattern.rawValue)")
        }
    }

    /// The limit that the text is longer than.
    private func exceeded(_ text: String, _ bound: StringRule.Bound?) -> Int? {
        let count = text.utf8.count
        switch bound {
        case nil: return nil
        case .characters(let max): return count > max && text.unicodeScalars.count > max ? max : nil
        case .payload: return count > limits.language.payloadBytes ? limits.language.payloadBytes : nil
        case .definition: return count > limits.language.definitionBytes ? limits.language.definitionBytes : nil
        }
    }

    private mutating func violate(_ value: String?, _ path: String, _ what: String) {
        let shown = value.map { "\($0) " } ?? ""
        violations.append("Value \(shown)at '\(path)' failed to satisfy constraint: \(what)")
    }
}

/// Values as the service's messages print them: `[RoutingConfigurationListItem(stateMachineVersionArn=…, weight=50)]`.
private enum JavaText {
    static func of(_ values: [JSONValue], _ element: Shape) -> String {
        "[\(values.map { text($0, element) }.joined(separator: ", "))]"
    }

    private static func text(_ value: JSONValue, _ shape: Shape) -> String {
        switch (value, shape) {
        case (.string(let text), _): text
        case (.array(let values), .list(let element, _)): of(values, element)
        case (.object(let object), .structure(let name, let members)):
            "\(name)(\(members.map { "\($0.name)=\(text(object[$0.name] ?? .null, $0.shape))" }.joined(separator: ", ")))"
        default: value.text
        }
    }
}
