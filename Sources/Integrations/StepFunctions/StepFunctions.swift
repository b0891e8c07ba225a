// AWS Step Functions itself (integrations.md §4, states:startExecution; §5).

enum StepFunctions {
    static let rows = [
        IntegrationEntry(
            "states:startExecution", [.requestResponse, .sync, .sync2, .waitForTaskToken],
            parameters: startParameters, response: startExecution, job: describeExecution, code: .engine),
        .sdk("sfn:startExecution", response: startExecution, code: call),
        .sdk("sfn:describeExecution", response: describeExecution, code: call),
        .sdk("sfn:*", code: call),
    ]

    private static let call = IntegrationCode.requests(
        StepFunctionsCall(), ErrorNaming(sdk: .version2, prefix: "Sfn", service: "Sfn", other: "SfnException"))

    static let errors = ErrorNaming(
        sdk: .version1, prefix: "StepFunctions", service: "AWSStepFunctions", other: "AWSStepFunctionsException")

    private static let startParameters: ParameterSchema = [
        .required("StateMachineArn", .string), .optional("Name", .string), .optional("TraceHeader", .string),
    ]

    private static let startExecution = ResultSchema.object([
        .required("ExecutionArn", .string(min: 1)), .required("StartDate"),
    ])

    private static let describeExecution = ResultSchema.object([
        .required("ExecutionArn", .string(min: 1)), .required("StateMachineArn", .string(min: 1)),
        .optional("Name", .string(min: 1)),
        .required("Status", .oneOf(["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"])),
        .required("StartDate"), .optional("StopDate"), .optional("TraceHeader"),
        // Texts also in `startExecution.sync:2`, whose own result has them as JSON (reported).
        .optional("Input"), .optional("InputDetails", details), .optional("Output"),
        .optional("OutputDetails", details),
        .optional("MapRunArn", .string(min: 1)), .optional("Error"), .optional("Cause"),
        .optional("StateMachineVersionArn", .string(min: 1)), .optional("StateMachineAliasArn", .string(min: 1)),
        .optional("RedriveCount", .number()), .optional("RedriveDate"),
        .optional("RedriveStatus", .oneOf(["REDRIVABLE", "NOT_REDRIVABLE", "REDRIVABLE_BY_MAP_RUN"])),
        .optional("RedriveStatusReason"),
    ])

    private static let details = ResultSchema.object([.optional("Included", .boolean)])
}
