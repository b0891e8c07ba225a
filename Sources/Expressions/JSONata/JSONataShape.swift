// How deep a value that an evaluation has made nests, and whether it has functions: for bounds, and for its release.

import Core

/// The shape of a value. What comes from the document counts as flat: its own depth was bounded when it was read.
struct JSONataShape {
    /// How many arrays, objects and functions that the evaluation has made lie within each other.
    var levels = 0
    var hasFunctions = false

    /// What a value is that holds values of this shape.
    var container: JSONataShape { JSONataShape(levels: levels + 1, hasFunctions: hasFunctions) }

    mutating func add(_ value: JSONataValue) {
        let other = value.shape
        levels = max(levels, other.levels)
        hasFunctions = hasFunctions || other.hasFunctions
    }

    static func around(_ values: [JSONataValue]) -> JSONataShape {
        var shape = JSONataShape()
        for value in values { shape.add(value) }
        return shape.container
    }
}

extension JSONataValue {
    /// Each array, object and function looks into what it holds once, when somebody asks.
    var shape: JSONataShape {
        switch self {
        case .array(let array): array.shape
        case .object(let object): object.shape
        case .function(let function): function.shape
        case .tuples(let stream): .around(stream.tuples.map(\.value))
        case .undefined, .null, .bool, .int, .number, .literal, .string, .documentArray, .documentObject, .regex:
            JSONataShape()
        }
    }
}

extension JSONataEvaluator {
    /// Refuses a value that nests too deep. Between two calls of functions, or of the binding of variables, a value
    /// gains no more levels than the expression's text has: to look there is enough.
    func checkLevels(of value: Value) throws(JSONataError) {
        switch value {
        case .array, .object, .function, .tuples:
            let maximum = Limits.Evaluation.JSONata.maximumValueLevels
            if value.shape.levels > maximum {
                throw JSONataError(
                    code: "U1004",
                    message: "Expression evaluation nesting limit exceeded: more than \(maximum) levels")
            }
        default: break
        }
    }
}
