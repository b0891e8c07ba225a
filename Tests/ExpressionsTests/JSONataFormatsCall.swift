// A call of one of the functions with pictures, as a value and as JSONata writes it.

import JSON
import Testing

@testable import Expressions

/// A call with literal arguments.
enum JSONataFormatsCall: Sendable {
    case formatNumber(Double, String, KeyValuePairs<String, String> = [:])
    case formatBase(Double, Double)
    case formatInteger(Double, String)
    case parseInteger(String, String)
    case fromMillis(Double, String?, String? = nil)
    case toMillis(String, String?)

    func result(now: Int64) -> JSONataFormatsTests.Case.Result {
        do throws(JSONataError) {
            switch self {
            case .formatNumber(let value, let picture, let options):
                let options = options.map { ($0.key, $0.value) }
                return .text(try JSONataFormats.formatNumber(value, picture: picture, options: options))
            case .formatBase(let value, let radix):
                return .text(try JSONataFormats.formatBase(value, radix: radix))
            case .formatInteger(let value, let picture):
                return .text(try JSONataFormats.formatInteger(value, picture: picture))
            case .parseInteger(let text, let picture):
                return try JSONataFormats.parseInteger(text, picture: picture).map { .number($0) } ?? .nothing
            case .fromMillis(let millis, let picture, let zone):
                let text = try JSONataFormats.fromMillis(millis, picture: picture, timezone: zone)
                return text.map { .text($0) } ?? .nothing
            case .toMillis(let text, let picture):
                return try JSONataFormats.toMillis(text, picture: picture, now: now).map { .number($0) } ?? .nothing
            }
        } catch {
            return .code(error.code)
        }
    }
}

extension JSONataFormatsCall: CustomStringConvertible {
    var description: String {
        switch self {
        case .formatNumber(let value, let picture, let options): "formatNumber(\(value), \(picture), \(options))"
        case .formatBase(let value, let radix): "formatBase(\(value), \(radix))"
        case .formatInteger(let value, let picture): "formatInteger(\(value), \(picture))"
        case .parseInteger(let text, let picture): "parseInteger(\(text), \(picture))"
        case .fromMillis(let millis, let picture, let zone): "fromMillis(\(millis), \(picture ?? "-"), \(zone ?? "-"))"
        case .toMillis(let text, let picture): "toMillis(\(text), \(picture ?? "-"))"
        }
    }
}
