// The account and region that a request's credential names (iam.md §5: `KEY/day/region/service/aws4_request`).

package import Core
import Engine
import JSON
import States

extension Scope {
    /// The scope of a request by its `Authorization` header: the region of the credential scope, and the key id for
    /// the account where it is twelve digits, as other local clouds have it. What the header does not say is as
    /// `configured`.
    package init(authorization: String?, configured: Scope) {
        self = configured
        guard let authorization, let credential = Self.credential(in: authorization) else { return }
        let fields = credential.fields(by: "/")
        guard fields.count == 5, fields[4] == "aws4_request" else { return }
        if fields[0].utf8.count == 12, fields[0].utf8.allSatisfy({ $0 &- 0x30 < 10 }) { account = String(fields[0]) }
        guard fields[2] != configured.region, Self.isRegion(fields[2]) else { return }
        region = String(fields[2])
        partition = Self.partition(ofRegion: region)
    }

    private static func credential(in authorization: String) -> Substring? {
        let name = "Credential=".utf8
        var rest = authorization.utf8[...]
        while let start = rest.firstIndex(of: UInt8(ascii: "C")) {
            rest = rest[start...]
            if rest.starts(with: name) {
                return Substring(
                    rest.dropFirst(name.count).prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: " ") })
            }
            rest = rest.dropFirst()
        }
        return nil
    }
}
