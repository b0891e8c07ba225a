// From JSON to the values of a render, and back.

import JSON

extension TemplateValue {
    /// A live value. Numbers become what Java's parser makes of them: an integer, or a double.
    init(_ json: JSONValue, lists: TemplateList.Kind) {
        switch json {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .number(let number): self = TemplateValue(number)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(TemplateList(elements.map { TemplateValue($0, lists: lists) }, lists))
        case .object(let members): self = .map(TemplateMap(members, lists: lists))
        }
    }

    init(_ number: JSONNumber) {
        if number.isIntegerText {
            if let value = Int(number.text) {
                self = .integer(value)
                return
            }
            if let value = Int128(number.text) {
                self = .wide(value)
                return
            }
        }
        self = .double(number.double)
    }
}

extension TemplateMap {
    convenience init(_ members: JSONObject, lists: TemplateList.Kind, printsEmpty: Bool = false) {
        self.init(printsEmpty: printsEmpty)
        for (key, value) in members { self[key] = TemplateValue(value, lists: lists) }
    }
}

extension TemplateValue {
    /// The value as JSON, paid for from the budget: the same list may be in it a million times. What is no JSON value
    /// becomes an empty text; a double that JSON cannot hold becomes null.
    func json(depth: Int, budget: inout Int) throws(TemplateFault) -> JSONValue {
        budget -= 1
        guard depth > 0, budget > 0 else {
            throw TemplateFault(code: .tooManySteps, message: "A value too large or too deep for JSON", at: 0)
        }
        switch self {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .integer(let number): return .int(number)
        case .wide(let number): return JSONNumber(text: number.description).map(JSONValue.number) ?? .null
        case .double(let number): return JSONNumber(text: TemplateText.double(number)).map(JSONValue.number) ?? .null
        case .string(let text): return .string(text)
        case .list(let list):
            var elements: [JSONValue] = []
            for element in list.elements { elements.append(try element.json(depth: depth - 1, budget: &budget)) }
            return .array(elements)
        case .map(let map): return .object(try map.json(depth: depth - 1, budget: &budget))
        case .entry, .iterator, .loop, .block, .input, .util: return .string("")
        }
    }
}

extension TemplateMap {
    func json(depth: Int, budget: inout Int) throws(TemplateFault) -> JSONObject {
        var object = JSONObject()
        for (key, value) in zip(keys, values) {
            var name = TemplateText(depth: depth, limit: 1 << 16)
            name.append(key)
            object[name.text] = try value.json(depth: depth, budget: &budget)
        }
        return object
    }
}
