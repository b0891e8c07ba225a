// The condition keys of one request.

import Core

/// Condition keys and their values. Key names are case-insensitive; a key may have several values (`aws:TagKeys`).
package struct RequestContext: Sendable, Equatable {
    private var values: [String: [String]] = [:]

    package init() {}

    /// The values of the key, `nil` when the request does not have it; setting an empty list takes the key away.
    package subscript(_ key: String) -> [String]? {
        get { values[key.lowercased()] }
        set { values[key.lowercased()] = newValue?.isEmpty == true ? nil : newValue }
    }

    package mutating func set(_ key: String, _ value: String) { values[key.lowercased()] = [value] }

    mutating func setDefault(_ key: String, _ value: String) {
        if self[key] == nil { set(key, value) }
    }

    /// `aws:CurrentTime` and `aws:EpochTime` from seconds since 1970, in UTC.
    package mutating func setTime(_ epochSeconds: Int) {
        set("aws:CurrentTime", Timestamp(seconds: epochSeconds).iso8601Seconds)
        set("aws:EpochTime", String(epochSeconds))
    }
}

extension RequestContext: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        for (key, value) in elements { set(key, value) }
    }
}
