// The variables of an expression.

import JSON

/// Names of variables as small numbers.
struct JSONataSymbols {
    private(set) var names: [String] = []
    private var numbers: [CodeUnits: Int] = [:]

    mutating func symbol(_ name: String) -> Int {
        if let number = numbers[CodeUnits(name)] { return number }
        names.append(name)
        numbers[CodeUnits(name)] = names.count - 1
        return names.count - 1
    }

    func existing(_ name: String) -> Int? { numbers[CodeUnits(name)] }
}
