// From a task to a request to a service, and from its response to the task's outcome.

package import API
import Core
package import Engine
package import Integrations
package import States

/// Runs tasks: performs what the catalogue's rows make of them.
package final class TaskRouter: TaskRunner {
    private let functions: FunctionRunner
    private let api = LocalAPI()

    package init(functions: FunctionRunner) { self.functions = functions }

    /// Names the API of this server. Tasks that call it wait until then.
    package func connect(_ dispatcher: APIDispatcher) { api.connect(dispatcher) }

    package func run(_ request: TaskRequest, completion: @escaping @Sendable (TaskOutcome) -> Void) {
        guard case .requests(let code, let errors) = request.target.entry?.code else {
            let cause = "The resource '\(request.target.resource)' is not supported yet"
            return completion(.failed(Failure(error: ErrorName.runtime, cause: cause)))
        }
        let call = IntegrationCall(
            target: request.target, input: request.input, requestID: request.requestID, errors: errors)
        let respond: @Sendable (Result<OutboundResponse, OutboundFailure>) -> Void = { result in
            switch result {
            case .success(let response): completion(code.outcome(of: response, call).of(call.target.pattern))
            case .failure(let failure): completion(.failed(errors.failure(failure)))
            }
        }
        do throws(Failure) {
            switch try code.request(call) {
            case .function(let invocation):
                functions.invoke(invocation, for: request, requestID: call.requestID, completion: respond)
            case .api(let operation, let members):
                api.call(operation, members, for: request, requestID: call.requestID) { respond(.success($0)) }
            }
        } catch { completion(.failed(error)) }
    }

    package func cancel(_ id: TaskID) {
        if !api.cancel(id) { functions.cancel(id) }
    }
}
