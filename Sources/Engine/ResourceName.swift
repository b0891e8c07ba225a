// Names and ARNs of Step Functions (api.md §2).

import Core
import JSON

/// An ARN of the service, taken apart: `arn:partition:states:region:account:type:rest`.
package struct ResourceARN: Sendable, Equatable {
    package var text: String
    /// `stateMachine`, `execution`, `express`, `activity`, `mapRun`.
    package var type: String
    /// What stands behind the type, by colons.
    package var parts: [String]

    /// Takes a text apart; its type must be one of `types`. Throws InvalidArn with AWS's texts.
    package init(_ text: String, types: [String]) throws(ServiceError) {
        let fields = text.fields(by: ":", most: 6)
        guard text.hasPrefix("arn:"), fields.count >= 3 else { throw .invalidARN("Invalid ARN prefix: \(text)") }
        guard fields.count == 6, fields[2] == "states" else { throw .invalidARN("Invalid ARN: \(text)") }
        let resource = fields[5].fields(by: ":").map(String.init)
        guard resource.count >= 2, !resource[1].isEmpty else { throw .invalidARN("Invalid ARN: \(text)") }
        guard types.contains(resource[0]) else {
            throw .invalidARN("Resource type not valid in this context: \(resource[0])")
        }
        self.text = text
        type = resource[0]
        parts = Array(resource.dropFirst())
    }

    /// `arn:partition:states:region:account`, what stands before the type.
    package var prefix: String {
        text.fields(by: ":", most: 6).dropLast().joined(separator: ":")
    }

    /// `arn:…:stateMachine:NAME` of an execution's ARN.
    package var machineOfExecution: String {
        "\(prefix):stateMachine:\(parts[0])"
    }
}

/// The rule for names of state machines, executions and activities.
package enum ResourceName {
    /// 1 to 80 characters, none of them forbidden. Throws InvalidName.
    package static func check(_ name: String) throws(ServiceError) {
        if (1...80).contains(name.utf8.count), name.utf8.allSatisfy(isPlain) { return }
        guard (1...80).contains(name.unicodeScalars.count), name.unicodeScalars.allSatisfy(isAllowed) else {
            throw .invalidName(name)
        }
    }

    /// The bytes of nearly all names: letters, digits, hyphen, underscore, full stop.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2D || byte == 0x5F || byte == 0x2E
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "<", ">", "{", "}", "[", "]", "?", "*", "\"", "#", "%", "\\", "^", "|", "~", "`", "$", "&", ",", ";", ":",
            "/":
            return false
        default:
            if scalar.properties.isWhitespace { return false }
            switch scalar.value {
            case 0...0x1F, 0x7F...0x9F, 0xFFFE, 0xFFFF, 0x10FFFF: return false
            default: return true
            }
        }
    }
}
