// One call of a function: whom, with what, in which form.

import Core
import Engine
import Functions
import Integrations
import JSON
import States

/// What a task request asks for, in the Invoke API's words.
struct FunctionCall: Sendable {
    /// Name or ARN as the definition has it.
    var function: String
    var qualifier: String?
    /// JSON text; empty for none.
    var payload: String
    var invocationType = "RequestResponse"
    /// Base64 of JSON, as the header carries it.
    var clientContext: String?
    /// `Tail`: the answer shows the end of the function's log.
    var logType: String?
    /// Whether the result is the whole response (`arn:aws:states:::lambda:invoke`) or the payload alone.
    var isIntegration = false
    var request: TaskRequest

    static let integrationARN = "arn:aws:states:::lambda:invoke"

    /// Throws `FunctionError` when the parameters of the integration do not name a call.
    init(_ request: TaskRequest) throws(FunctionError) {
        self.request = request
        function = request.functionARN
        payload = request.input
        if Self.isIntegration(request.functionARN) { try readParameters() }
        qualifier = qualifier ?? FunctionName(function).qualifier
    }

    /// Whether the resource is the optimized integration, with any pattern: `.waitForTaskToken` changes when the task
    /// ends, not how the function is called.
    private static func isIntegration(_ resource: String) -> Bool {
        guard resource.hasPrefix(integrationARN), case .integration(let key, _) = TaskTarget(resource: resource)
        else {
            return false
        }
        return key.service == "lambda" && key.action == "invoke"
    }

    private mutating func readParameters() throws(FunctionError) {
        guard let parameters = (try? JSONValue.parse(request.input))?.objectValue else {
            throw refusal("[The parameters are not an object]")
        }
        guard let name = parameters["FunctionName"]?.stringValue, !name.isEmpty else {
            throw refusal("[The field \"FunctionName\" is required but was missing]")
        }
        let types = ["RequestResponse", "Event", "DryRun"]
        let type = parameters["InvocationType"]?.stringValue ?? types[0]
        guard types.contains(type) else {
            throw refusal("[The value of the field 'InvocationType' has an invalid format]")
        }
        isIntegration = true
        function = name
        payload = Self.payload(of: parameters["Payload"] ?? .null)
        invocationType = type
        qualifier = parameters["Qualifier"]?.stringValue
        clientContext = parameters["ClientContext"]?.stringValue
        logType = parameters["LogType"]?.stringValue
    }

    /// Null is as good as none (recorded: a function that returns its input returns `{}`). A string is the payload
    /// itself where it is JSON (recorded: `"true"` arrives as `true`); any other would be no payload at all.
    private static func payload(of parameter: JSONValue) -> String {
        if parameter.isNull { return "" }
        if let text = parameter.stringValue, (try? JSONValue.parse(text)) != nil { return text }
        return parameter.text
    }

    private func refusal(_ reason: String) -> FunctionError {
        FunctionError(
            type: "States.Runtime",
            message: "The Parameters '\(request.input)' could not be used to start the Task: \(reason)")
    }

    /// Calls a function of this process; blocks. Lambda keeps an `Event` in a queue of its own and answers at once;
    /// here the task is what outlives a crash, so the answer comes when the function has run.
    func run(_ function: InProcessFunction) -> TaskOutcome {
        var answer = InvokeAnswer(requestID: request.requestID)
        guard invocationType != "DryRun" else {
            answer.status = 204
            return answer.outcome(of: self)
        }
        do {
            let input = payload.isEmpty ? .object([:]) : try JSONValue.parse(payload)
            let context = FunctionContext(
                requestID: request.requestID, executionARN: request.executionARN, functionARN: self.function)
            answer.payload = try function.body(input, context).text
        } catch let error as FunctionError {
            answer.fail(type: error.type, message: error.message)
        } catch {
            answer.fail(type: "\(type(of: error))", message: "\(error)")
        }
        if invocationType == "Event" {
            answer = InvokeAnswer(requestID: request.requestID)
            answer.status = 202
        }
        return answer.outcome(of: self)
    }
}
