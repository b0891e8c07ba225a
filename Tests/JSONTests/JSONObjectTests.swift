// Objects: the order of members, names, removal and equality, below and above the size where an index sets in.

import JSON
import Testing

@Suite("JSON objects")
struct JSONObjectTests {
    @Test("Members keep the order in which they were first set.", arguments: [1, 5, 12, 13, 14, 100])
    func order(count: Int) {
        var object = JSONObject()
        for number in (0..<count).reversed() { object["k\(number)"] = .int(number) }
        object["k0"] = "again"
        #expect(object.keys == (0..<count).reversed().map { "k\($0)" })
        #expect(object.count == count)
        #expect(object["k0"] == "again")
        #expect(object["k\(count - 1)"] == (count == 1 ? "again" : .int(count - 1)))
        #expect(object["none"] == nil)
        #expect(object.values.last == "again")
    }

    @Test("A removed member is gone and the others stay where they were.", arguments: [2, 12, 13, 14, 40])
    func removal(count: Int) {
        for removed in 0..<count {
            var object = JSONObject((0..<count).map { ("k\($0)", .int($0)) })
            #expect(object.removeValue(forKey: "k\(removed)") == .int(removed))
            #expect(object.removeValue(forKey: "k\(removed)") == nil)
            #expect(object.keys == (0..<count).filter { $0 != removed }.map { "k\($0)" })
            for left in 0..<count where left != removed { #expect(object["k\(left)"] == .int(left)) }
            object["k\(removed)"] = "back"
            #expect(object.keys.last == "k\(removed)")
            #expect(object["k\(removed)"] == "back")
        }
    }

    @Test("Setting nil removes; setting null does not.")
    func setNil() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["a"] = nil
        #expect(object.keys == ["b"])
        object["b"] = .some(.null)
        #expect(object["b"]?.isNull == true)
        object["c"] = nil
        #expect(object.count == 1)
    }

    @Test(
        "Of parsed duplicates the last value stands at the first place.", arguments: [2, 12, 13, 30])
    func duplicates(count: Int) throws {
        let names = (0..<count).map { "\"k\($0)\":\($0)" }
        let text = "{" + (names + ["\"k1\":\"last\""]).joined(separator: ",") + "}"
        let object = try #require(try JSONValue.parse(text).objectValue)
        #expect(object.keys == (0..<count).map { "k\($0)" })
        #expect(object["k1"] == "last")
        #expect(object["k0"] == 0)
    }

    @Test("Names that look alike but differ in code units are two names.", arguments: [0, 20])
    func canonicalEquivalents(others: Int) throws {
        let padding = (0..<others).map { ",\"k\($0)\":0" }.joined()
        let object = try #require(try JSONValue.parse("{\"\u{E9}\":1,\"e\u{301}\":2\(padding)}").objectValue)
        #expect(object.count == 2 + others)
        #expect(object["\u{E9}"] == 1)
        #expect(object["e\u{301}"] == 2)
        #expect(JSONValue.string("\u{E9}") != JSONValue.string("e\u{301}"))
        #expect(JSONValue.string("\u{212B}") != JSONValue.string("\u{C5}"))
    }

    @Test("Equality is deep and does not look at the order of members.")
    func equality() throws {
        func same(_ left: String, _ right: String) throws -> Bool {
            try JSONValue.parse(left) == JSONValue.parse(right)
        }
        #expect(try same(#"{"a":1,"b":[{"c":2.0}]}"#, #"{"b":[{"c":2}],"a":1e0}"#))
        #expect(try !same(#"{"a":1}"#, #"{"a":1,"b":2}"#))
        #expect(try !same(#"{"a":1}"#, #"{"b":1}"#))
        #expect(try !same(#"{"a":null}"#, "{}"))
        #expect(try !same("[1,2]", "[2,1]"))
        #expect(try !same("1", "\"1\""))
        #expect(try !same("0", "false"))
        #expect(try !same("null", "false"))
    }

    @Test("A million members are read, found and removed from the end.")
    func manyMembers() throws {
        let count = 1_000_000
        var text = "{"
        for number in 0..<count { text += "\(number == 0 ? "" : ",")\"k\(number)\":\(number)" }
        text += "}"
        var object = try #require(try JSONValue.parse(text).objectValue)
        #expect(object.count == count)
        for number in stride(from: 0, to: count, by: 9973) { #expect(object["k\(number)"] == .int(number)) }
        for number in (count - 1000..<count).reversed() { object["k\(number)"] = nil }
        #expect(object.count == count - 1000)
        #expect(object["k\(count - 1001)"] == .int(count - 1001))
        #expect(object["k\(count - 1000)"] == nil)
    }
}
