// `newel eval`: one expression, or one a line, from the command line.

import ArgumentParser
import Core
import Engine
import Expressions
import Foundation
import JSON
import States
import System

struct Eval: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Evaluate an expression.",
        discussion: """
            newel eval '$sum(items.price)' --input order.json
            newel eval --aws '$states.input.total > 100' --bindings bindings.json
            newel eval --language jsonpath '$.items[?(@.price > 10)]' --input order.json
            newel eval --language intrinsic "States.Format('{} left', $.n)" --input o.json
            newel eval --lines < cases.jsonl

            The value goes to standard output as JSON, nothing where there is none; an error with its code and position
            to standard error, with exit code 1. With --lines each line of standard input is an object with `expr` and,
            as needed, `id`, `data`, `bindings`, `timelimit` (ms) and `depth`; each is answered by one line with `id`
            and `result`, `"undefined": true`, or `code`, `message` and `position`.
            """)

    enum Language: String, ExpressibleByArgument, CaseIterable {
        case jsonata, jsonpath, intrinsic
    }

    @Option(help: "jsonata, jsonpath or intrinsic.")
    var language = Language.jsonata

    @Flag(help: "JSONata as Step Functions has it: without a context item, with its own functions and bounds.")
    var aws = false

    @Option(help: ArgumentHelp("The document, a file of JSON; `-` for standard input.", valueName: "file"))
    var input: String?

    @Option(help: ArgumentHelp("Variables by name without `$`, a file of JSON.", valueName: "file"))
    var bindings: String?

    @Flag(help: "Read one JSON object a line from standard input and answer each by one line.")
    var lines = false

    @Argument(help: "The expression.")
    var expression: String?

    func validate() throws {
        if lines, expression != nil || input != nil || bindings != nil {
            throw ValidationError("With --lines expressions, documents and bindings come in the lines.")
        }
        if !lines, expression == nil { throw ValidationError("Give an expression, or --lines.") }
    }

    func run() async throws {
        if lines { return try answerLines() }
        guard let expression else { return }
        let document = try input.map { try Self.document($0) }
        let variables = try bindings.map { try Self.document($0).objectValue ?? [:] } ?? [:]
        let evaluation = Evaluation(language: language, isAWS: aws)
        do throws(Evaluation.Fault) {
            if let value = try evaluation.value(expression, document, VariableTable(variables)) { print(value.text) }
        } catch {
            FileHandle.standardError.write(Data("\(error.code) at \(error.position): \(error.message)\n".utf8))
            throw ExitCode(1)
        }
    }

    private static func document(_ file: String) throws -> JSONValue {
        guard let data = TextFile.data(file) else { throw ValidationError("\(file) cannot be read.") }
        do throws(JSONError) { return try JSONValue.parse(Array(data)) } catch {
            throw ValidationError("\(file):\(error.line):\(error.column): \(error.message)")
        }
    }

    // MARK: - Lines

    private func answerLines() throws {
        while let line = readLine(strippingNewline: true) {
            if line.allSatisfy(\.isWhitespace) { continue }
            print(answer(line).text)
        }
        fflush(nil)
    }

    private func answer(_ line: String) -> JSONValue {
        let request: JSONValue
        do throws(JSONError) { request = try JSONValue.parse(line, limits: JSONLimits(bytes: .max)) } catch {
            return ["code": "JSON", "message": .string(error.message), "position": .int(error.column)]
        }
        var answer = JSONObject()
        if let id = request["id"] { answer["id"] = id }
        var evaluation = Evaluation(language: language, isAWS: aws)
        evaluation.milliseconds = request["timelimit"]?.intValue
        evaluation.depth = request["depth"]?.intValue
        do throws(Evaluation.Fault) {
            let value = try evaluation.value(
                request["expr"]?.stringValue ?? "", request["data"],
                VariableTable(request["bindings"]?.objectValue ?? [:]))
            if let value { answer["result"] = value } else { answer["undefined"] = true }
        } catch {
            answer["code"] = .string(error.code)
            answer["message"] = .string(error.message)
            answer["position"] = .int(error.position)
        }
        return .object(answer)
    }
}

/// One expression evaluated in one of the languages.
struct Evaluation {
    /// Why there is no value.
    struct Fault: Error {
        var code: String
        var message: String
        var position: Int
    }

    var language: Eval.Language
    var isAWS: Bool
    /// How long JSONata may take, about.
    var milliseconds: Int?
    /// How deep JSONata may nest.
    var depth: Int?

    /// `nil` where JSONata's answer is undefined.
    func value(
        _ expression: String, _ document: JSONValue?, _ variables: VariableTable
    ) throws(Fault) -> JSONValue? {
        switch language {
        case .jsonata: return try jsonata(expression, document, variables)
        case .jsonpath:
            var budget = EvaluationBudget(steps: Limits.Evaluation.JSONPath.maximumSteps)
            do throws(JSONPathError) {
                let scope = PathScope(input: document ?? .null, variables: variables)
                return try JSONPath(expression).evaluate(scope, budget: &budget)
            } catch { throw Fault(code: "\(error.code)", message: error.message, position: error.offset) }
        case .intrinsic:
            var chance = Chance(seed: .random(in: .min ... .max))
            do throws(IntrinsicError) {
                let scope = PathScope(input: document ?? .null, variables: variables)
                var budget = EvaluationBudget(steps: Limits.Evaluation.JSONata.maximumSteps)
                return try Intrinsic(expression).evaluate(scope, chance: &chance, budget: &budget)
            } catch { throw Fault(code: "\(error.code)", message: error.message, position: error.offset) }
        }
    }

    private func jsonata(
        _ expression: String, _ document: JSONValue?, _ variables: VariableTable
    ) throws(Fault) -> JSONValue? {
        var environment = JSONataEnvironment(
            chance: Chance(seed: .random(in: .min ... .max)), time: Timestamp.now.milliseconds)
        environment.limits.depth = depth
        if let milliseconds {
            let (steps, isOver) = milliseconds.multipliedReportingOverflow(by: Self.stepsPerMillisecond)
            environment.budget.steps = isOver ? .max : steps
        }
        do throws(JSONataError) {
            let compiled = try JSONata(expression, dialect: isAWS ? .stepFunctions : .reference)
            switch try compiled.evaluate(input: document, bindings: variables, environment: &environment) {
            case .value(let value): return value
            case .undefined: return nil
            // As JSON.stringify would have it.
            case .function: return ""
            }
        } catch { throw Fault(code: error.code, message: error.message, position: error.position) }
    }

    /// What one millisecond is counted as: the floor below has steps and no clock.
    private static let stepsPerMillisecond = 20_000
}
