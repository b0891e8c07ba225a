// Amazon Resource Names: how they are taken apart and how those of principals are put together.

/// `arn:partition:service:region:account:resource`. Only the first five colons part fields: the resource may hold more.
package struct ARN: Sendable, Equatable {
    package var partition: String
    package var service: String
    package var region: String
    package var account: String
    package var resource: String

    package init(partition: String = "aws", service: String, region: String, account: String, resource: String) {
        self.partition = partition
        self.service = service
        self.region = region
        self.account = account
        self.resource = resource
    }

    /// The ARN with this text, `nil` if it has not six fields, does not begin with `arn:` or names no partition,
    /// service or resource.
    package init?(_ text: String) {
        let fields = ARN.fields(text)
        guard fields.count == 6, fields[0] == "arn", !fields[1].isEmpty, !fields[2].isEmpty, !fields[5].isEmpty else {
            return nil
        }
        self.init(
            partition: String(fields[1]), service: String(fields[2]), region: String(fields[3]),
            account: String(fields[4]), resource: String(fields[5]))
    }

    package var text: String { "arn:\(partition):\(service):\(region):\(account):\(resource)" }

    /// The text parted at its first five colons.
    static func fields(_ text: String) -> [Substring] {
        text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    }
}
