// What a text gives of a point in time: values of some of its components.

/// A set of components.
struct DateTimeComponents: OptionSet {
    let rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }

    init(_ components: DateTimeComponent...) {
        rawValue = components.reduce(0) { $0 | 1 << UInt32($1.rawValue) }
    }

    func contains(_ component: DateTimeComponent) -> Bool { rawValue & 1 << UInt32(component.rawValue) != 0 }
}

/// The values of a set of components.
struct DateTimeValues {
    private(set) var given: DateTimeComponents = []
    private var values = [Double](repeating: 0, count: DateTimeComponent.allCases.count)

    subscript(_ component: DateTimeComponent) -> Double? {
        given.contains(component) ? values[component.rawValue] : nil
    }

    mutating func set(_ component: DateTimeComponent, to value: Double) {
        given.formUnion(DateTimeComponents(component))
        values[component.rawValue] = value
    }
}
