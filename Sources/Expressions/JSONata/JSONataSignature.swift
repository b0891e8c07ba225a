// Signatures of functions, `<s-n?:b>`: what arguments a function takes, and what the context stands in for.

import JSON

struct JSONataSignature: Sendable {
    /// A set of types, a bit each.
    struct Types: OptionSet, Sendable {
        let rawValue: UInt8

        static let boolean = Types(rawValue: 1)
        static let number = Types(rawValue: 2)
        static let string = Types(rawValue: 4)
        static let null = Types(rawValue: 8)
        static let array = Types(rawValue: 16)
        static let object = Types(rawValue: 32)
        static let function = Types(rawValue: 64)
        static let json: Types = [.boolean, .number, .string, .null, .array, .object]
        static let any: Types = [.json, .function]

        /// By the letters of signatures.
        init(_ letters: some Sequence<Character>) {
            self = letters.reduce(into: []) { $0.formUnion(Types.byLetter[$1] ?? []) }
        }

        init(rawValue: UInt8) { self.rawValue = rawValue }

        private static let byLetter: [Character: Types] = [
            "b": .boolean, "n": .number, "s": .string, "l": .null, "a": .array, "o": .object, "f": .function,
            "j": .json, "x": .any,
        ]
    }

    struct Parameter: Sendable {
        var types: Types
        /// The type of the elements of an array, where it is a certain one.
        var element: Types?
        var elementName = ""
        /// The context value stands in where the argument is missing.
        var takesContext = false
        var isOptional = false
        var isRepeated = false
    }

    let parameters: [Parameter]
    /// Whether a parameter may take several arguments.
    private let hasRepeats: Bool

    /// Reads a signature as it stands in an expression.
    init(_ text: String, at position: Int) throws(JSONataError) {
        var parameters: [Parameter] = []
        let characters = Array(text)
        var at = 1
        while at < characters.count {
            let character = characters[at]
            if character == ":" || at == characters.count - 1 && character == ">" { break }
            switch character {
            case "s", "n", "b", "l", "o", "a", "f", "j", "x", "u":
                parameters.append(Parameter(types: Types([character])))
            case "-":
                guard !parameters.isEmpty else { break }
                parameters[parameters.count - 1].takesContext = true
                parameters[parameters.count - 1].isOptional = true
            case "?": if !parameters.isEmpty { parameters[parameters.count - 1].isOptional = true }
            case "+": if !parameters.isEmpty { parameters[parameters.count - 1].isRepeated = true }
            case "(":
                let end = Self.closing(characters, at, "(", ")")
                let choice = String(characters[at + 1..<end])
                if choice.contains("<") {
                    throw JSONataError(
                        code: "S0402",
                        message: "Choice groups containing parameterized types are not supported",
                        position: position, value: .string(choice))
                }
                parameters.append(Parameter(types: Types(choice)))
                at = end
            case "<":
                let end = Self.closing(characters, at, "<", ">")
                guard let last = parameters.last, last.types == .array || last.types == .function else {
                    throw JSONataError(
                        code: "S0401", message: "Type parameters can only be applied to functions and arrays",
                        position: position, value: .string(String(characters[at..<end])))
                }
                if last.types == .array, !"xj".contains(characters[at + 1]) {
                    parameters[parameters.count - 1].element = Types([characters[at + 1]])
                    parameters[parameters.count - 1].elementName = Self.name(characters[at + 1])
                }
                at = end
            default: break
            }
            at += 1
        }
        self.parameters = parameters
        hasRepeats = parameters.contains { $0.isRepeated }
    }

    private static func closing(_ text: [Character], _ start: Int, _ open: Character, _ close: Character) -> Int {
        var depth = 0
        for index in start..<text.count {
            if text[index] == open { depth += 1 }
            if text[index] == close {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return text.count - 1
    }

    /// For the functions of the library.
    init(library text: String) {
        guard let signature = try? JSONataSignature(text, at: 0) else { preconditionFailure("signature \(text)") }
        self = signature
    }

    /// Makes of the arguments what the function gets. Throws T0410, T0411 and T0412.
    func fit(
        _ arguments: inout [JSONataValue], context: JSONataValue, function: String
    ) throws(JSONataError) {
        if isFitting(arguments), isComplete(&arguments, context) { return }
        arguments = try matched(arguments, context: context, function: function)
    }

    /// Whether the arguments are what the parameters want, one by one, with nothing to be wrapped.
    private func isFitting(_ arguments: [JSONataValue]) -> Bool {
        guard hasRepeats ? arguments.count == parameters.count : arguments.count <= parameters.count else {
            return false
        }
        for place in arguments.indices {
            guard let type = Self.type(of: arguments[place]) else {
                if hasRepeats || parameters[place].types == .function { return false }
                continue
            }
            guard parameters[place].types.contains(type) else { return false }
            if let element = parameters[place].element {
                guard !hasRepeats, arguments[place].list.allSatisfy({ Self.type(of: $0) == element }) else {
                    return false
                }
            }
        }
        return true
    }

    /// Puts in the context, and undefined, for parameters at the end that may do without an argument; `false`, with
    /// nothing put in, where it cannot be.
    private func isComplete(_ arguments: inout [JSONataValue], _ context: JSONataValue) -> Bool {
        if arguments.count == parameters.count { return true }
        for place in arguments.count..<parameters.count {
            guard parameters[place].isOptional,
                !parameters[place].takesContext || Self.fits(Self.type(of: context), parameters[place])
            else { return false }
        }
        for place in arguments.count..<parameters.count {
            arguments.append(parameters[place].takesContext ? context : .undefined)
        }
        return true
    }

    /// The arguments parameter by parameter, each taking as many as it may.
    private func matched(
        _ arguments: [JSONataValue], context: JSONataValue, function: String
    ) throws(JSONataError) -> [JSONataValue] {
        let types = arguments.map { Self.type(of: $0) }
        guard let counts = counts(types, parameter: 0, argument: 0) else {
            throw mismatch(firstMismatch(types), function, arguments)
        }
        var result: [JSONataValue] = []
        result.reserveCapacity(parameters.count)
        var next = 0
        for (place, parameter) in parameters.enumerated() {
            if counts[place] == 0 {
                guard parameter.takesContext else {
                    // As in the reference, where what is left out takes what comes next all the same.
                    result.append(next < arguments.count ? arguments[next] : .undefined)
                    next += 1
                    continue
                }
                guard Self.fits(Self.type(of: context), parameter) else { throw Self.unfit(place, function, context) }
                result.append(context)
                continue
            }
            for _ in 0..<counts[place] {
                result.append(
                    next < arguments.count ? try taken(arguments[next], parameter, next, function) : .undefined)
                next += 1
            }
        }
        return result
    }

    /// How many arguments each parameter takes, greedily; `nil` where they do not fit.
    private func counts(_ types: [Types?], parameter: Int, argument: Int) -> [Int]? {
        guard parameter < parameters.count else { return argument == types.count ? [] : nil }
        let wanted = parameters[parameter]
        var most = 0
        while argument + most < types.count, most == 0 || wanted.isRepeated, Self.fits(types[argument + most], wanted) {
            most += 1
        }
        let least = wanted.isOptional ? 0 : 1
        for count in stride(from: most, through: least, by: -1) {
            if let rest = counts(types, parameter: parameter + 1, argument: argument + count) { return [count] + rest }
        }
        return nil
    }

    /// The first argument that does not fit, as far as the parameters can be followed.
    private func firstMismatch(_ types: [Types?]) -> Int {
        var next = 0
        for parameter in parameters {
            var count = 0
            while next + count < types.count, count == 0 || parameter.isRepeated,
                Self.fits(types[next + count], parameter)
            { count += 1 }
            if count == 0, !parameter.isOptional { return next }
            next += count
        }
        return next
    }

    private func taken(
        _ argument: JSONataValue, _ parameter: Parameter, _ place: Int, _ function: String
    ) throws(JSONataError) -> JSONataValue {
        guard parameter.types == .array, !argument.isUndefined else { return argument }
        if let element = parameter.element {
            let items = argument.elements ?? [argument]
            guard items.allSatisfy({ Self.type(of: $0) == element }) else {
                throw JSONataError(
                    code: "T0412",
                    message:
                        "Argument \(place + 1) of function \"\(function)\" must be an array of \"\(parameter.elementName)\"",
                    value: argument.shownJSON, token: function)
            }
        }
        return argument.isArray ? argument : .array([argument])
    }

    /// `nil`, an undefined argument, fits everything but a function.
    private static func fits(_ type: Types?, _ parameter: Parameter) -> Bool {
        guard let type else { return parameter.types != .function }
        // A single value stands for an array of it.
        return parameter.types == .array || parameter.types.contains(type)
    }

    private static func type(of value: JSONataValue) -> Types? {
        switch value {
        case .undefined: nil
        case .null: .null
        case .bool: .boolean
        case .int, .number, .literal: .number
        case .string: .string
        case .array, .documentArray, .tuples: .array
        case .object, .documentObject: .object
        case .function, .regex: .function
        }
    }

    private static func name(_ letter: Character) -> String {
        switch letter {
        case "b": "booleans"
        case "n": "numbers"
        case "s": "strings"
        case "o": "objects"
        case "a": "arrays"
        case "f": "functions"
        default: "values"
        }
    }

    private func mismatch(_ place: Int, _ function: String, _ arguments: [JSONataValue]) -> JSONataError {
        JSONataError(
            code: "T0410",
            message: "Argument \(place + 1) of function \"\(function)\" does not match function signature",
            value: place < arguments.count ? arguments[place].shownJSON : nil, token: function)
    }

    private static func unfit(_ place: Int, _ function: String, _ context: JSONataValue) -> JSONataError {
        JSONataError(
            code: "T0411",
            message: "Context value is not a compatible type with argument \(place + 1) of function \"\(function)\"",
            value: context.shownJSON, token: function)
    }
}
