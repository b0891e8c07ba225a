// What the configuration names, read and checked: definitions, policies, routes.

import Core
import Engine
import Foundation
import Gateway
import Identity
import JSON
import States

enum Inspection {
    /// Every finding of a configuration that could be read.
    static func everything(_ configuration: Configuration) -> [Finding] {
        let machines = configuration.machines.flatMap { machine($0, limits: configuration.engine.limits) }
        let gateway = configuration.gateway.map { routes($0.openAPI) }
        return machines + identity(configuration) + (gateway?.findings ?? [])
            + missingRoles(configuration, gateway?.api)
    }

    // MARK: - Routes

    /// The API of an OpenAPI file, unless one of the findings is an error.
    static func routes(_ file: String) -> (api: GatewayAPI?, findings: [Finding]) {
        guard let data = TextFile.data(file) else {
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

    /// Checks one file of Amazon States Language, JSON or YAML.
    static func definition(_ file: String, limits: Limits = Limits()) -> [Finding] {
        do { return try DefinitionFile.read(file).findings(limits: limits) } catch let finding as Finding {
            return [finding]
        } catch {
            return [Finding(file: file, place: "", cause: "\(error)", fix: "")]
        }
    }

    /// Checks a machine of the configuration, with its type and substitutions.
    static func machine(_ machine: Configuration.Machine, limits: Limits) -> [Finding] {
        do {
            let definition = try DefinitionFile.read(machine.definition, substitutions: machine.substitutions)
            let open = definition.placeholders.map { name in
                Finding(
                    severity: .warning, file: machine.definition, place: "",
                    cause: "The placeholder ${\(name)} has no value",
                    fix: "Add machines.\(machine.name).substitutions.\(name).")
            }
            return definition.findings(type: machine.type, limits: limits) + open
        } catch let finding as Finding {
            return [finding]
        } catch {
            return [Finding(file: machine.definition, place: "", cause: "\(error)", fix: "")]
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
                let json = try JSONValue.parse(Array(TextFile.data(file) ?? Data()))
                findings += besideWrapper(json, file)
                documents.append((file, json))
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

    /// Members beside the wrapper of `aws iam get-role`: nothing would read them, policies least of all.
    private static func besideWrapper(_ json: JSONValue, _ file: String) -> [Finding] {
        guard let members = json.objectValue, let wrapper = ["Role", "User"].first(where: { members[$0] != nil }) else {
            return []
        }
        return members.keys.filter { $0 != wrapper && $0 != "ResponseMetadata" }.map { name in
            Finding(
                file: file, place: "$.\(name)", cause: "\(name) is beside \(wrapper), where it has no effect",
                fix: "Move \(name) into \(wrapper).")
        }
    }

    /// Roles that machines or routes name and no file has. Nothing is reported without a folder of roles, or where its
    /// files are wrong.
    private static func missingRoles(_ configuration: Configuration, _ api: GatewayAPI?) -> [Finding] {
        guard let folder = configuration.identityFolder, let catalog = try? catalog(configuration) else { return [] }
        let known = Set(catalog.roles.values.map(\.arn))
        func finding(_ role: String, _ file: String, _ place: String, _ effect: String) -> Finding? {
            guard role.contains(":role/"), !role.contains("${"), !known.contains(role) else { return nil }
            let name = role.split(separator: "/").last.map(String.init) ?? role
            let near = nearest(to: name, among: catalog.roles.keys).map { " Did you mean \($0)?" } ?? ""
            return Finding(
                severity: .warning, file: file, place: place,
                cause: "No file of \(folder) has the role \(role)\(effect)",
                fix: "Add \(folder)/\(name).json.\(near)")
        }
        let machines = configuration.machines.filter(\.namesRole).compactMap { machine in
            finding(
                machine.roleARN, configuration.file ?? "the configuration", "machines.\(machine.name).role", "")
        }
        var reported: Set<String> = []
        let routes = (api?.methods ?? []).compactMap { method -> Finding? in
            guard let role = method.integration.credentials, reported.insert(role).inserted else { return nil }
            return finding(
                role, configuration.gateway?.openAPI ?? "", "\(method.verb) \(method.path.text)",
                ", so the route answers 500")
        }
        return machines + routes
    }
}
