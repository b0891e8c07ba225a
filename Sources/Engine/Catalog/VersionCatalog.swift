// The versions and aliases that there are.

import Storage
import Synchronization

/// The versions and aliases of the store in memory, by machine.
package final class VersionCatalog: Sendable {
    private let store: any Store
    private let state = Mutex(State())

    private struct State {
        /// In the order of their numbers.
        var versions: [Int64: [VersionRecord]] = [:]
        /// In the order of their creation.
        var aliases: [Int64: [AliasRecord]] = [:]
    }

    init(store: any Store) { self.store = store }

    /// Reads all from the store; forgets what was there before.
    func load() throws(StoreError) {
        var fresh = State()
        for version in try store.versions() { fresh.versions[version.machine, default: []].append(version) }
        for alias in try store.aliases() { fresh.aliases[alias.machine, default: []].append(alias) }
        for machine in fresh.aliases.keys { fresh.aliases[machine]?.sort { $0.creationDate < $1.creationDate } }
        let loaded = fresh
        state.withLock { $0 = loaded }
    }

    /// A machine's versions, oldest first.
    func versions(of machine: Int64) -> [VersionRecord] { state.withLock { $0.versions[machine] ?? [] } }

    func version(_ number: Int, of machine: Int64) -> VersionRecord? {
        versions(of: machine).first { $0.number == number }
    }

    /// A machine's aliases, oldest first.
    func aliases(of machine: Int64) -> [AliasRecord] { state.withLock { $0.aliases[machine] ?? [] } }

    func alias(_ name: String, of machine: Int64) -> AliasRecord? { aliases(of: machine).first { $0.name == name } }

    // MARK: - What has been committed

    func put(_ version: VersionRecord) { state.withLock { $0.versions[version.machine, default: []].append(version) } }

    func remove(version number: Int, of machine: Int64) {
        state.withLock { $0.versions[machine]?.removeAll { $0.number == number } }
    }

    func put(_ alias: AliasRecord) {
        state.withLock { state in
            if let place = state.aliases[alias.machine]?.firstIndex(where: { $0.name == alias.name }) {
                state.aliases[alias.machine]?[place] = alias
            } else {
                state.aliases[alias.machine, default: []].append(alias)
            }
        }
    }

    func remove(alias name: String, of machine: Int64) {
        state.withLock { $0.aliases[machine]?.removeAll { $0.name == name } }
    }

    func remove(machine: Int64) {
        state.withLock { state in
            state.versions[machine] = nil
            state.aliases[machine] = nil
        }
    }
}
