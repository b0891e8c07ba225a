// The reference's cases that are plain calls of the functions with pictures, where the shared folder is there.

import JSON
import TestSupport
import Testing

@testable import Expressions

@Suite("JSONata's pictures, the shared cases")
struct JSONataFormatsSharedTests {
    typealias Result = JSONataFormatsTests.Case.Result

    @Test("Every plain call gives what the reference gives.")
    func plainCalls() throws {
        guard let bytes = Conformance.bytes("jsonata/cases.jsonl") else { return }
        var run = 0
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let item = try? JSONValue.parse(Array(line)), let text = item["expr"]?.stringValue else { continue }
            var reader = CallReader(text)
            guard let result = reader.result() else { continue }
            run += 1
            #expect(result == Self.wish(item), "\(item["id"]?.stringValue ?? ""): \(text)")
        }
        #expect(run >= 250)
    }

    static func wish(_ item: JSONValue) -> Result {
        if let code = item["code"]?.stringValue { return .code(code) }
        if let text = item["result"]?.stringValue { return .text(text) }
        if let number = item["result"]?.doubleValue { return .number(number) }
        return .nothing
    }
}

/// Reads `$name(literal, …)`, `$toMillis(…) ~> $fromMillis(…)` and `($ts := $toMillis(…); $fromMillis($ts, …))`.
struct CallReader {
    private enum Argument {
        case text(String)
        case number(Double)
        case options([(String, String)])
    }

    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    /// What the whole text gives, `nil` where it is no such call.
    mutating func result() -> JSONataFormatsTests.Case.Result? {
        let isBlock = take("($ts :=")
        guard let (name, arguments) = call(), let result = run(name, arguments) else { return nil }
        if isBlock ? take(";") : take("~>") {
            guard case .number(let millis) = result, let (name, arguments) = call(), name == "fromMillis" else {
                return nil
            }
            if isBlock { _ = take(")") }
            return isAtEnd ? run(name, [.number(millis)] + arguments) : nil
        }
        return isAtEnd ? result : nil
    }

    private func run(_ name: String, _ arguments: [Argument]) -> JSONataFormatsTests.Case.Result? {
        var texts: [String] = []
        var numbers: [Double] = []
        var options: [(String, String)] = []
        for argument in arguments {
            switch argument {
            case .text(let text): texts.append(text)
            case .number(let number): numbers.append(number)
            case .options(let pairs): options = pairs
            }
        }
        do throws(JSONataError) {
            switch (name, numbers.count, texts.count) {
            case ("formatNumber", 1, 1):
                return .text(try JSONataFormats.formatNumber(numbers[0], picture: texts[0], options: options))
            case ("formatBase", 1...2, 0):
                return .text(try JSONataFormats.formatBase(numbers[0], radix: numbers.count > 1 ? numbers[1] : 10))
            case ("formatInteger", 1, 1): return JSONataFormatsCall.formatInteger(numbers[0], texts[0]).result(now: 0)
            case ("parseInteger", 0, 2): return JSONataFormatsCall.parseInteger(texts[0], texts[1]).result(now: 0)
            case ("fromMillis", 1, 0...2):
                let zone = texts.count > 1 ? texts[1] : nil
                return JSONataFormatsCall.fromMillis(numbers[0], texts.first, zone).result(now: 0)
            case ("toMillis", 0, 1...2):
                return JSONataFormatsCall.toMillis(texts[0], texts.count > 1 ? texts[1] : nil).result(now: 0)
            default: return nil
            }
        } catch {
            return .code(error.code)
        }
    }

    private var isAtEnd: Bool { rest.allSatisfy(\.isWhitespace) }

    private mutating func take(_ text: String) -> Bool {
        let trimmed = rest.drop(while: \.isWhitespace)
        guard trimmed.hasPrefix(text) else { return false }
        rest = trimmed.dropFirst(text.count)
        return true
    }

    private mutating func call() -> (String, [Argument])? {
        guard take("$") else { return nil }
        let name = rest.prefix(while: \.isLetter)
        rest = rest.dropFirst(name.count)
        guard take("(") else { return nil }
        if take(")") { return (String(name), []) }
        if take("$ts,") {}
        var arguments: [Argument] = []
        repeat {
            guard let argument = argument() else { return nil }
            arguments.append(argument)
        } while take(",")
        return take(")") ? (String(name), arguments) : nil
    }

    private mutating func argument() -> Argument? {
        if let text = text() { return .text(text) }
        if take("{") {
            var pairs: [(String, String)] = []
            repeat {
                guard let key = text(), take(":"), let value = text() else { return nil }
                pairs.append((key, value))
            } while take(",")
            return take("}") ? .options(pairs) : nil
        }
        let trimmed = rest.drop(while: \.isWhitespace)
        let number = trimmed.prefix { $0.isNumber || "+-.e".contains($0) }
        guard let value = Double(number) else { return nil }
        rest = trimmed.dropFirst(number.count)
        return .number(value)
    }

    private mutating func text() -> String? {
        guard let quote = rest.drop(while: \.isWhitespace).first, quote == "'" || quote == "\"" else { return nil }
        _ = take(String(quote))
        var text = ""
        while let character = rest.popFirst(), character != quote {
            // No plain call has an escape but that of a new line.
            if character == "\\" { text += rest.popFirst() == "n" ? "\n" : "" } else { text.append(character) }
        }
        return text
    }
}
