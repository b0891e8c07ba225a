// States.StringToJson, JsonToString and JsonMerge.

import JSON

extension IntrinsicArguments {
    /// A blank text gives null and `-0` gives 0, as AWS was seen to do.
    func stringToJson() throws(IntrinsicError) -> JSONValue {
        let text = try text(0)
        if text.utf8.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) { return .null }
        do throws(JSONError) {
            let value = try JSONValue.parse(text)
            if case .number(let number) = value, number.text == "-0" { return 0 }
            return value
        } catch {
            throw refusal("the text is not JSON: \(error)")
        }
    }

    func jsonToString() throws(IntrinsicError) -> JSONValue { try result(values[0].text) }

    /// The members of the second object win over those of the first; deeper ones are not merged, which is why the
    /// third argument has to be `false`.
    func jsonMerge() throws(IntrinsicError) -> JSONValue {
        var merged = try object(0)
        guard case .bool(false) = values[2] else {
            throw refusal("only the shallow merge is supported, the third argument must be false")
        }
        for (name, value) in try object(1) { merged[name] = value }
        return .object(merged)
    }
}
