// CreateStateMachineAlias, UpdateStateMachineAlias, DescribeStateMachineAlias, ListStateMachineAliases,
// DeleteStateMachineAlias (api.md §3, Versions & aliases).

package import Core
import States
package import Storage

/// Where an alias leads, as the API has it.
package struct AliasRoute: Sendable, Equatable {
    package var versionARN: String
    package var weight: Int

    package init(versionARN: String, weight: Int) {
        self.versionARN = versionARN
        self.weight = weight
    }
}

extension Engine {
    /// Creates an alias of the machine whose versions the routes name, or gives the one that is there when it is the
    /// same. Throws ValidationException for routes that lead nowhere, ConflictException for another alias of that name.
    package func createAlias(
        name: String, description: String?, routes: [AliasRoute]
    ) async throws(ServiceError) -> (arn: String, alias: AliasRecord) {
        try checkRunning()
        let (reference, wanted) = try check(routes)
        await catalogGate.enter()
        defer { catalogGate.leave() }
        try await refreshCatalog()
        guard let entry = catalog.entry(arn: reference.machineARN) else {
            throw .referenceNotFound(reference.machineARN)
        }
        let machine = entry.record.id
        if catalog.isDeleting(machine) { throw .stateMachineDeleting(entry.record.arn) }
        try checkVersions(wanted, of: machine, reference.machineARN)
        let arn = "\(reference.machineARN):\(name)"
        if let known = catalog.versions.alias(name, of: machine) {
            guard known.description == description, known.routes == wanted else {
                throw ServiceError(
                    .conflictException,
                    "Failed to create alias because an alias with the same name and a different routing configuration"
                        + " already exists.")
            }
            return (arn, known)
        }
        let maximum = configuration.limits.api.maximumAliases
        guard catalog.versions.aliases(of: machine).count < maximum else {
            throw ServiceError(
                .serviceQuotaExceededException,
                "The maximum number of aliases of a state machine is \(maximum): \(entry.record.arn)")
        }
        let now = clock()
        let alias = AliasRecord(
            machine: machine, name: name, description: description, routes: wanted, creationDate: now, updateDate: now)
        try await commit([.putAlias(alias)])
        catalog.versions.put(alias)
        return (arn, alias)
    }

    /// Changes what is given. Throws ResourceNotFound.
    package func updateAlias(
        arn: String, description: String?, routes: [AliasRoute]?
    ) async throws(ServiceError) -> Timestamp {
        try checkRunning()
        await catalogGate.enter()
        defer { catalogGate.leave() }
        try await refreshCatalog()
        var (_, alias) = try describeAlias(arn: arn)
        if let routes {
            let (reference, wanted) = try check(routes)
            guard try reference.machineARN == MachineReference(arn).machineARN else {
                throw .referenceNotFound(routes[0].versionARN)
            }
            try checkVersions(wanted, of: alias.machine, reference.machineARN)
            alias.routes = wanted
        }
        alias.description = description ?? alias.description
        alias.updateDate = clock()
        try await commit([.putAlias(alias)])
        catalog.versions.put(alias)
        return alias.updateDate
    }

    /// Throws InvalidArn and ResourceNotFound.
    package func describeAlias(arn: String) throws(ServiceError) -> (machineARN: String, alias: AliasRecord) {
        let reference = try MachineReference(arn)
        guard case .alias(let name)? = reference.qualifier,
            let machine = catalog.entry(arn: reference.machineARN)?.record.id,
            let alias = catalog.versions.alias(name, of: machine)
        else { throw .referenceNotFound(arn) }
        return (reference.machineARN, alias)
    }

    /// A machine's aliases, or those that lead to one version, oldest first, behind the alias `after`.
    package func listAliases(
        arn: String, after: String?, limit: Int
    ) throws(ServiceError) -> (machineARN: String, aliases: [AliasRecord]) {
        let reference = try MachineReference(arn)
        guard let machine = catalog.entry(arn: reference.machineARN)?.record.id else {
            throw .stateMachineDoesNotExist(arn)
        }
        var aliases = catalog.versions.aliases(of: machine)
        if let after, let place = aliases.firstIndex(where: { $0.name == after }) { aliases.removeFirst(place + 1) }
        switch reference.qualifier {
        case nil: break
        case .version(let number): aliases.removeAll { !$0.routes.contains { $0.version == number } }
        case .alias: throw .stateMachineDoesNotExist(arn)
        }
        return (reference.machineARN, Array(aliases.prefix(limit)))
    }

    /// Deletes an alias; one that is not there is no error.
    package func deleteAlias(arn: String) async throws(ServiceError) {
        try checkRunning()
        let reference = try MachineReference(arn)
        guard case .alias(let name)? = reference.qualifier else {
            throw .invalidARN("Alias must be specified in the ARN: \(arn)")
        }
        await catalogGate.enter()
        defer { catalogGate.leave() }
        try await refreshCatalog()
        guard let machine = catalog.entry(arn: reference.machineARN)?.record.id,
            catalog.versions.alias(name, of: machine) != nil
        else { return }
        try await commit([.deleteAlias(machine: machine, name: name)])
        catalog.versions.remove(alias: name, of: machine)
    }

    // MARK: - Routes

    /// The machine and the routes, checked in the service's order.
    private func check(
        _ routes: [AliasRoute]
    ) throws(ServiceError) -> (machine: MachineReference, routes: [AliasRecord.Route]) {
        let received = "Received: [\(routes.map(\.versionARN).joined(separator: ", "))]"
        var references: [MachineReference] = []
        var wanted: [AliasRecord.Route] = []
        for route in routes {
            let reference = try MachineReference(route.versionARN)
            guard case .version(let number)? = reference.qualifier else {
                throw .routing("Routing configuration must contain state machine version ARNs. \(received)")
            }
            references.append(reference)
            wanted.append(AliasRecord.Route(version: number, weight: route.weight))
        }
        guard let first = references.first else { throw .routing("Routing configuration must not be empty") }
        guard Set(routes.map(\.versionARN)).count == routes.count else {
            throw .routing("Routing configuration must contain distinct state machine version ARNs. \(received)")
        }
        guard references.allSatisfy({ $0.machineARN == first.machineARN }) else {
            throw .routing("Routing configuration must contain versions of the same state machine. \(received)")
        }
        guard routes.reduce(0, { $0 + $1.weight }) == 100 else {
            let weights = routes.map { String($0.weight) }.joined(separator: ", ")
            throw .routing("Sum of routing configuration weights must equal 100. Received: [\(weights)]")
        }
        return (first, wanted)
    }

    private func checkVersions(
        _ routes: [AliasRecord.Route], of machine: Int64, _ machineARN: String
    ) throws(ServiceError) {
        for route in routes where catalog.versions.version(route.version, of: machine) == nil {
            throw .referenceNotFound("\(machineARN):\(route.version)")
        }
    }
}

extension ServiceError {
    fileprivate static func routing(_ message: String) -> ServiceError {
        ServiceError(.validationException, message, reason: .routingConfiguration)
    }
}
