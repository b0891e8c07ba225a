// What the configuration names, read and checked: definitions, policies, routes.

import Engine
import Foundation
import Identity
import JSON
import Server
import States

enum Inspection {
    /// Every finding of a configuration that could be read.
    static func everything(_ configuration: Configuration) -> [Finding] {
        let machines = configuration.machines.flatMap {
            definition($0.definition, limits: configuration.engine.limits)
        }
        let gateway = configuration.gateway.map { routes($0.openAPI).findings } ?? []
        return machines + identity(configuration) + gateway
    }

    // MARK: - Routes

    /// The API of an OpenAPI file, unless one of the findings is an error.
    static func routes(_ file: String) -> (api: GatewayAPI?, findings: [Finding]) {
        guard let data = FileManager.default.contents(atPath: file) else {
            let finding = Finding(
                file: file, place: "", cause: "The file cannot be read",
                fix: "Name an OpenAPI file in gateway.openapi, or leave it out.")
            return (nil, [finding])
        }
        let read = GatewayAPI.read(String(decoding: data, as: UTF8.self))
        let findings = read.findings.map { found in
            let path = found.path.isEmpty ? "" : " at " + found.path.joined(separator: " ")
            return Finding(
                severity: found.severity == .error ? .error : .warning, file: file,
                place: "\(found.line):\(found.column)", cause: found.message + path, fix: found.hint)
        }
        return (read.api, findings)
    }

    // MARK: - Definitions

    static func definition(_ file: String, limits: Limits = Limits()) -> [Finding] {
        guard let data = FileManager.default.contents(atPath: file) else {
            return [
                Finding(
                    file: file, place: "", cause: "The file cannot be read",
                    fix: "Name a file of Amazon States Language.")
            ]
        }
        let text = String(decoding: data, as: UTF8.self)
        let (_, diagnostics) = StateMachine.compile(text, type: .standard, limits: limits)
        return diagnostics.map { diagnostic in
            let position = diagnostic.position(in: text)
            let isText = diagnostic.code == .invalidJSONDescription
            let message = isText ? diagnostic.message.prefix { $0 != "\n" } : diagnostic.message[...]
            let location = isText ? "" : diagnostic.location.map { " at \($0)" } ?? ""
            return Finding(
                severity: diagnostic.severity == .error ? .error : .warning, file: file,
                place: "\(position.line):\(position.column)",
                cause: "\(diagnostic.code.rawValue): \(message)\(location)", fix: "")
        }
    }

    // MARK: - Roles and policies

    static func identity(_ configuration: Configuration) -> [Finding] {
        do {
            _ = try catalog(configuration)
            return []
        } catch {
            return error.list
        }
    }

    /// The catalog of the configured folder; without one, an account whose root alone may do anything.
    static func catalog(_ configuration: Configuration) throws(Findings) -> IdentityCatalog {
        let scope = configuration.engine.scope
        guard let folder = configuration.identityFolder else {
            return IdentityCatalog(account: scope.account, region: scope.region, partition: scope.partition)
        }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw Findings(list: [
                Finding(
                    file: folder, place: "identity.folder", cause: "There is no such folder",
                    fix: "Make it, or leave identity.folder out.")
            ])
        }
        var documents: [(file: String, json: JSONValue)] = []
        var findings: [Finding] = []
        for name in names.sorted() where name.hasSuffix(".json") {
            let file = "\(folder)/\(name)"
            do throws(JSONError) {
                documents.append(
                    (file, try JSONValue.parse(Array(FileManager.default.contents(atPath: file) ?? Data()))))
            } catch {
                findings.append(
                    Finding(
                        file: file, place: "\(error.line):\(error.column)", cause: error.message,
                        fix: "Write valid JSON."))
            }
        }
        do throws(IdentityProblems) {
            let catalog = try IdentityCatalog(
                account: scope.account, region: scope.region, partition: scope.partition, documents: documents)
            if findings.isEmpty { return catalog }
        } catch {
            findings += error.problems.map { Finding(file: $0.file, place: $0.path, cause: $0.cause, fix: $0.hint) }
        }
        throw Findings(list: findings)
    }
}
