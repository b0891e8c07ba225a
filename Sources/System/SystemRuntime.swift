// The runtime of a process: clock and randomness of the operating system, lanes on its threads.

package import Core

/// The randomness of the operating system.
package struct SystemRandom: RandomSource {
    package init() {}

    package func next() -> UInt64 { .random(in: .min ... .max) }
}

extension Runtime {
    /// The operating system's, with lanes of its own.
    package static func system() -> Runtime {
        Runtime(clock: SystemClock(), random: SystemRandom(), executor: DispatchLanes())
    }
}
