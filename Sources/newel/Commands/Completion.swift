// `newel completion`: completion for the shell.

import ArgumentParser

struct Completion: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a completion script for a shell.",
        discussion: """
            newel completion bash > ~/.local/share/bash-completion/completions/newel
            newel completion zsh > ~/.zfunc/_newel
            newel completion fish > ~/.config/fish/completions/newel.fish
            """)

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() throws {
        let shell: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        print(Newel.completionScript(for: shell))
    }
}
