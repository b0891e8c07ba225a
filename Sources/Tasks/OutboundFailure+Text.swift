// Why a call has no response, in the words of Java's client where it has some.

import Integrations
import Outbound

extension OutboundFailure {
    init(_ error: OutboundError, url: String) {
        let authority = Endpoint(url).authority
        switch error {
        case .deadlineExceeded: self = .timedOut
        case .connectTimeout: self = .notSent("Connect to \(authority) failed: connect timed out")
        case .connectFailed(let reason): self = .notSent("Connect to \(authority) failed: \(reason)")
        case .connectionClosed(nil): self = .notSent("\(authority) failed to respond")
        case .connectionClosed(let reason?): self = .notSent("\(authority) failed to respond: \(reason)")
        case .malformedResponse(let reason): self = .notSent("\(authority): \(reason)")
        case .invalidRequest(let reason): self = .notSent("\(url): \(reason)")
        case .other(let reason): self = .notSent(reason)
        case .cancelled, .responseTooLarge: self = .notSent(error.description)
        }
    }
}
