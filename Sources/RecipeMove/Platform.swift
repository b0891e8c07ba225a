// Waiting, which this target takes from Foundation.

import Foundation

/// Blocks this thread.
func sleepMilliseconds(_ milliseconds: Int) { Thread.sleep(forTimeInterval: Double(milliseconds) / 1000) }
