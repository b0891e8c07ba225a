// What an ARN of a machine may point to: the machine, a version, an alias (api.md §2).

import Core
import States
package import Storage

/// A machine's ARN, taken apart: `…:stateMachine:NAME[:VERSION|:ALIAS]`.
package struct MachineReference: Sendable, Equatable {
    package enum Qualifier: Sendable, Equatable {
        case version(Int)
        case alias(String)
    }

    /// The ARN as it was given.
    package var arn: String
    /// The ARN of the machine alone.
    package var machineARN: String
    package var qualifier: Qualifier?

    /// Throws InvalidArn.
    package init(_ arn: String) throws(ServiceError) {
        let parsed = try ResourceARN(arn, types: ["stateMachine"])
        guard parsed.parts.count <= 2, parsed.parts.last?.isEmpty == false else {
            throw .invalidARN("Invalid ARN: \(arn)")
        }
        self.arn = arn
        machineARN = "\(parsed.prefix):stateMachine:\(parsed.parts[0])"
        guard parsed.parts.count == 2 else { return }
        // An alias has a letter or a sign at least, so that the two cannot be taken for each other.
        let isNumber = parsed.parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) }
        if isNumber {
            qualifier = .version(Int(parsed.parts[1]) ?? .max)
        } else {
            qualifier = .alias(parsed.parts[1])
        }
    }
}

/// What a start, or a look, at a machine's ARN comes to.
package struct MachineTarget: Sendable {
    /// The machine at the revision that counts.
    package var entry: MachineEntry
    package var version: VersionRecord?
    /// The alias's name.
    package var alias: String?
}

extension Engine {
    /// The machine at its newest revision, at a version's, or at that of one of an alias's routes, chosen by weight.
    /// Throws InvalidArn, StateMachineDoesNotExist.
    func target(_ arn: String) throws(ServiceError) -> MachineTarget {
        // What nearly every start comes by: no qualifier.
        if let entry = catalog.entry(arn: arn) { return MachineTarget(entry: entry) }
        let reference = try MachineReference(arn)
        guard let qualifier = reference.qualifier, let entry = catalog.entry(arn: reference.machineARN) else {
            throw .stateMachineDoesNotExist(arn)
        }
        let machine = entry.record.id
        switch qualifier {
        case .version(let number):
            guard let version = catalog.versions.version(number, of: machine) else {
                throw .stateMachineDoesNotExist(arn)
            }
            return try target(version)
        case .alias(let name):
            guard let alias = catalog.versions.alias(name, of: machine),
                let version = catalog.versions.version(alias.version(for: .random(in: 0..<100)), of: machine)
            else { throw .stateMachineDoesNotExist(arn) }
            var target = try target(version)
            target.alias = name
            return target
        }
    }

    private func target(_ version: VersionRecord) throws(ServiceError) -> MachineTarget {
        do throws(StoreError) {
            return MachineTarget(entry: try catalog.entry(revision: version.revision), version: version)
        } catch { throw error.asServiceError }
    }

    /// What may be started.
    func startable(_ arn: String) throws(ServiceError) -> MachineTarget {
        let target = try target(arn)
        if catalog.isDeleting(target.entry.record.id) { throw .stateMachineDeleting(target.entry.record.arn) }
        return target
    }
}

extension AliasRecord {
    /// The version that a draw from 0 to 99 comes to.
    package func version(for draw: Int) -> Int {
        guard routes.count > 1, draw >= routes[0].weight else { return routes[0].version }
        return routes[1].version
    }
}
