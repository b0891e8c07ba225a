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

/// The machine, version or alias that an ARN names.
package struct MachineTarget: Sendable {
    /// The machine at the version's revision, or at its newest.
    package var entry: MachineEntry
    package var version: VersionRecord?
    /// The alias's name.
    package var alias: String?
}

/// What an ARN names, before the definition of an older revision is compiled.
struct MachineLookup: Sendable {
    /// The machine at its newest revision.
    var newest: MachineEntry
    var version: VersionRecord?
    /// The alias's name.
    var alias: String?
}

extension Engine {
    /// Returns the machine, the version, or one of the versions that an alias routes to, chosen by weight. Throws
    /// InvalidArn, StateMachineDoesNotExist.
    func lookUp(_ arn: String) throws(ServiceError) -> MachineLookup {
        // What nearly every start comes by: no qualifier.
        if let entry = catalog.entry(arn: arn) { return MachineLookup(newest: entry) }
        let reference = try MachineReference(arn)
        guard let qualifier = reference.qualifier, let entry = catalog.entry(arn: reference.machineARN) else {
            throw .stateMachineDoesNotExist(arn)
        }
        let machine = entry.record.id
        let version: VersionRecord?
        var lookup = MachineLookup(newest: entry)
        switch qualifier {
        case .version(let number): version = catalog.versions.version(number, of: machine)
        case .alias(let name):
            lookup.alias = name
            version = catalog.versions.alias(name, of: machine).flatMap { alias in
                catalog.versions.version(alias.version(for: runtime.random.number(below: 100)), of: machine)
            }
        }
        guard let version else { throw .stateMachineDoesNotExist(arn) }
        lookup.version = version
        return lookup
    }

    /// The same for a start. Throws StateMachineDeleting too.
    func lookUpStartable(_ arn: String) throws(ServiceError) -> MachineLookup {
        let lookup = try lookUp(arn)
        let machine = lookup.newest.record
        if catalog.isDeleting(machine.id) { throw .stateMachineDeleting(machine.arn) }
        return lookup
    }

    /// The compiled machine where it is in memory, else `nil`.
    func target(_ lookup: MachineLookup) -> MachineTarget? {
        guard let version = lookup.version else { return MachineTarget(entry: lookup.newest) }
        return catalog.cached(revision: version.revision).map {
            MachineTarget(entry: $0, version: version, alias: lookup.alias)
        }
    }

    /// The compiled machine. A revision that is not in memory is read and compiled on a reader queue: that takes tens
    /// of milliseconds, and event loops serve other clients.
    func compiledTarget(_ lookup: MachineLookup) async throws(ServiceError) -> MachineTarget {
        if let target = target(lookup) { return target }
        return try await readers.read { () throws(StoreError) in try self.compile(lookup) }
    }

    /// The same for callers without a Swift task. `body` runs at once where the machine is in memory.
    func withTarget(
        _ lookup: MachineLookup, _ body: @escaping @Sendable (Result<MachineTarget, ServiceError>) -> Void
    ) {
        if let target = target(lookup) { return body(.success(target)) }
        readers.perform { [self] in
            do throws(StoreError) { body(.success(try compile(lookup))) } catch { body(.failure(.unreadable(error))) }
        }
    }

    private func compile(_ lookup: MachineLookup) throws(StoreError) -> MachineTarget {
        let revision = lookup.version?.revision ?? lookup.newest.revision.id
        return MachineTarget(
            entry: try catalog.entry(revision: revision), version: lookup.version, alias: lookup.alias)
    }
}

extension AliasRecord {
    /// The version for a number drawn from 0 to 99.
    package func version(for draw: Int) -> Int {
        guard routes.count > 1, draw >= routes[0].weight else { return routes[0].version }
        return routes[1].version
    }
}
