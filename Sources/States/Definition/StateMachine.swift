// A definition, parsed and compiled once: what `advance` walks over.

package import Core
package import Expressions
package import Integrations
package import JSON

/// A compiled Amazon States Language definition (language.md §1). Made by `StateMachine.compile`, immutable, shared by
/// all executions of its revision.
package final class StateMachine: Sendable {
    package let comment: String?
    package let type: MachineType
    /// Budget of the whole execution, in seconds.
    package let timeoutSeconds: Int?
    package let top: StateGraph
    /// Every state of the definition, nested ones too: names are unique across the whole definition.
    package let states: StateTable
    /// The variables that each state refers to, sorted; states that refer to none are left out (api.md §4,
    /// DescribeStateMachine).
    package let variableReferences: [(state: String, variables: [String])]

    package init(
        comment: String?, type: MachineType, timeoutSeconds: Int?, top: StateGraph, states: StateTable,
        variableReferences: [(state: String, variables: [String])] = []
    ) {
        self.variableReferences = variableReferences
        self.type = type
        self.comment = comment
        self.timeoutSeconds = timeoutSeconds
        self.top = top
        self.states = states
    }
}

/// States by name. Two names are the same where their code units are, as in the definition's JSON.
package struct StateTable: Sendable {
    private var byName: [CodeUnits: State] = [:]

    package var all: some Collection<State> { byName.values }

    package subscript(name: String) -> State? {
        get { byName[CodeUnits(name)] }
        set { byName[CodeUnits(name)] = newValue }
    }
}

/// One container of states: the machine itself, a branch of a Parallel, the processor of a Map.
package struct StateGraph: Sendable {
    package var startAt: String
    /// Names of the states directly in it, in the order of the definition.
    package var states: [String]

    package init(startAt: String, states: [String]) {
        self.startAt = startAt
        self.states = states
    }
}

/// Where a state leads.
package enum Transition: Sendable, Equatable {
    case next(String)
    case end
}

package enum StateType: String, Sendable, CaseIterable {
    case task = "Task"
    case pass = "Pass"
    case wait = "Wait"
    case choice = "Choice"
    case succeed = "Succeed"
    case fail = "Fail"
    case parallel = "Parallel"
    case map = "Map"
}

/// A compiled state. Fields that a state type does not have keep their defaults. A class, because it is looked up for
/// each step of an execution: a struct would be copied member by member.
package final class State: Sendable {
    package let name: String
    package let body: Body
    /// `Next` or `End`; `end` for Succeed and Fail; of no meaning for Choice.
    package let transition: Transition
    package let inputPath: PathField
    package let parameters: PayloadTemplate?
    package let resultSelector: PayloadTemplate?
    package let resultPath: ResultPath
    package let outputPath: PathField
    /// `nil` for a JSONPath state; a JSONata state leaves the path fields at their defaults.
    package let jsonata: JSONataFields?
    package let assign: Assignment
    package let retry: [Retrier]
    package let `catch`: [Catcher]
    /// Why this version does not run the state, as a sentence: an execution that comes to it fails with States.Runtime,
    /// which nothing catches, and can be redriven from there by a version that does.
    package let notSupported: String?

    package enum Body: Sendable {
        case pass(result: JSONValue?)
        case task(Task)
        case wait(Wait)
        case choice(Choice)
        case succeed
        case fail(Fail)
        case parallel(branches: [StateGraph])
        indirect case map(Map)
        /// A state that this version cannot even read; see `State.notSupported`.
        case unsupported(StateType)
    }

    package init(
        name: String, body: Body, transition: Transition = .end, inputPath: PathField = .whole,
        parameters: PayloadTemplate? = nil, resultSelector: PayloadTemplate? = nil, resultPath: ResultPath = .replace,
        outputPath: PathField = .whole, jsonata: JSONataFields? = nil, assign: Assignment = Assignment(),
        retry: [Retrier] = [], catch: [Catcher] = [], notSupported: String? = nil
    ) {
        self.name = name
        self.body = body
        self.transition = transition
        self.inputPath = inputPath
        self.parameters = parameters
        self.resultSelector = resultSelector
        self.resultPath = resultPath
        self.outputPath = outputPath
        self.jsonata = jsonata
        self.assign = assign
        self.retry = retry
        self.catch = `catch`
        self.notSupported = notSupported
    }

    package var type: StateType {
        switch body {
        case .pass: .pass
        case .task: .task
        case .wait: .wait
        case .choice: .choice
        case .succeed: .succeed
        case .fail: .fail
        case .parallel: .parallel
        case .map: .map
        case .unsupported(let type): type
        }
    }
}

/// `InputPath` or `OutputPath`: a path, or null, which stands for `{}` (language.md §2.1).
package enum PathField: Sendable {
    /// Not written: all of the data. A written `$` gives the same, but fails on null data (language.md §10.1).
    case whole
    case path(JSONPath)
    case null
}

/// `ResultPath`: `$` (default), null, or a place in the state's input.
package enum ResultPath: Sendable {
    case replace
    case discard
    case path(ReferencePath)
}

/// A number that stands in the definition, behind a reference path (`TimeoutSeconds`, `TimeoutSecondsPath`) or in an
/// expression's result.
package enum NumberField: Sendable {
    case value(Int)
    case path(ReferencePath)
    case expression(JSONataExpression)
}

/// `ToleratedFailurePercentage` and its path.
package enum DecimalField: Sendable {
    case value(Double)
    case path(ReferencePath)
    case expression(JSONataExpression)
}

/// A text that stands in the definition, behind a path or in an intrinsic function's result (`Error`, `ErrorPath`).
package enum TextField: Sendable {
    case value(String)
    case path(PathExpression)
    case expression(JSONataExpression)
}

extension State {
    package struct Task: Sendable {
        package var target: TaskTarget
        package var timeoutSeconds: NumberField?
        package var heartbeatSeconds: NumberField?
        /// `Credentials.RoleArn`, as a template whose object has the one member `RoleArn`.
        package var credentials: ValueTemplate?

        package init(target: TaskTarget) { self.target = target }
    }

    package enum Wait: Sendable {
        case seconds(Int)
        case secondsPath(ReferencePath)
        case timestamp(Timestamp)
        case timestampPath(ReferencePath)
        case secondsExpression(JSONataExpression)
        case timestampExpression(JSONataExpression)
    }

    package struct Choice: Sendable {
        package var rules: [ChoiceRule]
        package var `default`: String?

        package init(rules: [ChoiceRule], default: String?) {
            self.rules = rules
            self.default = `default`
        }
    }

    /// An inline Map; in JSONPath its `Parameters` or `ItemSelector` are the state's `parameters`, evaluated for each
    /// item.
    package struct Map: Sendable {
        package var processor: StateGraph
        package var itemsPath: ReferencePath?
        /// `Items` and `ItemSelector` of a JSONata state.
        package var items: JSONataTemplate?
        package var itemSelector: JSONataTemplate?
        /// `MaxConcurrency`; 0 where it is as much as the service allows.
        package var maxConcurrency: NumberField
        package var toleratedFailureCount: NumberField?
        package var toleratedFailurePercentage: DecimalField?
        /// `ItemReader` and `ResultWriter`, which only TestState has: Distributed Map is to come.
        package var hasItemReader = false
        package var hasResultWriter = false

        package init(processor: StateGraph) {
            self.processor = processor
            maxConcurrency = .value(0)
        }
    }

    package struct Fail: Sendable {
        package var error: TextField?
        package var cause: TextField?

        package init(error: TextField? = nil, cause: TextField? = nil) {
            self.error = error
            self.cause = cause
        }
    }
}
