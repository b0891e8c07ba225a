// The `roleArn` of a state machine or a test.

import Core

/// The form of a role's ARN.
package enum RoleARN {
    /// Throws InvalidArn unless the text is `arn:PARTITION:iam::ACCOUNT:role/[PATH/]NAME` with an account of twelve
    /// digits. AWS's text for a bad one is known from moto alone; whether there is such a role is not looked at.
    package static func check(_ arn: String) throws(ServiceError) {
        let fields = arn.fields(by: ":", most: 6)
        guard fields.count == 6, fields[0] == "arn", fields[1].hasPrefix("aws"), fields[2] == "iam",
            fields[3].isEmpty, fields[4].utf8.count == 12, fields[4].utf8.allSatisfy({ $0 &- 0x30 < 10 }),
            isRole(fields[5])
        else { throw ServiceError(.invalidArn, "Invalid Role Arn: '\(arn)'") }
    }

    /// IAM's rule for names of roles: letters, digits and `+=,.@_-`, at most 64; a path before it ends with a slash.
    private static func isRole(_ resource: Substring) -> Bool {
        guard resource.hasPrefix("role/"),
            let name = resource.split(separator: "/", omittingEmptySubsequences: false).last
        else { return false }
        return (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 || "+=,.@_-".utf8.contains($0)
            }
    }
}
