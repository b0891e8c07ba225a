// From `States.Name(argument, …)` to a call.

import Core
import JSON

struct IntrinsicParser {
    private let bytes: [UInt8]
    private var at = 0

    init(_ source: String) { bytes = Array(source.utf8) }

    mutating func wholeCall() throws(IntrinsicError) -> IntrinsicCall {
        skipBlanks()
        let call = try call(level: 1)
        skipBlanks()
        guard at == bytes.count else { throw error("Unexpected text behind the call at position \(at)") }
        return call
    }

    private mutating func call(level: Int) throws(IntrinsicError) -> IntrinsicCall {
        guard level <= Limits.Evaluation.Intrinsics.maximumLevels else {
            throw error("Intrinsic functions may nest \(Limits.Evaluation.Intrinsics.maximumLevels) levels deep")
        }
        let start = at
        let function = try name()
        guard peek == UInt8(ascii: "(") else { throw error("Expected '(' at position \(at)") }
        at += 1
        let arguments = try arguments(level: level)
        guard function.argumentCounts.contains(arguments.count) else {
            throw error("States.\(function.rawValue) does not take \(arguments.count) arguments", offset: start)
        }
        return IntrinsicCall(function: function, arguments: arguments)
    }

    private mutating func name() throws(IntrinsicError) -> IntrinsicFunction {
        let start = at
        while let byte = peek, byte == UInt8(ascii: ".") || byte &- 0x30 < 10 || byte | 0x20 &- 0x61 < 26 { at += 1 }
        let name = String(decoding: bytes[start..<at], as: UTF8.self)
        guard name.hasPrefix("States."), let function = IntrinsicFunction(rawValue: String(name.dropFirst(7))) else {
            throw error("There is no intrinsic function '\(name)'", offset: start)
        }
        return function
    }

    private mutating func arguments(level: Int) throws(IntrinsicError) -> [IntrinsicCall.Argument] {
        var arguments: [IntrinsicCall.Argument] = []
        skipBlanks()
        if peek == UInt8(ascii: ")") {
            at += 1
            return arguments
        }
        while true {
            skipBlanks()
            arguments.append(try argument(level: level))
            skipBlanks()
            switch peek {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: ")"):
                at += 1
                return arguments
            default: throw error("Expected ',' or ')' at position \(at)")
            }
        }
    }

    private mutating func argument(level: Int) throws(IntrinsicError) -> IntrinsicCall.Argument {
        switch peek {
        case UInt8(ascii: "$"): .path(try path())
        case UInt8(ascii: "'"): try text()
        case UInt8(ascii: "S"): .call(try call(level: level + 1))
        default: .value(try word())
        }
    }

    // MARK: Paths

    /// A path goes on to the comma or parenthesis that is outside its own brackets, parentheses and quotes.
    private mutating func path() throws(IntrinsicError) -> JSONPath {
        let start = at
        skipPath()
        let source = String(decoding: bytes[start..<at], as: UTF8.self)
        do throws(JSONPathError) { return try JSONPath(source) } catch {
            throw IntrinsicError(code: .syntax, message: error.message, offset: start + error.offset)
        }
    }

    private mutating func skipPath() {
        var depth = 0
        var quote: UInt8?
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\\"): at += 1
            case _ where quote != nil: if byte == quote { quote = nil }
            case UInt8(ascii: "'"), UInt8(ascii: "\""): if depth > 0 { quote = byte }
            case UInt8(ascii: "["), UInt8(ascii: "("): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: ")"), UInt8(ascii: ","):
                if depth == 0 { return }
                if byte != UInt8(ascii: ",") { depth -= 1 }
            default: break
            }
            at = min(at + 1, bytes.count)
        }
    }

    // MARK: Literals

    /// A text in single quotes. `Format` needs to know which braces were escaped, so the text is kept as written too.
    private mutating func text() throws(IntrinsicError) -> IntrinsicCall.Argument {
        let start = at
        at += 1
        var text: [UInt8] = []
        while let byte = peek {
            at += 1
            switch byte {
            case UInt8(ascii: "'"):
                let written = String(decoding: bytes[(start + 1)..<(at - 1)], as: UTF8.self)
                return .text(String(decoding: text, as: UTF8.self), written: written)
            case UInt8(ascii: "\\"):
                guard let escaped = peek, "'{}\\".utf8.contains(escaped) else {
                    throw error("A backslash must stand before one of ' { } \\", offset: at - 1)
                }
                text.append(escaped)
                at += 1
            default: text.append(byte)
            }
        }
        throw error("The string is not closed", offset: start)
    }

    private mutating func word() throws(IntrinsicError) -> JSONValue {
        let start = at
        while let byte = peek, !" ,()".utf8.contains(byte) { at += 1 }
        let word = String(decoding: bytes[start..<at], as: UTF8.self)
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        default:
            guard let number = JSONNumber(text: word) else {
                throw error("'\(word)' is not an argument", offset: start)
            }
            return .number(number)
        }
    }

    // MARK: Letters

    private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { at += 1 }
    }

    private func error(_ message: String, offset: Int? = nil) -> IntrinsicError {
        IntrinsicError(code: .syntax, message: message, offset: offset ?? at)
    }
}
