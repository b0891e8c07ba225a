// Why a reference path cannot be applied, in the words of Step Functions (language.md §10.6).

package import JSON

extension ReferencePath {
    /// The text for a path that cannot be read: the step that fails and what it is applied to.
    package func conflict(in scope: PathScope) -> String {
        var node = (try? path.root.value(in: scope)) ?? .null
        for step in path.segments {
            guard let next = step.child(of: node) else { return Self.text(step, node) }
            node = next
        }
        return "Unable to apply ReferencePath \(source) to input \(node.text)"
    }

    /// The text for a path that cannot be written. Step Functions names the whole path where the document is neither an
    /// object nor an array (recorded), the step otherwise.
    package func conflict(inSetting document: JSONValue) -> String {
        guard document.objectValue != nil || document.arrayValue != nil else {
            return "Unable to apply ReferencePath \(source) to input \(document.text)"
        }
        var node = document
        for step in path.segments {
            if case .key = step, node.objectValue != nil {
                // A missing member is made, and so is all below it.
                guard let next = step.child(of: node) else { break }
                node = next
            } else {
                guard let next = step.child(of: node) else { return Self.text(step, node) }
                node = next
            }
        }
        return "Unable to apply ReferencePath \(source) to input \(document.text)"
    }

    private static func text(_ step: PathSegment, _ node: JSONValue) -> String {
        let name =
            switch step {
            case .key(let name, _): name
            case .index(let index): "[\(index)]"
            default: step.fragment
            }
        return "Unable to apply step \"\(name)\" to input \(node.text)"
    }
}

extension PathSegment {
    /// The value that a name or an index leads to.
    fileprivate func child(of node: JSONValue) -> JSONValue? {
        switch self {
        case .key(let name, _): return node[name]
        case .index(let index):
            guard let elements = node.arrayValue else { return nil }
            let place = index < 0 ? elements.count + index : index
            return elements.indices.contains(place) ? elements[place] : nil
        default: return nil
        }
    }
}
