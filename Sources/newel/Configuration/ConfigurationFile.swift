// The configuration file as a tree with places, for what swift-configuration does not tell: lines, and unknown keys.

import Foundation
import Yams

struct ConfigurationFile {
    let path: String
    /// Place and kind of each value, by its path.
    private(set) var lines: [[String]: Int] = [:]
    /// The names below each mapping, in the order of the file.
    private(set) var names: [[String]: [String]] = [:]
    private(set) var findings: [Finding] = []
    /// The folder that relative paths of the file begin at.
    var folder: String { URL(fileURLWithPath: path).deletingLastPathComponent().path }

    /// Reads the file; throws what makes it unreadable as a whole, collects what is wrong with single keys.
    static func read(_ path: String) throws(Findings) -> ConfigurationFile {
        guard let data = TextFile.data(path) else {
            let exists = FileManager.default.fileExists(atPath: path)
            throw Findings(list: [
                Finding(
                    file: path, place: "", cause: exists ? "The file cannot be read" : "There is no such file",
                    fix: exists
                        ? "Let the user of the daemon read it." : "Name another with --config, or leave --config out.")
            ])
        }
        var file = try ConfigurationFile(path: path, text: String(decoding: data, as: UTF8.self))
        file.checkMode()
        return file
    }

    init(path: String, text: String) throws(Findings) {
        self.path = path
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw Findings(list: [Self.finding(of: error, path)])
        }
        // An empty file, or one of comments alone, sets nothing.
        guard let root, root.null == nil || root.mapping != nil else { return }
        guard let mapping = root.mapping else {
            throw Findings(list: [
                Finding(
                    file: path, place: "1", cause: "The file is not a mapping",
                    fix: "Write sections such as `listen:` with their settings below.")
            ])
        }
        walk(mapping, [])
    }

    private static func finding(of error: any Error, _ path: String) -> Finding {
        var place = ""
        var cause = "\(error)"
        if let error = error as? YamlError {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                place = "\(mark.line):\(mark.column)"
                cause = "This is no YAML: \(problem)"
            case .duplicatedKeysInMapping(let duplicates, let context):
                place = "\(context.mark.line)"
                cause = "A key stands twice: \(duplicates.map { "\($0)" }.joined(separator: ", "))"
            default: break
            }
        }
        return Finding(
            file: path, place: place, cause: cause, fix: "Indent with spaces, and write `key: value`, a key once.")
    }

    private mutating func walk(_ mapping: Node.Mapping, _ path: [String]) {
        let known = Setting.names(below: path)
        for (key, value) in mapping {
            guard let name = key.string else { continue }
            let line = key.mark?.line ?? 0
            let here = path + [name]
            guard known.contains(name) || known.contains("*") else {
                findings.append(unknown(name, below: path, known, line))
                continue
            }
            names[path, default: []].append(name)
            lines[here] = line
            let isLeaf = Setting.exists(here)
            if let inner = value.mapping, !isLeaf {
                walk(inner, here)
            } else if value.mapping != nil || value.sequence != nil {
                findings.append(
                    Finding(
                        file: self.path, place: "\(line)",
                        cause: "\(dotted(here)) takes one value, not a list or section",
                        fix: "Write `\(name): value`."))
            } else if !isLeaf, value.null == nil {
                findings.append(
                    Finding(
                        file: self.path, place: "\(line)", cause: "\(dotted(here)) is a section, not a value",
                        fix: "Its settings: \(Setting.names(below: here).sorted().joined(separator: ", "))."))
            }
        }
    }

    private func unknown(_ name: String, below path: [String], _ known: Set<String>, _ line: Int) -> Finding {
        let key = dotted(path + [name])
        if let renamed = Setting.newName(of: key) {
            return Finding(
                file: self.path, place: "\(line)", cause: "\(key) was renamed", fix: "Write \(renamed) instead.")
        }
        let near = nearest(to: name, among: known).map { "Did you mean \(dotted(path + [$0]))? " } ?? ""
        let all = known.sorted().joined(separator: ", ")
        return Finding(
            file: self.path, place: "\(line)", cause: "There is no setting \(key)",
            fix: "\(near)\(path.isEmpty ? "The sections" : "The settings of \(dotted(path))"): \(all).")
    }

    /// A file with a secret in it is not for everyone's eyes.
    private mutating func checkMode() {
        let secrets = lines.keys.filter { Setting.secrets.contains(dotted($0)) }
        guard let secret = secrets.first,
            let mode = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int,
            mode & 0o004 != 0
        else { return }
        findings.append(
            Finding(
                file: path, place: "\(lines[secret] ?? 0)",
                cause: "\(dotted(secret)) is a secret, and everyone on this machine can read the file",
                fix: "chmod o-r \(path), or give the secret as a systemd credential of that name."))
    }
}

func dotted(_ path: [String]) -> String { path.joined(separator: ".") }
