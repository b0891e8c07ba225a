// From the texts that swift-configuration finds to values, with the place of each that is wrong.

import Configuration
import Foundation

/// Looks settings up in the order flags, environment, credentials, file; collects findings instead of stopping at one.
struct SettingReader {
    private let reader: ConfigReader
    private let file: ConfigurationFile?
    private let flags: [String: String]
    private let environment: [String: String]
    private(set) var findings: [Finding] = []

    init(
        file: ConfigurationFile?, flags: [String: String], environment: [String: String], parsed: (any ConfigProvider)?
    ) async throws {
        self.file = file
        self.flags = flags
        self.environment = environment
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (key, text) in flags {
            values[AbsoluteConfigKey(key.split(separator: ".").map(String.init))] = ConfigValue(
                .string(text), isSecret: false)
        }
        var providers: [any ConfigProvider] = [
            InMemoryProvider(name: "flags", values: values),
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "newel"),
        ]
        if let folder = environment["CREDENTIALS_DIRECTORY"] { providers.append(Self.credentials(in: folder)) }
        if let parsed { providers.append(parsed) }
        reader = ConfigReader(providers: providers)
        findings = file?.findings ?? []
        checkFlags()
        checkEnvironment()
    }

    /// systemd's credentials: a file for each, named by the setting's key, `recipeMove.searchPassword`.
    private static func credentials(in folder: String) -> InMemoryProvider {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            guard let data = TextFile.data("\(folder)/\(name)") else { continue }
            var text = String(decoding: data, as: UTF8.self)
            if text.hasSuffix("\n") { text.removeLast() }
            values[AbsoluteConfigKey(name.split(separator: ".").map(String.init))] = ConfigValue(
                .string(text), isSecret: true)
        }
        return InMemoryProvider(name: "credentials", values: values)
    }

    /// The text of a setting, `nil` where nothing gives it one. An empty text is none.
    func text(_ path: [String]) -> String? {
        assert(Setting.exists(path), "\(path) is not in the table of settings")
        guard let text = reader.string(forKey: ConfigKey(path)), !text.isEmpty, text != "~", text != "null" else {
            return nil
        }
        return text
    }

    /// The names below a section whose names are free, from the file and the flags.
    func names(below path: [String]) -> [String] {
        let given = file?.names[path] ?? []
        let flagged = flags.keys.map { $0.split(separator: ".").map(String.init) }
            .filter { $0.count > path.count && Array($0.prefix(path.count)) == path }.map { $0[path.count] }
        return given + Set(flagged).subtracting(given).sorted()
    }

    mutating func text(_ key: String, default standard: String) -> String { text(split(key)) ?? standard }

    mutating func value<T>(
        _ path: [String], default standard: T, expected: String, _ parse: (String) -> T?
    ) -> T {
        guard let text = text(path) else { return standard }
        if let value = parse(text) { return value }
        report(path, cause: "\(dotted(path)) is \"\(text)\"", fix: "Write \(expected).")
        return standard
    }

    mutating func int(_ key: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        value(split(key), default: standard, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func bytes(_ key: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        let bounds = "\(ByteSize.text(range.lowerBound)) to \(ByteSize.text(range.upperBound))"
        return value(split(key), default: standard, expected: "a size from \(bounds), such as 256KiB") {
            ByteSize.parse($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func milliseconds(_ key: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        let bounds = "\(Period.text(range.lowerBound)) to \(Period.text(range.upperBound))"
        let examples = Period.examples(in: range)
        return value(split(key), default: standard, expected: "a time from \(bounds), such as \(examples)") {
            Period.milliseconds($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func bool(_ key: String, default standard: Bool) -> Bool { bool(split(key), default: standard) }

    mutating func bool(_ path: [String], default standard: Bool) -> Bool {
        value(path, default: standard, expected: "true or false") {
            switch $0.lowercased() {
            case "true", "yes", "on", "1": true
            case "false", "no", "off", "0": false
            default: nil
            }
        }
    }

    mutating func choice<T: RawRepresentable & CaseIterable>(_ key: String, default standard: T) -> T
    where T.RawValue == String {
        let all = T.allCases.map(\.rawValue)
        return value(split(key), default: standard, expected: all.joined(separator: ", ")) {
            T(rawValue: $0.lowercased())
        }
    }

    /// Adds a finding at the place that gave the setting its value.
    mutating func report(_ path: [String], cause: String, fix: String) {
        let origin = origin(of: path)
        findings.append(Finding(file: origin.file, place: origin.place, cause: cause, fix: fix))
    }

    private func origin(of path: [String]) -> (file: String, place: String) {
        if flags[dotted(path)] != nil { return ("the command line", dotted(path)) }
        let name = Setting.environmentName(path)
        if environment[name] != nil { return ("the environment", name) }
        if let file, let line = file.lines[path] { return (file.path, "\(line)") }
        return (file?.path ?? "the configuration", dotted(path))
    }

    func split(_ key: String) -> [String] { key.split(separator: ".").map(String.init) }

    private mutating func checkFlags() {
        for key in flags.keys.sorted() where !Setting.exists(split(key)) {
            if let renamed = Setting.newName(of: key) {
                findings.append(
                    Finding(
                        file: "the command line", place: key, cause: "\(key) was renamed",
                        fix: "Write \(renamed) instead."))
                continue
            }
            findings.append(
                Finding(
                    file: "the command line", place: key, cause: "There is no setting \(key)",
                    fix: nearest(to: key, among: Setting.keys).map { "Did you mean \($0)?" } ?? ""))
        }
    }

    /// Variables that are not settings: the file, and what tests of this package read.
    private static let otherVariables: Set<String> = [
        "NEWEL_CONFIG", "NEWEL_TOP", "NEWEL_CONFORMANCE", "NEWEL_SEED", "NEWEL_SEEDS",
    ]

    private static let renamedVariables = Setting.renamed.map { old, new in
        (
            old: Setting.environmentName(old.split(separator: ".").map(String.init)),
            new: Setting.environmentName(new.split(separator: ".").map(String.init))
        )
    }

    private mutating func checkEnvironment() {
        let fixed = Set(Setting.keys.filter { !$0.contains("*") }.map { Setting.environmentName(split($0)) })
        let open = Setting.keys.filter { $0.contains("*") }
            .map { Setting.environmentName(split($0).prefix { $0 != "*" } + [""]) }
        for name in environment.keys.sorted() where name.hasPrefix("NEWEL_") {
            let known =
                fixed.contains(name) || Self.otherVariables.contains(name)
                || open.contains(where: name.hasPrefix)
            if known { continue }
            if let renamed = Self.renamedVariables.first(where: { name == $0.old || name.hasPrefix($0.old + "_") }) {
                findings.append(
                    Finding(
                        file: "the environment", place: name, cause: "The setting was renamed",
                        fix: "Set \(renamed.new)\(name.dropFirst(renamed.old.count)) instead."))
                continue
            }
            findings.append(
                Finding(
                    file: "the environment", place: name, cause: "There is no setting of that name",
                    fix: nearest(to: name, among: fixed).map { "Did you mean \($0)?" } ?? "Unset it."))
        }
    }
}

/// How swift-configuration is told a path without importing swift-system.
func located(_ key: String, _ path: String) -> ConfigReader {
    ConfigReader(
        provider: InMemoryProvider(values: [AbsoluteConfigKey([key]): ConfigValue(.string(path), isSecret: false)]))
}
