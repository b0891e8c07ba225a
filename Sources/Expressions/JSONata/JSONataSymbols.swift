// The variables of an expression.

/// Names of variables as small numbers.
struct JSONataSymbols {
    private(set) var names: [String] = []
    private var numbers: [String: Int] = [:]

    mutating func symbol(_ name: String) -> Int {
        if let number = numbers[name] { return number }
        names.append(name)
        numbers[name] = names.count - 1
        return names.count - 1
    }

    func existing(_ name: String) -> Int? { numbers[name] }
}
