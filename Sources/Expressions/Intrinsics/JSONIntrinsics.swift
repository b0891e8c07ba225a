// States.StringToJson, JsonToString and JsonMerge.

import Core
import JSON

extension IntrinsicArguments {
    /// A blank text gives null and `-0` gives 0, as AWS was seen to do.
    func stringToJson(_ budget: inout EvaluationBudget) throws(IntrinsicError) -> JSONValue {
        let text = try text(0)
        if text.utf8.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) { return .null }
        switch try budgeted({ () throws(EvaluationBudgetExceeded) in try budget.parse(text) }) {
        case .success(.number(let number)) where number.text == "-0": return 0
        case .success(let value): return value
        case .failure(let error): throw refusal("the text is not JSON: \(error)")
        }
    }

    func jsonToString(_ budget: inout EvaluationBudget) throws(IntrinsicError) -> JSONValue {
        let text = try budgeted { () throws(EvaluationBudgetExceeded) in
            try budget.text(of: values[0], within: Limits.Evaluation.Intrinsics.maximumTextBytes)
        }
        guard let text else { throw refusal("the result is too long") }
        return .string(text)
    }

    /// The members of the second object win over those of the first; deeper ones are not merged, which is why the
    /// third argument has to be `false`.
    func jsonMerge(_ budget: inout EvaluationBudget) throws(IntrinsicError) -> JSONValue {
        var merged = try object(0)
        guard case .bool(false) = values[2] else {
            throw refusal("only the shallow merge is supported, the third argument must be false")
        }
        let second = try object(1)
        let count = merged.count + second.count
        try budgeted { () throws(EvaluationBudgetExceeded) in
            try budget.charge(steps: count)
            try budget.charge(bytes: EvaluationBudget.memberBytes * count)
        }
        for (name, value) in second { merged[name] = value }
        return .object(merged)
    }
}
