// `newel machine`: state machines of a running daemon.

import ArgumentParser
import Core

struct MachineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "machine",
        abstract: "List, show, create, load, publish, compare and delete state machines.",
        discussion: """
            newel machine create hello hello.asl.json
            newel machine load template.yaml
            newel machine diff hello hello.asl.json
            newel machine show hello --definition > hello.asl.json

            A machine is named by its name or its ARN.

            \(ExitCodes.text)
            """,
        subcommands: [
            MachineList.self, MachineShow.self, MachineCreate.self, MachineLoad.self, MachineDiff.self,
            MachinePublish.self, MachineAlias.self, MachineDelete.self,
        ])
}
