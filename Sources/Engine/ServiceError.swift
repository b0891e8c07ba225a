// The errors of the Step Functions API, with the service's own texts (api.md §1.4).

package import States
import Storage

/// An answer that AWS gives as an exception: its shape's name and its message.
package struct ServiceError: Error, Sendable, Equatable {
    package enum Code: String, Sendable, CaseIterable {
        case activityAlreadyExists = "ActivityAlreadyExists"
        case activityDoesNotExist = "ActivityDoesNotExist"
        case activityWorkerLimitExceeded = "ActivityWorkerLimitExceeded"
        case conflictException = "ConflictException"
        case executionAlreadyExists = "ExecutionAlreadyExists"
        case executionDoesNotExist = "ExecutionDoesNotExist"
        case executionLimitExceeded = "ExecutionLimitExceeded"
        case executionNotRedrivable = "ExecutionNotRedrivable"
        case invalidArn = "InvalidArn"
        case invalidDefinition = "InvalidDefinition"
        case invalidExecutionInput = "InvalidExecutionInput"
        case invalidLoggingConfiguration = "InvalidLoggingConfiguration"
        case invalidName = "InvalidName"
        case invalidOutput = "InvalidOutput"
        case invalidToken = "InvalidToken"
        case missingRequiredParameter = "MissingRequiredParameter"
        case resourceNotFound = "ResourceNotFound"
        case serviceQuotaExceededException = "ServiceQuotaExceededException"
        case stateMachineAlreadyExists = "StateMachineAlreadyExists"
        case stateMachineDeleting = "StateMachineDeleting"
        case stateMachineDoesNotExist = "StateMachineDoesNotExist"
        case stateMachineTypeNotSupported = "StateMachineTypeNotSupported"
        case taskDoesNotExist = "TaskDoesNotExist"
        case taskTimedOut = "TaskTimedOut"
        case throttlingException = "ThrottlingException"
        case tooManyTags = "TooManyTags"
        case validationException = "ValidationException"
        /// Not modeled: the server's own failure, retried by SDKs.
        case internalFailure = "InternalFailure"
        case serviceUnavailable = "ServiceUnavailable"
    }

    /// `ValidationException.reason`.
    package enum Reason: String, Sendable {
        case labeledARN = "API_DOES_NOT_SUPPORT_LABELED_ARNS"
        case routingConfiguration = "INVALID_ROUTING_CONFIGURATION"
    }

    package var code: Code
    package var message: String
    /// Of a ValidationException, where the model has a name for what is wrong.
    package var reason: Reason?
    /// Of ResourceNotFound and TooManyTags: the ARN.
    package var resourceName: String?
    /// Whether the same request may succeed shortly.
    var isTransient: Bool
    /// What failed, for the log. Clients do not see it.
    package var cause: String?

    package init(_ code: Code, _ message: String, reason: Reason? = nil, resourceName: String? = nil) {
        self.code = code
        self.message = message
        self.reason = reason
        self.resourceName = resourceName
        isTransient = code == .serviceUnavailable
    }
}

extension ServiceError {
    package static func stateMachineDoesNotExist(_ arn: String) -> ServiceError {
        ServiceError(.stateMachineDoesNotExist, "State Machine Does Not Exist: '\(arn)'")
    }

    static func stateMachineDeleting(_ arn: String) -> ServiceError {
        ServiceError(.stateMachineDeleting, "State Machine is being deleted: '\(arn)'")
    }

    package static func stateMachineAlreadyExists(_ arn: String) -> ServiceError {
        ServiceError(.stateMachineAlreadyExists, "State Machine Already Exists: '\(arn)'")
    }

    package static func resourceNotFound(_ arn: String) -> ServiceError {
        ServiceError(.resourceNotFound, "Resource not found: '\(arn)'", resourceName: arn)
    }

    /// A version or an alias is not there.
    package static func referenceNotFound(_ arn: String) -> ServiceError {
        ServiceError(
            .resourceNotFound, "Request references a resource that does not exist.", resourceName: arn)
    }

    package static func executionDoesNotExist(_ arn: String) -> ServiceError {
        ServiceError(.executionDoesNotExist, "Execution Does Not Exist: '\(arn)'")
    }

    package static func executionAlreadyExists(_ arn: String) -> ServiceError {
        ServiceError(.executionAlreadyExists, "Execution Already Exists: '\(arn)'")
    }

    package static func activityDoesNotExist(_ arn: String) -> ServiceError {
        ServiceError(.activityDoesNotExist, "Activity Does Not Exist: '\(arn)'")
    }

    /// Finished, timed out, or its execution has ended (api.md §1.4).
    static let taskTimedOut = ServiceError(.taskTimedOut, "Task Timed Out: 'Provided task does not exist anymore'")

    static let taskDoesNotExist = ServiceError(.taskDoesNotExist, "Task Does Not Exist: 'Provided task does not exist'")

    /// A task token or page token that was not made here, or not for this.
    package static let invalidToken = ServiceError(.invalidToken, "Invalid Token: 'Invalid token'")

    static func executionNotRedrivable(_ reason: String) -> ServiceError {
        ServiceError(.executionNotRedrivable, reason)
    }

    package static func invalidName(_ name: String) -> ServiceError {
        ServiceError(.invalidName, "Invalid Name: '\(name)'")
    }

    package static func invalidARN(_ reason: String) -> ServiceError {
        ServiceError(.invalidArn, "Invalid Arn: '\(reason)'")
    }

    package static func invalidDefinition(_ diagnostics: [Diagnostic]) -> ServiceError {
        ServiceError(.invalidDefinition, diagnostics.invalidDefinitionMessage)
    }

    package static func invalidExecutionInput(_ reason: String) -> ServiceError {
        ServiceError(.invalidExecutionInput, "Invalid State Machine Execution Input: '\(reason)'")
    }

    /// A read of the store failed. Damaged rows stay damaged; any other failure may pass.
    static func unreadable(_ error: StoreError) -> ServiceError {
        var failure = ServiceError(.internalFailure, "The store could not be read.")
        failure.isTransient = error.code != .corrupt
        failure.cause = "\(error)"
        return failure
    }

    static func internalFailure(_ reason: String) -> ServiceError { ServiceError(.internalFailure, reason) }

    package static let shuttingDown = unavailable("The server is shutting down.")

    /// The process is starting, stopping or has lost its store: the client's SDK tries again.
    package static func unavailable(_ reason: String) -> ServiceError { ServiceError(.serviceUnavailable, reason) }
}

/// Gets the result of a request, once: on the caller's own thread or on a lane of the engine, which it must not block.
package typealias Completion<Value> = @Sendable (Result<Value, ServiceError>) -> Void
