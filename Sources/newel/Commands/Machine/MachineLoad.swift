// `newel machine load`: the state machines of a SAM, CloudFormation or CDK template.

import ArgumentParser
import Foundation
import JSON

struct MachineLoad: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Create the state machines of a SAM, CloudFormation or CDK template.",
        discussion: """
            newel machine load template.yaml
            newel machine load template.yaml --parameter Currency=EUR
            newel machine load cdk.out --dry-run

            The template is YAML or JSON, as it is in the project: nothing has to be packaged or built before. Its \
            state machines, activities, versions and aliases are created, or brought up to date, all of them or none. \
            References to other resources become the ARNs that AWS would use in this account and region. Values that \
            the template does not say are named at once, with the option that takes each.

            What this daemon cannot run yet is printed on standard error; with --strict nothing is created then.
            """)

    @Argument(help: "The template, or a folder with one, such as cdk.out; `-` for standard input.", completion: .file())
    var file: String

    @Option(help: "NAME=VALUE: a parameter, a resource's Ref (NAME), an attribute (NAME.ATTRIBUTE) or an import.")
    var parameter: [String] = []

    @Option(help: "The account that ARNs are made for. Default: that of the key, else of the configuration.")
    var account: String?

    @Option(help: "The value of AWS::StackName.")
    var stackName = "newel"

    @Flag(help: "Refuse a template that asks for something that this daemon cannot run.")
    var strict = false

    @Flag(help: "Check the template with the daemon, print what would be created, and create nothing.")
    var dryRun = false

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try await options.client()
        var own = client.account
        if own == nil { own = await options.configuredAccount() }
        if let account, let own, account != own {
            throw Exit(
                .usage,
                "--account \(account): this client's machines are made in account \(own). "
                    + "Give a key id of the account instead: AWS_ACCESS_KEY_ID=\(account).")
        }
        let account = account ?? own
        let evaluator = TemplateEvaluator(
            try templates(), given: try given(), region: client.region, account: account ?? "000000000000")
        let plan: TemplatePlan
        do { plan = try TemplatePlanner.plan(evaluator) } catch let missing as MissingValues {
            throw Exit(.dataError, "\(missing)")
        } catch let findings as Findings {
            throw Exit(.dataError, findings.description)
        }
        guard !plan.isEmpty else {
            let lines = ["The template has no state machine and no activity."] + plan.notLoaded
            throw Exit(.dataError, lines.joined(separator: "\n"))
        }
        var loader = TemplateLoader(client: client, plan: plan)
        try judge(try await loader.check(), plan)
        if dryRun { return print(Self.preview(plan, json: options.json)) }
        let arns = try await loader.load()
        print(options.json ? JSONValue.array(arns.map { .string($0) }).text : arns.joined(separator: "\n"))
    }

    private func templates() throws -> [StackTemplate] {
        do {
            return try TemplateFiles.stacks(file).map { stack in
                let folder =
                    stack.file == "-"
                    ? FileManager.default.currentDirectoryPath
                    : URL(fileURLWithPath: stack.file).deletingLastPathComponent().path
                return try StackTemplate(
                    try TextFile.read(stack.file), file: stack.file, folder: folder,
                    stackName: stack.name ?? stackName)
            }
        } catch let finding as Finding {
            throw Exit(.dataError, "\(finding)")
        } catch let findings as Findings {
            throw Exit(.dataError, "\(findings)")
        }
    }

    private func given() throws -> [String: String] {
        var given: [String: String] = [:]
        for text in parameter {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw Exit(.usage, "--parameter \(text): write NAME=VALUE.")
            }
            given[String(parts[0])] = String(parts[1])
        }
        return given
    }

    /// Prints what cannot run. Throws where a definition is invalid, or with --strict where anything cannot run.
    private func judge(
        _ checked: [(machine: TemplatePlan.Machine, findings: [Finding])], _ plan: TemplatePlan
    ) throws {
        let all = checked.flatMap(\.findings)
        if all.contains(where: { $0.severity == .error }) {
            let open = checked.flatMap { checked in checked.machine.definition.placeholders }
            let hint =
                open.isEmpty
                ? ""
                : "\nPlaceholders without a value stay as they are: \(open.joined(separator: ", "))."
                    + " If that is what is wrong, add --parameter NAME=VALUE."
            let errors = all.filter { $0.severity == .error }.map(\.description).joined(separator: "\n")
            throw Exit(.dataError, "\(errors)\(hint)\nNothing was created.")
        }
        let cannotRun = checked.flatMap { checked in
            checked.findings.filter(\.isNotSupportedYet).map { "\(checked.machine.name): \($0)" }
        }
        for finding in all where finding.severity == .warning && !finding.isNotSupportedYet { remark("\(finding)") }
        let unfilled = checked.map(\.machine).filter { !$0.definition.placeholders.isEmpty }.map { machine in
            let names = machine.definition.placeholders.map { "${\($0)}" }.joined(separator: ", ")
            return "\(machine.name): \(names) stays as it is, since DefinitionSubstitutions does not name it."
        }
        let notReady = unfilled + cannotRun + plan.notLoaded
        for line in notReady { remark(line) }
        if strict, !notReady.isEmpty {
            throw Exit(.dataError, "Nothing was created, because --strict was given and not all of it can run here.")
        }
    }

    private static func preview(_ plan: TemplatePlan, json: Bool) -> String {
        let activities = plan.activities.map { ["activity", $0.name] }
        let machines = plan.machines.map { ["machine", $0.name, $0.type, $0.roleARN] }
        let versions = plan.versions.map { ["version", "of \($0.machineARN)"] }
        let rows = activities + machines + versions + plan.aliases.map { ["alias", $0.name] }
        guard json else {
            return rows.map { row in
                ([row[0].padding(toLength: 8, withPad: " ", startingAt: 0)] + row.dropFirst()).joined(separator: "  ")
            }.joined(separator: "\n")
        }
        let keys = ["kind", "name", "type", "roleArn"]
        return JSONValue.array(
            rows.map { row in .object(JSONObject(zip(keys, row).map { ($0, JSONValue.string($1)) })) }
        ).text
    }
}

extension Finding {
    /// Whether the definition is valid and this daemon does not run a part of it.
    var isNotSupportedYet: Bool { severity == .warning && cause.hasPrefix("NOT_SUPPORTED_YET") }
}
