// Account, region and partition (api.md §2).

/// The account and region of a resource or a caller, with the partition that the region belongs to.
package struct Scope: Sendable, Equatable {
    package var partition: String
    package var region: String
    package var account: String

    /// Without a partition it is the region's.
    package init(partition: String? = nil, region: String = "us-east-1", account: String = "000000000000") {
        self.partition = partition ?? Self.partition(ofRegion: region)
        self.region = region
        self.account = account
    }

    /// AWS's partitions other than `aws`, by the prefix of their regions' names (B).
    private static let partitions: [(prefix: String, name: String)] = [
        ("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"), ("us-iso-", "aws-iso"), ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"), ("us-isof-", "aws-iso-f"), ("eusc-", "aws-eusc"),
    ]

    /// Returns the partition that a region belongs to.
    package static func partition(ofRegion region: String) -> String {
        partitions.first { region.hasPrefix($0.prefix) }?.name ?? "aws"
    }

    /// Whether `text` can be the name of a region: small letters, digits and hyphens.
    package static func isRegion(_ text: Substring) -> Bool {
        let isOfLetters = text.utf8.allSatisfy {
            $0 &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-")
        }
        return isOfLetters && (1...32).contains(text.utf8.count)
    }

    /// Prefix of the ARNs of Step Functions in this scope.
    package var prefix: String { "arn:\(partition):states:\(region):\(account)" }

    package func stateMachineARN(_ name: String) -> String { "\(prefix):stateMachine:\(name)" }

    package func activityARN(_ name: String) -> String {
        "\(prefix):activity:\(name)"
    }
}

extension Scope {
    /// The scope of the resource with that ARN, `nil` for what is no ARN.
    package init?(ofARN arn: String) {
        let fields = arn.fields(by: ":", most: 6)
        guard fields.count == 6, fields[0] == "arn" else { return nil }
        self.init(partition: String(fields[1]), region: String(fields[3]), account: String(fields[4]))
    }
}
