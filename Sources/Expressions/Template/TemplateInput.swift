// `$input`: the body and the parameters of the request or response.

import Core
import JSON

/// The body, as text, as JSON, and as the live value that a template may change.
struct TemplateInput {
    /// No body and an empty one are `{}`: recorded on API Gateway for both phases.
    let body: String
    private var document: Document?
    private var live: TemplateValue?

    private struct Document {
        var value: JSONValue?
    }

    init(_ body: String?) { self.body = body.flatMap { $0.isEmpty ? nil : $0 } ?? "{}" }

    /// The body as JSON, `nil` when it is none.
    fileprivate mutating func json() -> JSONValue? {
        if let document { return document.value }
        let parsed = try? JSONValue.parse(body, limits: JSONLimits(depth: Limits.Gateway.maximumBodyDepth))
        document = Document(value: parsed)
        return parsed
    }

    /// The value that `$input.path` gives parts of; a body that is no JSON is its text.
    fileprivate mutating func root() -> TemplateValue {
        if let live { return live }
        let root = json().map { TemplateValue($0, lists: .json) } ?? .string(body)
        live = root
        return root
    }

    fileprivate var isLive: Bool { live != nil }
}

extension TemplateEvaluator {
    mutating func callInput(
        _ method: TemplateMethod, _ arguments: [TemplateValue], at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        switch (method, arguments.first) {
        case (.path, .string(let path)): return try inputPath(path, at: place)
        case (.json, .string(let path)): return .string(try inputJSON(path, at: place))
        case (.params, nil): return .map(parameters())
        case (.params, .string(let name)):
            return (scope.path[name] ?? scope.querystring[name] ?? scope.header[name]).map(TemplateValue.string)
        default: return nil
        }
    }

    private mutating func path(_ text: String, at place: Int) throws(TemplateFault) -> JSONPath {
        if let known = paths[text] { return known }
        try charge(text.utf8.count, at: place)
        do throws(JSONPathError) {
            let path = try JSONPath(text)
            paths[text] = path
            return path
        } catch {
            throw thrown("'\(text)' is no JSONPath: \(error.message)", at: place)
        }
    }

    /// What the path names, live where it is a plain one of names and indices, and a copy where it has a wildcard or a
    /// filter; null for what is missing.
    private mutating func inputPath(_ text: String, at place: Int) throws(TemplateFault) -> TemplateValue {
        try charge(input.body.utf8.count >> 4, at: place)
        let path = try path(text, at: place)
        if path.isPlain { return path.segments.walk(from: input.root()) ?? .null }
        return try find(path).map { TemplateValue($0, lists: .json) } ?? .null
    }

    /// JSON text; two quotes for what is missing or null.
    private mutating func inputJSON(_ text: String, at place: Int) throws(TemplateFault) -> String {
        try charge(input.body.utf8.count >> 4, at: place)
        let path = try path(text, at: place)
        var text = TemplateText(depth: 2 * limits.depth, limit: limits.outputBytes)
        if path.isPlain, input.isLive {
            guard let found = path.segments.walk(from: input.root()), !found.isNull else { return "\"\"" }
            text.appendJSON(found)
        } else {
            guard let found = try find(path), !found.isNull else { return "\"\"" }
            text.appendJSON(found)
        }
        guard !text.isFull else { throw tooLarge(at: place) }
        try charge(textBytes: text.bytes.count, at: place)
        return text.text
    }

    /// What the path gives of the body as JSON, with what the template has changed; `nil` where there is nothing.
    private mutating func find(_ path: JSONPath) throws(TemplateFault) -> JSONValue? {
        let document: JSONValue
        if input.isLive {
            var left = self.budget.steps
            document = try input.root().json(depth: 2 * limits.depth, budget: &left)
            try charge(self.budget.steps - left, at: 0)
        } else {
            document = input.json() ?? .string(input.body)
        }
        do throws(JSONPathError) { return try path.evaluate(PathScope(input: document), budget: &self.budget) } catch {
            switch error.exceeded {
            case .steps: throw TemplateFault(code: .tooManySteps, message: error.message, at: 0)
            case .bytes: throw TemplateFault(code: .outputTooLarge, message: error.message, at: 0)
            case nil: return nil
            }
        }
    }

    private func parameters() -> TemplateMap {
        let map = TemplateMap()
        for (name, values) in [("path", scope.path), ("querystring", scope.querystring), ("header", scope.header)] {
            let group = TemplateMap()
            // API Gateway's logs show the names in order.
            for (name, value) in values.sorted(by: { $0.key < $1.key }) { group[name] = .string(value) }
            map[name] = .map(group)
        }
        return map
    }
}

// MARK: - The other names

extension TemplateEvaluator {
    /// What a name means before the template sets it.
    mutating func initialValue(_ name: String) -> TemplateValue {
        if let given = scope.variables[name] { return TemplateValue(given, lists: dialect.nullIsEmpty ? .json : .java) }
        guard dialect.nullIsEmpty else { return .null }
        switch name {
        case "input": return .input
        case "util": return .util
        case "stageVariables": return .map(TemplateMap(scope.stageVariables, lists: .json))
        case "context":
            let map = contextMap()
            context = map
            return .map(map)
        default: return .null
        }
    }

    private func contextMap() -> TemplateMap {
        let map = TemplateMap()
        for (key, value) in scope.context { map[key] = Self.contextValue(key, value) }
        for name in ["requestOverride", "responseOverride"] where map[name] == nil {
            map[name] = .map(TemplateMap(Self.noOverrides(name), lists: .json))
        }
        return map
    }

    /// The nested parts of `$context` print nothing themselves.
    private static func contextValue(_ key: String, _ value: JSONValue) -> TemplateValue {
        guard case .object(let members) = value,
            ["identity", "authorizer", "claims", "error", "clientCert"].contains(key)
        else { return TemplateValue(value, lists: .json) }
        let map = TemplateMap(printsEmpty: true)
        for (key, value) in members { map[key] = contextValue(key, value) }
        return .map(map)
    }
}

extension [PathSegment] {
    /// Goes down names and indices; `nil` where one leads nowhere.
    fileprivate func walk(from root: TemplateValue) -> TemplateValue? {
        var value = root
        for segment in self {
            switch (segment, value) {
            case (.key(let name), .map(let map)):
                guard let next = map[name] else { return nil }
                value = next
            case (.index(let index), .list(let list)):
                let place = index < 0 ? list.elements.count + index : index
                guard list.elements.indices.contains(place) else { return nil }
                value = list.elements[place]
            default: return nil
            }
        }
        return value
    }
}
