// Why a text is not JSON, in the words that AWS's service uses (Jackson's), and where.

/// A text that could not be read as JSON.
package struct JSONError: Error, Equatable, Sendable {
    package enum Code: Sendable {
        case malformed
        case invalidUTF8
        case tooDeep
        case tooLarge
    }

    package var code: Code
    /// Jackson's sentence, without its source location: AWS's answers quote it
    /// (`Invalid State Machine Execution Input: '…'`).
    package var message: String
    /// Where in the text, in bytes from 0.
    package var offset: Int
    /// Line and column from 1 as Jackson gives them, behind the character or word at fault; columns count UTF-16 units.
    package var line: Int
    package var column: Int
}

extension JSONError: CustomStringConvertible {
    package var description: String { "\(message) at line \(line), column \(column)" }
}

/// What the parser puts up with.
package struct JSONLimits: Sendable {
    /// How deep arrays and objects may nest.
    package var depth: Int
    /// How long the text may be, in bytes.
    package var bytes: Int

    package init(depth: Int = 512, bytes: Int = 64 << 20) {
        self.depth = depth
        self.bytes = bytes
    }
}

/// Which of a printer's limits a value has met.
package enum JSONExcess: Error, Equatable, Sendable {
    case bytes
    case depth
}
