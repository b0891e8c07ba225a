// Why an intrinsic function could not be read or gave nothing.

/// An intrinsic function that is not well formed, or that refused its arguments.
package struct IntrinsicError: Error, Sendable, Equatable {
    package enum Code: Sendable {
        /// The text is no call of an intrinsic function; `offset` says where. Found when a definition is compiled.
        case syntax
        /// The function refused its arguments: States.IntrinsicFailure, which Retry and Catch may name.
        case failure
        /// An argument's path leads nowhere: States.Runtime.
        case argumentNotFound
        /// An argument's path is beyond its budget of nodes: States.Runtime.
        case budget
    }

    package var code: Code
    package var message: String
    /// Where in the text, in bytes from 0; 0 where the text is not at fault.
    package var offset: Int

    package init(code: Code, message: String, offset: Int = 0) {
        self.code = code
        self.message = message
        self.offset = offset
    }

    static func failure(_ message: String) -> IntrinsicError { IntrinsicError(code: .failure, message: message) }
}
