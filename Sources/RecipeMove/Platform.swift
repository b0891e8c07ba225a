// Base64 and waiting, which this floor takes from Foundation.

import Foundation

enum Base64 {
    static func encode(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}

/// Blocks this thread.
func sleepMilliseconds(_ milliseconds: Int) { Thread.sleep(forTimeInterval: Double(milliseconds) / 1000) }
