// Clients of a world that change machines and activities.

import Core
import Engine
import EngineSupport
import Expressions
import JSON
import States
import Storage

/// The machines and activities of a world.
enum Machines {
    /// Leaves first: a machine starts executions of those before it only.
    static let standard = ["m1", "m2", "m3", "m4", deletable]
    static let express = "x1"
    /// Deleted and created again.
    static let deletable = "d1"
    static let activity = "a1"
    /// Deleted and created again.
    static let deletableActivity = "a2"

    static func type(of name: String) -> MachineType { name == express ? .express : .standard }

    /// A random definition of the machine of that name.
    static func definition(of name: String, seed: UInt64) -> String {
        var random = RandomMachine(seed: seed)
        random.isExpress = name == express
        switch name {
        case "m3": random.callees = ["m1", "m2"]
        case "m4": random.callees = ["m1", "m3", express]
        default: break
        }
        return random.definition()
    }
}

extension World {
    /// The world begins with all machines in the store.
    func createMachines() throws(StoreError) {
        let epoch = try store.claim()
        for (index, name) in (Machines.standard + [Machines.express]).enumerated() {
            let definition = Machines.definition(of: name, seed: chance.next())
            let id = Int64(index + 1)
            let revision = RevisionRecord(
                id: id, machine: id, revisionID: nil, definition: definition,
                roleARN: "arn:aws:iam::000000000000:role/r", creationDate: Timestamp(milliseconds: 0),
                loggingConfiguration: "{}", tracingConfiguration: "{}", encryptionConfiguration: "{}")
            let record = MachineRecord(
                id: id, arn: Self.machineARN(name), name: name, type: Machines.type(of: name).rawValue,
                creationDate: revision.creationDate, revision: revision)
            try store.commit([.createMachine(record)], epoch: epoch)
            ledger.definitions[name] = [definition]
        }
        for name in [Machines.activity, Machines.deletableActivity] {
            let record = ActivityRecord(
                arn: Self.scope.activityARN(name), name: name, creationDate: Timestamp(milliseconds: 0))
            try store.commit([.putActivity(record)], epoch: epoch)
        }
    }

    func changeCatalog(_ engine: Engine) {
        switch chance.number(below: 12) {
        case 0...3: update(engine, Machines.standard[chance.number(below: Machines.standard.count)])
        case 4...5: publish(engine, Machines.standard[chance.number(below: 4)])
        case 6: deleteMachine(engine)
        case 7...9: createMachine(engine)
        case 10: deleteActivity(engine)
        default: createActivity(engine)
        }
    }

    // MARK: - Machines

    /// One change of a machine at a time, so that what it may be is known.
    private func isChanging(_ operations: Set<Operation>) -> Bool { calls.values.contains { operations.contains($0) } }

    private func update(_ engine: Engine, _ name: String) {
        guard !isChanging([.updateMachine, .createMachine, .deleteMachine]) else { return }
        let (call, life) = (call(.updateMachine), life!)
        let definition = Machines.definition(of: name, seed: chance.next())
        ledger.definitions[name, default: []].append(definition)
        life.ask { () throws(ServiceError) in
            try await engine.updateStateMachine(UpdateStateMachine(arn: Self.machineARN(name), definition: definition))
        } reply: { [self] result in
            guard answered(call, in: life) else { return }
            switch result {
            case .success:
                ledger.definitions[name] = [definition]
                if !isStored(definition, of: name) { ledger.violate("the update of \(name) was not stored") }
            case .failure(let error):
                check(error, .updateMachine, allowed: [.stateMachineDoesNotExist, .stateMachineDeleting])
            }
        }
    }

    private func isStored(_ definition: String, of name: String) -> Bool {
        store.peek { $0.machines.values.contains { $0.name == name && $0.revision.definition == definition } }
    }

    private func publish(_ engine: Engine, _ name: String) {
        let (call, life) = (call(.publishVersion), life!)
        life.ask { () throws(ServiceError) in
            try await engine.publishVersion(arn: Self.machineARN(name), revisionID: nil, description: nil)
        } reply: { [self] result in
            guard answered(call, in: life) else { return }
            switch result {
            case .success(let version):
                ledger.versions[name, default: []].insert(version.number)
                let isStored = store.peek { $0.versions.contains(version) }
                if !isStored { ledger.violate("version \(version.number) of \(name) was not stored") }
            case .failure(let error): check(error, .publishVersion)
            }
        }
    }

    private func createMachine(_ engine: Engine) {
        guard !isChanging([.updateMachine, .createMachine, .deleteMachine]) else { return }
        let (call, life) = (call(.createMachine), life!)
        let name = Machines.deletable
        let definition = Machines.definition(of: name, seed: chance.next())
        ledger.definitions[name, default: []].append(definition)
        let request = CreateStateMachine(
            name: name, definition: definition, roleARN: "arn:aws:iam::000000000000:role/r", type: .standard,
            loggingConfiguration: "{}", tracingConfiguration: "{}", encryptionConfiguration: "{}", tags: "[]",
            scope: Self.scope)
        life.ask { () throws(ServiceError) in
            try await engine.createStateMachine(request)
        } reply: { [self] result in
            guard answered(call, in: life) else { return }
            switch result {
            case .success:
                ledger.definitions[name] = [definition]
                if !isStored(definition, of: name) { ledger.violate("the creation of \(name) was not stored") }
            case .failure(let error):
                check(error, .createMachine, allowed: [.stateMachineAlreadyExists, .stateMachineDeleting])
            }
        }
    }

    private func deleteMachine(_ engine: Engine) {
        guard !isChanging([.updateMachine, .createMachine, .deleteMachine]) else { return }
        let (call, life) = (call(.deleteMachine), life!)
        let name = Machines.deletable
        life.ask { () throws(ServiceError) in
            try await engine.deleteStateMachine(arn: Self.machineARN(name))
        } reply: { [self] result in
            guard answered(call, in: life) else { return }
            switch result {
            case .success:
                let isDeleted = store.peek { contents in
                    contents.machines.values.allSatisfy { $0.name != name || $0.deletionDate != nil }
                }
                if !isDeleted { ledger.violate("the deletion of \(name) was not stored") }
            case .failure(let error): check(error, .deleteMachine)
            }
        }
    }

    // MARK: - Activities

    func createActivity(_ engine: Engine) {
        let (call, life) = (call(.createActivity), life!)
        life.ask { () throws(ServiceError) in
            try await engine.createActivity(name: Machines.deletableActivity, tags: "[]", scope: Self.scope)
        } reply: { [self] result in
            guard answered(call, in: life) else { return }
            switch result {
            case .success(let record):
                let isStored = store.peek { $0.activities[record.arn] != nil }
                // It may have been deleted again since.
                if !isStored, !isChanging([.deleteActivity]) { ledger.violate("\(record.arn) was not stored") }
            case .failure(let error): check(error, .createActivity)
            }
        }
    }

    private func deleteActivity(_ engine: Engine) {
        let (call, life) = (call(.deleteActivity), life!)
        life.ask { () throws(ServiceError) in
            try await engine.deleteActivity(arn: Self.scope.activityARN(Machines.deletableActivity))
        } reply: { [self] result in
            guard answered(call, in: life) else { return }
            if case .failure(let error) = result { check(error, .deleteActivity) }
        }
    }
}
