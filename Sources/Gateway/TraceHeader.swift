// The ids that a response carries beside its request's.

import Expressions

enum TraceHeader {
    /// `Root=1-66c6f1a0-0123456789abcdef01234567`: the second in hexadecimal digits, and 96 bits of the request's id.
    static func make(_ requestID: String, _ milliseconds: Int) -> String {
        let digits = requestID.filter { $0 != "-" }
        let second = String(max(milliseconds, 0) / 1_000, radix: 16)
        return "Root=1-\(second)-\(digits.suffix(24))"
    }

    /// `x-amz-apigw-id`: eleven bytes in base64, as AWS's are.
    static func extendedID(_ requestID: String) -> String {
        TemplateUtil.base64Encode(Array(requestID.utf8.filter { $0 != UInt8(ascii: "-") }.suffix(11)))
    }
}
