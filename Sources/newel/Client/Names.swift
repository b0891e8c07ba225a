// Machines and executions by the names that people type, and by their ARNs.

import Core
import JSON

extension APIClient {
    /// The ARN of a machine that is given by name, by `NAME:VERSION` or by ARN. A name is looked up in the list of
    /// machines, which alone knows account and region.
    func machineARN(_ given: String) async throws -> String {
        if given.hasPrefix("arn:") { return given }
        let parts = given.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let machines = try await list("ListStateMachines", "stateMachines", limit: .max)
        let names = machines.compactMap { $0["name"]?.stringValue }
        guard let found = machines.first(where: { $0["name"]?.stringValue == String(parts[0]) }),
            let arn = found["stateMachineArn"]?.stringValue
        else {
            let near = nearest(to: String(parts[0]), among: names).map { " Did you mean \($0)?" } ?? ""
            let elsewhere = near.isEmpty ? try await machinesElsewhere().map { " \($0)" } ?? "" : ""
            throw Exit(.noInput, "There is no state machine \(parts[0]).\(near)\(elsewhere)")
        }
        return parts.count == 2 ? "\(arn):\(parts[1])" : arn
    }

    /// The ARN of an execution that is given by ARN or as `MACHINE:NAME`.
    func executionARN(_ given: String) async throws -> String {
        if given.hasPrefix("arn:") { return given }
        let parts = given.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw Exit(.usage, "\(given) is no execution: give its ARN or MACHINE:NAME.")
        }
        let machine = try await machineARN(parts[0])
        return machine.replacing(":stateMachine:", with: ":execution:", maxReplacements: 1) + ":\(parts[1])"
    }
}
