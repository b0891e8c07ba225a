// The paths of `$input.path` and `$input.json` over live values.

/// `$`, `.name`, `['name']`, `[0]`, `[-1]`, `[*]`, `..name`.
struct TemplatePath {
    private enum Step {
        case name(String)
        case index(Int)
        case all
        case deep(String)
    }

    private var steps: [Step] = []

    var isRoot: Bool { steps.isEmpty }

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.first == UInt8(ascii: "$") else { return nil }
        var at = 1
        func name() -> String {
            let start = at
            while at < bytes.count, bytes[at] != UInt8(ascii: "."), bytes[at] != UInt8(ascii: "[") { at += 1 }
            return String(decoding: bytes[start..<at], as: UTF8.self)
        }
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: ".") {
                at += 1
                let deep = at < bytes.count && bytes[at] == UInt8(ascii: ".")
                if deep { at += 1 }
                let found = name()
                if found.isEmpty { return nil }
                steps.append(deep ? .deep(found) : found == "*" ? .all : .name(found))
            } else {
                guard bytes[at] == UInt8(ascii: "["), let end = bytes[at...].firstIndex(of: UInt8(ascii: "]")) else {
                    return nil
                }
                let inner = String(decoding: bytes[(at + 1)..<end], as: UTF8.self)
                at = end + 1
                if inner == "*" {
                    steps.append(.all)
                } else if let index = Int(inner) {
                    steps.append(.index(index))
                } else if inner.count > 1, inner.first == "'" || inner.first == "\"" {
                    steps.append(.name(String(inner.dropFirst().dropLast())))
                } else {
                    return nil
                }
            }
        }
    }

    func find(in root: TemplateValue) -> TemplateValue? {
        var found = [root]
        var isMany = false
        for step in steps {
            var next: [TemplateValue] = []
            for value in found {
                switch (step, value) {
                case (.name(let name), .map(let map)): if let value = map[name] { next.append(value) }
                case (.index(let index), .list(let list)):
                    let place = index < 0 ? list.elements.count + index : index
                    if list.elements.indices.contains(place) { next.append(list.elements[place]) }
                case (.all, .list(let list)): next += list.elements
                case (.all, .map(let map)): next += map.values
                case (.deep(let name), _): Self.search(name, value, &next)
                default: break
                }
            }
            switch step {
            case .all, .deep: isMany = true
            default: break
            }
            found = next
        }
        return isMany ? .list(TemplateList(found, .json)) : found.first
    }

    private static func search(_ name: String, _ value: TemplateValue, _ found: inout [TemplateValue]) {
        switch value {
        case .map(let map):
            if let value = map[name] { found.append(value) }
            for value in map.values { search(name, value, &found) }
        case .list(let list): for value in list.elements { search(name, value, &found) }
        default: break
        }
    }
}
