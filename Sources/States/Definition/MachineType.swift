// Standard or Express: two sets of rules over one language.

/// `type` of CreateStateMachine.
package enum MachineType: String, Sendable, CaseIterable {
    case standard = "STANDARD"
    case express = "EXPRESS"
}
