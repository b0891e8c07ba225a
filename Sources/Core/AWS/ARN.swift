// Amazon Resource Names (iam.md §1).

/// `arn:partition:service:region:account:resource`. Only the first five colons separate fields: the resource may
/// contain more.
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

    /// Parses a text. Returns `nil` unless it has six fields, begins with `arn:` and names a partition, a service and
    /// a resource.
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

    /// Returns the fields of any text, six at most, without checking them.
    package static func fields(_ text: String) -> [Substring] { text.fields(by: ":", most: 6) }
}
