// Names of Lambda functions: a name, a partial ARN or an ARN, each with or without a qualifier.

/// A function's name, parsed. Invoke's `FunctionName` takes `name`, `account:function:name` or the full ARN, with
/// `:version` or `:alias` after any of them.
package struct FunctionName: Sendable, Hashable {
    package var partition: String?
    package var region: String?
    package var account: String?
    package var name: String
    package var qualifier: String?

    package init(_ text: String) {
        var parts = text.fields(by: ":").map(String.init)
        if parts.count >= 7, parts[0] == "arn", parts[2] == "lambda", parts[5] == "function" {
            partition = parts[1]
            region = parts[3]
            account = parts[4]
            parts.removeFirst(6)
        } else if parts.count >= 3, parts[1] == "function" {
            account = parts[0]
            parts.removeFirst(2)
        } else if parts.count >= 2, parts[0] == "function" {
            parts.removeFirst()
        }
        name = parts[0]
        qualifier = parts.count > 1 ? parts[1...].joined(separator: ":") : nil
    }

    /// Returns the full ARN; the defaults are for what the name does not contain.
    package func arn(region defaultRegion: String, account defaultAccount: String) -> String {
        let base =
            "arn:\(partition ?? "aws"):lambda:\(region ?? defaultRegion):\(account ?? defaultAccount):function:\(name)"
        return qualifier.map { base + ":" + $0 } ?? base
    }
}
