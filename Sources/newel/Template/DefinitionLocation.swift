// Where the file of a definition is that a template names: beside the template, or an asset of the CDK.

import Foundation
import JSON

/// Finds local files of `DefinitionUri` and `DefinitionS3Location`.
struct DefinitionLocation {
    let template: StackTemplate
    let resource: StackTemplate.Resource

    /// Returns the path of the file. Throws `Finding` for a location in S3 that has no local copy.
    func file(_ location: JSONValue, property: String) throws -> String {
        if let asset = resource.metadata["aws:asset:path"]?.stringValue,
            let file = existing(asset)
        {
            return file
        }
        if let text = location.stringValue, !text.hasPrefix("s3://"), !text.hasPrefix("https://") {
            let file = TemplatePath.join(text, in: template.folder)
            guard FileManager.default.fileExists(atPath: file) else {
                throw Finding(
                    file: template.file, place: resource.logicalID, cause: "\(property): there is no file \(file)",
                    fix: "Paths are relative to the template's folder.")
            }
            return file
        }
        if let key = (location["Key"] ?? location["key"])?.stringValue, let file = asset(of: key) { return file }
        throw Finding(
            file: template.file, place: resource.logicalID,
            cause: "\(property) is in S3 (\(location.plain)), where Newel does not read",
            fix: "Load the template as it was before packaging, with a local file, or put the definition into it.")
    }

    private func existing(_ path: String) -> String? {
        let file = TemplatePath.join(path, in: template.folder)
        return FileManager.default.fileExists(atPath: file) ? file : nil
    }

    /// The file of a cdk.out folder that is uploaded under that key: by its manifest of assets, else by its name.
    private func asset(of key: String) -> String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: template.folder)) ?? []
        for name in names.sorted() where name.hasSuffix(".assets.json") {
            let data = TextFile.data(TemplatePath.join(name, in: template.folder)) ?? Data()
            guard let files = try? JSONValue.parse(Array(data))["files"]?.objectValue else { continue }
            for file in files.values {
                let isThis = file["destinations"]?.objectValue?.values.contains { $0["objectKey"]?.plain == key }
                if isThis == true, let path = file["source"]?["path"]?.stringValue { return existing(path) }
            }
        }
        return existing("asset." + (key.split(separator: "/").last.map(String.init) ?? key))
    }
}

/// The templates that a path names: a file, or the stacks of a cdk.out folder.
enum TemplateFiles {
    struct Stack {
        var file: String
        /// `nil` where the path does not say it.
        var name: String?
    }

    /// Throws `Exit` for a folder without templates.
    static func stacks(_ path: String) throws -> [Stack] {
        var isFolder = ObjCBool(false)
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            return [Stack(file: path, name: nil)]
        }
        let stacks = assembly(path)
        if !stacks.isEmpty { return stacks }
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
        for usual in ["template.yaml", "template.yml", "template.json"] where names.contains(usual) {
            return [Stack(file: TemplatePath.join(usual, in: path), name: nil)]
        }
        let templates = names.filter { $0.hasSuffix(".template.json") }.map {
            Stack(file: TemplatePath.join($0, in: path), name: String($0.dropLast(".template.json".count)))
        }
        guard !templates.isEmpty else {
            throw Exit(.noInput, "\(path) has no template: name a file, or the folder cdk.out.")
        }
        return templates
    }

    /// The stacks of a cloud assembly and of those nested in it.
    private static func assembly(_ folder: String) -> [Stack] {
        guard let data = TextFile.data(TemplatePath.join("manifest.json", in: folder)),
            let artifacts = try? JSONValue.parse(Array(data))["artifacts"]?.objectValue
        else { return [] }
        return artifacts.flatMap { id, artifact -> [Stack] in
            let properties = artifact["properties"]
            switch artifact["type"]?.stringValue {
            case "aws:cloudformation:stack":
                guard let file = properties?["templateFile"]?.stringValue else { return [] }
                let name = properties?["stackName"]?.stringValue ?? id
                return [Stack(file: TemplatePath.join(file, in: folder), name: name)]
            case "cdk:cloud-assembly":
                guard let nested = properties?["directoryName"]?.stringValue else { return [] }
                return assembly(TemplatePath.join(nested, in: folder))
            default: return []
            }
        }
    }
}
