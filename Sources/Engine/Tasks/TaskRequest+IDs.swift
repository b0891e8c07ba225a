// Ids of calls that are the same whenever the same attempt is sent again.

import Core
import States

extension TaskRequest {
    /// A UUID (version 8, RFC 9562) derived from the execution's ARN and the attempt's Scheduled event.
    package var requestID: String { UUIDText(derivedFrom: "\(executionARN)#\(id.scheduledEvent)").text }

    /// The `X-Amzn-Trace-Id` of the attempt.
    package var traceID: String {
        let hex = UUIDText(derivedFrom: "trace \(executionARN)#\(id.scheduledEvent)").hex
        return "Root=1-\(hex.prefix(8))-\(hex.suffix(24));Sampled=0"
    }
}
