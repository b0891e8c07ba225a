// A definition of Amazon States Language as the commands read it: JSON or YAML, with placeholders.

import Core
import Foundation
import Gateway
import JSON
import States

/// A definition with the file that it was read from, so that findings have its lines.
struct DefinitionFile: Sendable {
    let file: String
    /// The text of the file with substitutions in their places.
    let source: String
    /// The definition as JSON, which the API takes.
    let text: String
    /// Whether the definition is a part of `file`, so that its lines are not those of the file.
    let isPart: Bool
    /// Of a file in YAML.
    private let yaml: YAMLDocument?

    /// Reads a file; `-` is standard input. Throws `Finding` for a file that cannot be read or is not YAML.
    static func read(_ file: String, substitutions: [String: String] = [:]) throws -> DefinitionFile {
        guard let data = TextFile.data(file) else {
            let exists = FileManager.default.fileExists(atPath: file)
            throw Finding(
                file: file, place: "", cause: exists ? "The file cannot be read" : "There is no such file",
                fix: "Name a file of Amazon States Language.")
        }
        return try DefinitionFile(String(decoding: data, as: UTF8.self), file: file, substitutions: substitutions)
    }

    init(_ written: String, file: String, isPart: Bool = false, substitutions: [String: String] = [:]) throws {
        self.file = file
        self.isPart = isPart
        source = substitutions.isEmpty ? written : Placeholders.replace(written) { substitutions[$0] }
        guard !isPart, Self.isYAML(source, file) else {
            text = source
            yaml = nil
            return
        }
        do throws(YAMLDocument.Failure) {
            let document = try YAMLDocument(source)
            yaml = document
            text = document.root.prettyText
        } catch {
            throw Finding(
                file: file, place: "\(error.line):\(error.column)", cause: "This is not valid YAML: \(error.message)",
                fix: "Indent with spaces, and write `key: value`.")
        }
    }

    /// By the file's name; standard input by its first character.
    private static func isYAML(_ text: String, _ file: String) -> Bool {
        if file.hasSuffix(".yaml") || file.hasSuffix(".yml") { return true }
        guard file == "-", let first = text.first(where: { !$0.isWhitespace }) else { return false }
        return first != "{" && first != "\""
    }

    /// Names of placeholders that have no value.
    var placeholders: [String] { Placeholders.names(in: source) }

    /// Line and column of a finding in the file.
    func position(of diagnostic: Diagnostic) -> TextPosition {
        guard let yaml else { return diagnostic.position(in: DefinitionStandIns(text).sameLength) }
        guard let location = diagnostic.location, location.hasPrefix("/") else {
            return TextPosition(line: 1, column: 1)
        }
        let place = yaml.place(LocationPath.names(location, in: yaml.root))
        return TextPosition(line: place?.line ?? 1, column: place?.column ?? 1)
    }

    // MARK: - Findings

    /// Checks the definition without a daemon. Placeholders count as right.
    func findings(type: MachineType = .standard, limits: Limits = Limits()) -> [Finding] {
        let standIns = DefinitionStandIns(text)
        if let template = template(standIns) { return [template] }
        let diagnostics = StateMachine.compile(standIns.checked, type: type, limits: limits).diagnostics
        guard standIns.hasAny else { return findings(diagnostics) }
        let root = try? JSONValue.parse(standIns.sameLength)
        let relevant = diagnostics.filter { diagnostic in
            guard let location = diagnostic.location, let root else { return true }
            let value = LocationPath.value(LocationPath.names(location, in: root), in: root)
            return value?.stringValue.map { !Placeholders.contains(in: $0) } ?? true
        }
        return findings(relevant)
    }

    /// Says of a SAM or CloudFormation template how to load it, in place of a finding for each member.
    private func template(_ standIns: DefinitionStandIns) -> Finding? {
        let root = try? JSONValue.parse(standIns.sameLength)
        guard let root, root["Resources"]?.objectValue != nil, root["States"] == nil, root["StartAt"] == nil else {
            return nil
        }
        return Finding(
            file: file, place: "", cause: "This is a template, not a definition",
            fix: "Check and load its machines: newel machine load \(file)")
    }

    /// Findings of the checks with their places in the file, in the order of the lines.
    func findings(_ diagnostics: [Diagnostic]) -> [Finding] {
        let hints = DefinitionHints(definition: try? JSONValue.parse(DefinitionStandIns(text).sameLength))
        let found = Self.withoutConsequences(diagnostics).map { diagnostic in
            let position = position(of: diagnostic)
            let isText = diagnostic.code == .invalidJSONDescription
            let message = isText ? diagnostic.message.prefix { $0 != "\n" } : diagnostic.message[...]
            let location = isText ? "" : diagnostic.location.map { " at \($0)" } ?? ""
            let finding = Finding(
                severity: diagnostic.severity == .error ? .error : .warning, file: file,
                place: isPart ? "" : "\(position.line):\(position.column)",
                cause: "\(diagnostic.code.rawValue): \(message)\(location)", fix: hints.hint(diagnostic))
            return (position: position, finding: finding)
        }
        return found.enumerated().sorted { left, right in
            let (a, b) = (left.element.position, right.element.position)
            return (a.line, a.column, left.offset) < (b.line, b.column, right.offset)
        }.map(\.element.finding)
    }

    /// A missing StartAt target makes every state of its container unreachable: it is reported alone.
    private static func withoutConsequences(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        let lost = diagnostics.filter { $0.message.hasPrefix("Missing 'Next' target") }.compactMap(\.location)
            .filter { $0.hasSuffix("/StartAt") }.map { $0.dropLast("StartAt".count) + "States/" }
        return diagnostics.filter { diagnostic in
            guard diagnostic.message.hasSuffix("is not reachable."), let location = diagnostic.location else {
                return true
            }
            return !lost.contains { location.hasPrefix($0) && !location.dropFirst($0.count).contains("/States/") }
        }
    }
}

/// A definition with valid values in the places of its placeholders, so that the rest of it can be checked.
struct DefinitionStandIns {
    /// The text with a number for each placeholder outside of a string, padded to the same length.
    let sameLength: String
    /// The text that the checks read.
    let checked: String
    let hasAny: Bool

    init(_ text: String) {
        let matches = text.contains("${") ? Placeholders.matches(in: text) : []
        hasAny = !matches.isEmpty
        var (sameLength, checked) = ("", "")
        var index = text.startIndex
        for match in matches {
            let between = text[index..<match.range.lowerBound]
            let length = text[match.range].count
            sameLength += between
            checked += between
            sameLength += match.isQuoted ? String(text[match.range]) : "1" + String(repeating: " ", count: length - 1)
            checked += match.isQuoted ? Self.quoted(match, in: text) : "1"
            index = match.range.upperBound
        }
        self.sameLength = sameLength + text[index...]
        self.checked = checked + text[index...]
    }

    /// A placeholder that is a whole `Resource` is taken for a function; others stay.
    private static func quoted(_ match: Placeholders.Match, in text: String) -> String {
        switch match.name {
        case "AWS::Partition": return "aws"
        case "AWS::Region": return "us-east-1"
        case "AWS::AccountId": return "000000000000"
        default: break
        }
        let before = text[..<match.range.lowerBound].suffix(40)
        let isWhole = before.last == "\"" && text[match.range.upperBound...].first == "\""
        let field = before.dropLast().reversed().drop { $0.isWhitespace || $0 == ":" }
        let isResource = isWhole && String(field.prefix(10).reversed()) == "\"Resource\""
        return isResource ? "arn:aws:lambda:us-east-1:000000000000:function:stand-in" : String(text[match.range])
    }
}
