// Names and ARNs of Step Functions (api.md §2).

/// Account and region that ARNs are made for.
package struct Scope: Sendable, Equatable {
    package var partition: String
    package var region: String
    package var account: String

    /// Makes a scope; its partition is that of the region if none is given.
    package init(partition: String? = nil, region: String = "us-east-1", account: String = "000000000000") {
        self.partition = partition ?? Self.partition(ofRegion: region)
        self.region = region
        self.account = account
    }

    /// AWS's partitions other than `aws`, by the beginning of their regions' names (B).
    private static let partitions: [(prefix: String, name: String)] = [
        ("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"), ("us-iso-", "aws-iso"), ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"), ("us-isof-", "aws-iso-f"), ("eusc-", "aws-eusc"),
    ]

    /// Returns the partition that a region belongs to.
    package static func partition(ofRegion region: String) -> String {
        partitions.first { region.hasPrefix($0.prefix) }?.name ?? "aws"
    }

    /// What every ARN of the scope begins with.
    package var prefix: String { "arn:\(partition):states:\(region):\(account)" }

    package func stateMachineARN(_ name: String) -> String { "\(prefix):stateMachine:\(name)" }

    package func activityARN(_ name: String) -> String {
        "\(prefix):activity:\(name)"
    }
}

/// An ARN of the service, taken apart: `arn:partition:states:region:account:type:rest`.
package struct ResourceARN: Sendable, Equatable {
    package var text: String
    /// `stateMachine`, `execution`, `express`, `activity`, `mapRun`.
    package var type: String
    /// What stands behind the type, by colons.
    package var parts: [String]

    /// Takes a text apart; its type must be one of `types`. Throws InvalidArn with AWS's texts.
    package init(_ text: String, types: [String]) throws(ServiceError) {
        let fields = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard text.hasPrefix("arn:"), fields.count >= 3 else { throw .invalidARN("Invalid ARN prefix: \(text)") }
        guard fields.count == 6, fields[2] == "states" else { throw .invalidARN("Invalid ARN: \(text)") }
        let resource = fields[5].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
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
        text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).dropLast().joined(separator: ":")
    }

    /// `arn:…:stateMachine:NAME` of an execution's ARN.
    package var machineOfExecution: String {
        let head = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).dropLast()
        return (head.map(String.init) + ["stateMachine", parts[0]]).joined(separator: ":")
    }
}

/// The rule for names of state machines, executions and activities.
package enum ResourceName {
    /// 1 to 80 characters, none of them forbidden. Throws InvalidName.
    package static func check(_ name: String) throws(ServiceError) {
        guard (1...80).contains(name.unicodeScalars.count), name.unicodeScalars.allSatisfy(isAllowed) else {
            throw .invalidName(name)
        }
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
