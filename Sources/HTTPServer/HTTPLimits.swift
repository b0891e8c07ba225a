// What a listener accepts from its clients.

package import NIOCore
import NIOHTTP1

/// Sizes in bytes. The defaults keep header floods (CVE-2026-28980) and slow clients out.
package struct HTTPLimits: Sendable {
    package var bodyBytes = 2 << 20
    /// Bodies that have begun to arrive and are not whole, of all connections of the process: 256 MiB. Beyond that a
    /// request gets 503.
    package var unfinishedBytes = 256 << 20
    package var headerFields = 128
    /// All header fields of a request together.
    package var headerListBytes = 32 << 10
    /// One header field, name and value.
    package var headerFieldBytes = 16 << 10
    /// From the first byte of a request to the end of its header.
    package var headerTimeout = TimeAmount.seconds(10)
    /// From the end of the header to the end of the body.
    package var bodyTimeout = TimeAmount.seconds(30)
    /// Between two requests of a connection.
    package var idleTimeout = TimeAmount.seconds(120)
    package var connections = 10_000
    /// How long requests may still take when the server stops.
    package var drainTimeout = TimeAmount.seconds(8)

    package init() {}

    /// Connections are looked at so often that none outlives its timeout by more than a quarter.
    var sweepInterval: TimeAmount {
        let shortest = min(headerTimeout, bodyTimeout, idleTimeout).nanoseconds / 4
        return .nanoseconds(min(max(shortest, 5_000_000), 500_000_000))
    }

    var decoder: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldCount = headerFields
        limits.maxHeaderListSize = headerListBytes
        limits.maxHeaderFieldSize = headerFieldBytes
        return limits
    }
}
