// What the tests of the recipe move share: folders, calls of handlers, chance with a seed.

import Foundation
import Functions
import JSON
import Synchronization

@testable import RecipeMove

/// A folder that is gone when the test is.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/recipes-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var configuration: RecipeMoveConfiguration {
        RecipeMoveConfiguration(databasePath: path + "/recipes.db", searchPath: path + "/search.db")
    }
}

extension RecipeMoveConfiguration {
    static var inMemory: RecipeMoveConfiguration {
        RecipeMoveConfiguration(databasePath: ":memory:", searchPath: ":memory:")
    }
}

extension RecipeMove {
    /// Calls a handler as the state machine would.
    func call(_ function: String, _ input: JSONValue, execution: String = "arn:execution") throws -> JSONValue {
        guard let handler = functions.first(where: { $0.name == function }) else {
            throw FunctionError(type: "Test.NoHandler", message: function)
        }
        let context = FunctionContext(
            requestID: "request", executionARN: execution, functionARN: function)
        return try handler.body(input, context)
    }
}

/// A seeded generator that may be used from anywhere.
final class Chance: Sendable {
    private let state: Mutex<UInt64>

    init(seed: UInt64) { state = Mutex(seed) }

    /// 0..<bound
    func next(_ bound: Int) -> Int {
        let z = state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        return Int(z % UInt64(bound))
    }
}
