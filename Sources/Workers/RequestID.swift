// Ids of calls that are the same whenever the same attempt is sent again.

import Crypto
import States

extension TaskRequest {
    /// A UUID (version 8, RFC 9562) derived from the execution's ARN and the attempt's Scheduled event.
    package var requestID: String { UUIDText.derived(from: "\(executionARN)#\(id.scheduledEvent)").text }

    /// The `X-Amzn-Trace-Id` of the attempt.
    package var traceID: String {
        let hex = UUIDText.derived(from: "trace \(executionARN)#\(id.scheduledEvent)").hex
        return "Root=1-\(hex.prefix(8))-\(hex.suffix(24));Sampled=0"
    }
}

/// 16 bytes as hexadecimal digits.
struct UUIDText {
    var hex: String

    static func derived(from name: String) -> UUIDText {
        var bytes = Array(SHA256.hash(data: Array(name.utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Array("0123456789abcdef")
        return UUIDText(hex: String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }))
    }

    /// In the 8-4-4-4-12 form.
    var text: String {
        var rest = Substring(hex)
        return [8, 4, 4, 4, 12].map { length in
            defer { rest = rest.dropFirst(length) }
            return String(rest.prefix(length))
        }.joined(separator: "-")
    }
}
