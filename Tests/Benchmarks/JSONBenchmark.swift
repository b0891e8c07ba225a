// Parse and print of a 2 KB document: JSONValue against Foundation's JSONSerialization.

import Foundation
import JSON

enum JSONBenchmark {
    /// What an execution of the recipe move carries: names, ids, prose, numbers, a few escapes and accents.
    static let document: [UInt8] = {
        let steps = [
            "Put the lentils into cold water and leave them for an hour.",
            "Chop the onion, the celery and the carrot finely; press the garlic.",
            "Fry everything in olive oil over a low flame until it is soft, then add the \"soffritto\" spices.",
            "Add lentils, tomatoes and stock; simmer for 40 minutes, half covered.",
            "Season with salt, vinegar and Crème fraîche\nand serve with bread.",
        ]
        let ingredients = [("lentils", 250.0), ("onion", 1), ("celery", 2), ("carrot", 1.5), ("olive oil", 30.25)]
            .map { name, amount -> JSONValue in
                ["name": .string(name), "amount": .double(amount), "unit": "g", "optional": false, "note": nil]
            }
        let comments = [
            "Made it twice this week; the children asked for more.", "I used red lentils: 20 minutes are enough.",
            "Übrigens: mit Zitrone statt Essig noch besser!", "Freezes well. Next time without the celery…",
            "A spoon of mustard in the dressing goes a long way; so does a bay leaf in the stock.",
            "My grandmother put a slice of smoked bacon in; leave it out and add paprika instead.",
        ]
        let value: JSONValue = [
            "comments": .array(comments.map { ["by": ["id": 3, "name": "Zoë"], "text": .string($0), "likes": 12] }),
            "executionArn": "arn:aws:states:us-east-1:000000000000:execution:move-recipe:8f0b1c52-6a58-4a0e-9a55-0d1f",
            "recipe": [
                "id": 1, "title": "Lentil soup", "owner": ["id": 2, "name": "Åsa Lindström", "followers": 1204],
                "steps": .array(steps.map { .string($0) }), "ingredients": .array(ingredients),
                "tags": ["soup", "vegetarian", "winter", "slow"], "rating": 4.75, "votes": 312, "public": true,
                "created": "2026-01-14T09:26:53.589Z", "updated": "2026-08-22T10:11:12Z",
                "picture": "https://recipes.example/pictures/1/large.jpg?width=1600&height=900",
            ],
            "previous_owner": ["id": 1, "name": "Ann", "recipes": [1, 4, 9, 16, 25, 36, 49, 64, 81, 100]],
            "outbox": [
                ["doc": "recipe-1", "version": 7, "state": "pending"],
                ["doc": "user-1", "version": 41, "state": "done"],
                ["doc": "user-2", "version": 17, "state": "done"],
            ],
        ]
        return value.bytes
    }()

    static func run() throws {
        let data = Data(document)
        let value = try JSONValue.parse(document)
        let parts = try Comparison.medians(
            calls: 2000, { _ = try JSONValue.parse(document) }, { precondition(value.bytes.count == document.count) })
        let medians = try Comparison.medians(
            calls: 2000,
            {
                let value = try JSONValue.parse(document)
                precondition(value.bytes.count == document.count)
            },
            {
                let value = try JSONSerialization.jsonObject(with: data)
                let bytes = try JSONSerialization.data(withJSONObject: value)
                precondition(bytes.count > 1000)
            })
        let ratio = medians.theirs / medians.ours
        print(
            "json: parse + print of \(document.count) bytes: JSONValue \(shown(medians.ours)) µs, "
                + "JSONSerialization \(shown(medians.theirs)) µs, ratio \(shown(ratio)) "
                + "(parse \(shown(parts.ours)), print \(shown(parts.theirs)) µs)")
    }

    /// Ours alone, for a profiler to look at.
    static func loop() throws {
        for _ in 0..<100_000 {
            let bytes = try JSONValue.parse(document).bytes
            precondition(bytes.count == document.count)
        }
    }

    private static func shown(_ value: Double) -> String { String(format: "%.2f", value) }
}
