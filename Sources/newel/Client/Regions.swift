// Machines that a client does not see because it asks in another region.

import JSON

extension APIClient {
    /// Regions that are asked where the client's own has no machine.
    private static let usual = [
        "us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1",
        "eu-north-1", "eu-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "ap-northeast-2",
        "ap-south-1", "ca-central-1", "sa-east-1",
    ]

    /// Returns a sentence where the client's region has no machine and another one has; `nil` otherwise.
    func machinesElsewhere() async throws -> String? {
        guard try await list("ListStateMachines", "stateMachines", limit: 1).isEmpty else { return nil }
        // Without a signature a request is of the daemon's own account and region.
        var clients = [APIClient(endpoint: endpoint, region: region, key: nil)]
        if key != nil { clients += Self.usual.map { APIClient(endpoint: endpoint, region: $0, key: key) } }
        for client in clients where client.key == nil || client.region != region {
            guard let machines = try? await client.list("ListStateMachines", "stateMachines", limit: 1000),
                let arn = machines.first?["stateMachineArn"]?.stringValue
            else { continue }
            let fields = arn.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count > 4 else { continue }
            let count = machines.count == 1 ? "There is 1 machine" : "There are \(machines.count) machines"
            let here = "There are no state machines in \(region)"
            if fields[3] != region { return "\(here). \(count) in \(fields[3]): add --region \(fields[3])." }
            return "\(here) of account \(account ?? "-"). \(count) of account \(fields[4])."
        }
        return nil
    }
}
