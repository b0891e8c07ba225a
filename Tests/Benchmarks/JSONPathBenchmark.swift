// How many evaluations a second typical paths of Step Functions take.

import Core
import Expressions
import Foundation
import JSON

enum JSONPathBenchmark {
    /// A path for each kind of step that definitions use.
    static let paths = [
        "$", "$.order", "$.order.customer.address.city", "$['order']['customer']['name']", "$.items[0].sku",
        "$.items[3].tags[1]", "$$.Execution.Id", "$order.customer.name", "$['id','status']",
        "$.items[(@.length-1)].sku",
        "$.items[*]", "$.items[*].sku", "$.items[1:4].price", "$.items[0,2,4].sku", "$.order.*", "$..sku", "$..tags[0]",
        "$.items[?(@.price > 20)]", "$.items[?(@.sku == 'SKU-7')].price", "$.items[?(@.note)].sku",
        "$.items[?(@.price > 20 && @.quantity == 1)].sku", "$.missing[*].sku",
    ]

    /// A document of about 2 KiB.
    static let document: JSONValue = [
        "id": "4711", "status": "PAID",
        "order": [
            "customer": [
                "name": "Åsa Lindström", "email": nil, "address": ["street": "Main St 1", "city": "Springfield"],
            ],
            "total": 412.5, "currency": "EUR", "express": false,
        ],
        "items": .array(
            (0..<12).map { index in
                var item: JSONObject = [
                    "sku": .string("SKU-\(index)"), "quantity": .int(index % 3), "price": .double(Double(index) * 4.25),
                    "tags": ["new", .string("group-\(index % 4)")],
                    "origin": ["warehouse": .int(index % 2), "shelf": .string("A\(index)")],
                ]
                if index % 4 == 0 { item["note"] = "gift" }
                return .object(item)
            }),
    ]

    /// Prints a line for each path: evaluations in a second, the best of five rounds, and microseconds for one.
    static func run() throws {
        let context: JSONValue = ["Execution": ["Id": "arn:aws:states:us-east-1:000000000000:execution:m:x"]]
        let scope = PathScope(
            input: document, context: context, variables: ["order": document["order"] ?? .null])
        for source in paths {
            guard let path = try? JSONPath(source) else {
                print("jsonpath: \(source): refused")
                continue
            }
            let seconds = fastest {
                var budget = EvaluationBudget(steps: Limits.Evaluation.JSONPath.maximumSteps)
                _ = try? path.evaluate(scope, budget: &budget)
            }
            print("jsonpath: \(source): \(Int(1 / seconds)) a second, \(String(format: "%.3f", seconds * 1e6)) µs")
        }
    }

    /// CPU seconds of one call on this thread.
    private static func fastest(_ body: () -> Void) -> Double {
        var best = Double.infinity
        for _ in 0..<5 {
            let calls = 20_000
            let began = threadTime()
            for _ in 0..<calls { body() }
            best = min(best, (threadTime() - began) / Double(calls))
        }
        return max(best, 1e-9)
    }

    private static func threadTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
