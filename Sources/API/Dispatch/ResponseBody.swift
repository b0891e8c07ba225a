// The body of a response as bytes for the connection.

package import JSON
package import NIOCore

extension JSONObjectWriter {
    /// One object as the body of a response.
    package static func body(capacity: Int = 512, _ members: (inout JSONObjectWriter) -> Void) -> ByteBuffer {
        var writer = JSONObjectWriter(capacity: capacity)
        members(&writer)
        return writer.finish { ByteBuffer(bytes: $0) }
    }
}
