// A mapping template of API Gateway: parsed once, rendered many times.

package import Core
package import JSON

/// A mapping template (VTL). API Gateway speaks Velocity 1.7 with one difference: what does not resolve is the empty
/// string. Parsing and rendering have limits, so that no template and no input can hold up the caller.
package struct Template: Sendable {
    /// Whose rules a template follows.
    package struct Dialect: Sendable {
        /// What does not resolve, or is null, is `""`; in stock Velocity it is null, and its reference prints itself.
        package var nullIsEmpty: Bool
        /// Whether `#macro`, `#evaluate`, `#include`, `#parse` and `#literal` exist.
        package var macros: Bool

        /// Amazon API Gateway.
        package static let apiGateway = Dialect(nullIsEmpty: true, macros: false)
        /// Apache Velocity 1.7.
        package static let velocity = Dialect(nullIsEmpty: false, macros: true)

        package init(nullIsEmpty: Bool, macros: Bool) {
            self.nullIsEmpty = nullIsEmpty
            self.macros = macros
        }
    }

    let nodes: [TemplateNode]
    let symbols: TemplateSymbols
    let macros: [String: TemplateMacro]
    let dialect: Dialect
    let source: [UInt8]

    /// Reads a template. Throws `TemplateError` with the place where it is none.
    package static func parse(
        _ source: String, dialect: Dialect = .apiGateway, limits: Limits.Gateway.Template = Limits.Gateway.Template()
    ) throws(TemplateError) -> Template {
        let bytes = Array(source.utf8)
        var parser = TemplateParser(bytes, dialect: dialect, limits: limits)
        do throws(TemplateFault) {
            guard bytes.count <= limits.sourceBytes else {
                throw TemplateFault(code: .tooDeep, message: "Longer than \(limits.sourceBytes) bytes", at: 0)
            }
            let nodes = try parser.template()
            return Template(
                nodes: nodes, symbols: parser.symbols, macros: parser.macros, dialect: dialect, source: bytes)
        } catch {
            throw TemplateError(error, in: bytes)
        }
    }

    /// The text for one request or response. Throws `TemplateError` where API Gateway answers 500: a method or an
    /// index out of range, or a limit reached.
    package func render(
        _ scope: TemplateScope, limits: Limits.Gateway.Template = Limits.Gateway.Template()
    ) throws(TemplateError) -> TemplateOutput {
        var budget = EvaluationBudget(steps: limits.steps)
        return try render(scope, limits: limits, budget: &budget)
    }

    /// The text for one request or response, within a budget in the place of `limits.steps`. Steps are taken also when
    /// the render fails.
    package func render(
        _ scope: TemplateScope, limits: Limits.Gateway.Template = Limits.Gateway.Template(),
        budget: inout EvaluationBudget
    ) throws(TemplateError) -> TemplateOutput {
        var evaluator = TemplateEvaluator(self, scope: scope, limits: limits, budget: budget)
        defer { budget.steps = evaluator.budget.steps }
        do throws(TemplateFault) {
            return try evaluator.run()
        } catch {
            throw TemplateError(error, in: source)
        }
    }
}

extension TemplateError {
    init(_ fault: TemplateFault, in source: [UInt8]) {
        var line = 1
        var column = 1
        for byte in source.prefix(fault.at) {
            if byte == 0x0A {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        self.init(code: fault.code, message: fault.message, line: line, column: column)
    }
}

/// What a template sees.
package struct TemplateScope: Sendable {
    /// `$input.body`: the client's body in a request template, the integration's in a response template. No body, or an
    /// empty one, is `{}` to a template.
    package var body: String?
    /// `$input.params()`, decoded; of a parameter given twice the last value.
    package var path: [String: String]
    package var querystring: [String: String]
    /// By the names as the client sent them.
    package var header: [String: String]
    /// `$context`. `requestOverride` and `responseOverride` are added where they are missing; a response template gets
    /// those that the request template left.
    package var context: JSONObject
    package var stageVariables: JSONObject
    /// Further variables, for Velocity's own test cases.
    package var variables: JSONObject

    package init(
        body: String? = nil, path: [String: String] = [:], querystring: [String: String] = [:],
        header: [String: String] = [:], context: JSONObject = [:], stageVariables: JSONObject = [:],
        variables: JSONObject = [:]
    ) {
        self.body = body
        self.path = path
        self.querystring = querystring
        self.header = header
        self.context = context
        self.stageVariables = stageVariables
        self.variables = variables
    }
}

/// What came out of a render.
package struct TemplateOutput: Sendable, Equatable {
    package var bytes: [UInt8]
    /// `$context.requestOverride` after the render: `header`, `querystring`, `path`, and what else the template put
    /// there.
    package var requestOverride: JSONObject
    /// `$context.responseOverride` after the render: `header`, `status`, and what else the template put in.
    package var responseOverride: JSONObject

    package var text: String { String(decoding: bytes, as: UTF8.self) }
}
