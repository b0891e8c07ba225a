// The numbers that bound what Newel accepts, keeps and does at once, by area.

/// Bounds of all areas, with AWS's quotas as defaults (language.md §13, quotas-pricing.md §2).
///
/// Members of a value can be set by the configuration or by a test. Static members are the same everywhere: AWS
/// documents them, or the code that reads them is too hot or too deep to be handed a value. An area without members
/// that can be set is an `enum`.
package struct Limits: Sendable, Equatable {
    /// What a state machine and its executions may hold.
    package var language = Language()
    /// What the evaluations of paths, intrinsic functions and JSONata may use.
    package var evaluation = Evaluation()
    /// What is done before others get their turn.
    package var turn = Turn()
    /// What clients of the API may create and ask for.
    package var api = API()

    /// Creates AWS's quotas and Newel's own defaults.
    package init() {}
}
