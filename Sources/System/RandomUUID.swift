// Randomness of the operating system.

package import Core

extension UUIDText {
    /// Returns the text of a new UUID of version 4.
    package static func random() -> String {
        UUIDText(version4: .random(in: .min ... .max), .random(in: .min ... .max)).text
    }
}
