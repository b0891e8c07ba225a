// SIGHUP: reads the configuration again and applies its roles, routes and machines.

import Core
import Gateway
import Identity
import Logging
import ServiceLifecycle
import UnixSignals

/// Applies what has changed part by part. A part with errors stays as it was, and the log says why. Every other setting
/// takes effect at the next start.
struct Reloader: Service {
    /// What the daemon was started with.
    let configuration: Configuration
    /// Reads the configuration file again; `nil` where there is none to read.
    let read: (@Sendable () async throws -> Configuration)?
    let identity: Current<IdentityCatalog>
    /// The gateway that serves, `nil` without a gateway.
    let gateway: Current<GatewayHandler>?
    /// Makes a gateway of a configuration and its routes.
    let makeGateway: @Sendable (Configuration, GatewayAPI) -> GatewayHandler
    let machines: Machines
    let systemd: Systemd
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) { await reload() }
        }
    }

    private func reload() async {
        guard let read else { return logger.warning("SIGHUP: there is no configuration file to reload") }
        systemd.reloading()
        defer { systemd.ready("Serving; the configuration was reloaded") }
        var new = configuration
        do {
            let changed = try await read()
            new.identityFolder = changed.identityFolder
            new.gateway = changed.gateway
            new.machines = changed.machines
        } catch {
            logger.error("Nothing is reloaded: the configuration has errors", metadata: ["error": "\(error)"])
            return
        }
        reloadRoles(new)
        reloadRoutes(new)
        let updated = await reloadMachines(new)
        logger.notice("Reloaded", metadata: ["machines": "\(updated)", "roles": "\(identity.value.roles.count)"])
    }

    private func reloadRoles(_ new: Configuration) {
        do throws(Findings) {
            identity.replace(with: try Inspection.catalog(new))
        } catch {
            keep("the roles", error.list)
        }
    }

    private func reloadRoutes(_ new: Configuration) {
        guard let gateway else { return }
        guard let settings = new.gateway else { return gateway.replace(with: makeGateway(new, .empty)) }
        let (api, findings) = Inspection.routes(settings.openAPI)
        guard let api else { return keep("the routes", findings) }
        for finding in findings { logger.warning("\(finding)") }
        gateway.replace(with: makeGateway(new, api))
    }

    /// Gives how many machines are as configured.
    private func reloadMachines(_ new: Configuration) async -> Int {
        var count = 0
        for machine in new.machines {
            do {
                try await machines.bring(machine)
                count += 1
            } catch {
                keep("the machine \(machine.name)", (error as? Findings)?.list ?? [], "\(error)")
            }
        }
        return count
    }

    private func keep(_ what: String, _ findings: [Finding], _ error: String = "") {
        let errors = findings.filter { $0.severity == .error }.map { "\($0)" }
        logger.error(
            "Kept as before the reload: \(what)",
            metadata: ["error": "\(errors.isEmpty ? error : errors.joined(separator: "; "))"])
    }
}
