// Which route a path takes.

import Testing

@testable import Gateway

@Suite("Routing")
struct RouteTableTests {
    static func table(_ routes: [(String, String)]) throws -> RouteTable<String> {
        var table = RouteTable<String>()
        for (verb, path) in routes {
            #expect(table.add(verb, try #require(RoutePath(path)), "\(verb) \(path)"))
        }
        return table
    }

    static let routes = [
        ("GET", "/{proxy+}"), ("GET", "/a/{x}"), ("POST", "/a/b"), ("OPTIONS", "/{proxy+}"), ("ANY", "/a/b/c"),
        ("GET", "/a/b/c"), ("GET", "/part1/part2"), ("GET", "/"), ("GET", "/files/{name+}"), ("PUT", "/{x}/z"),
    ]

    @Test(
        "the most specific route that has the verb wins, with backtracking to the root",
        arguments: [
            ("GET", "/", "GET /", [:]),
            ("GET", "/a/b", "GET /a/{x}", ["x": "b"]),
            ("POST", "/a/b", "POST /a/b", [:]),
            ("POST", "/a/b/", "POST /a/b", [:]),
            ("GET", "/a/b/c", "GET /a/b/c", [:]),
            ("DELETE", "/a/b/c", "ANY /a/b/c", [:]),
            ("OPTIONS", "/a/b", "OPTIONS /{proxy+}", ["proxy": "a/b"]),
            ("GET", "/part1/random", "GET /{proxy+}", ["proxy": "part1/random"]),
            ("GET", "/files/x/y.txt", "GET /files/{name+}", ["name": "x/y.txt"]),
            ("GET", "/a/b%20c", "GET /a/{x}", ["x": "b c"]),
            ("GET", "/a/b%2Fc", "GET /a/{x}", ["x": "b%2Fc"]),
            ("GET", "/a/b+c%", "GET /a/{x}", ["x": "b+c%"]),
            ("PUT", "/a/z", "PUT /{x}/z", ["x": "a"]),
        ] as [(String, String, String, [String: String])])
    func match(verb: String, path: String, target: String, parameters: [String: String]) throws {
        let found = try #require(Self.table(Self.routes).match(verb, path))
        #expect(found.target == target)
        #expect(found.parameters == parameters)
    }

    @Test(
        "what fits no route is no match",
        arguments: [("POST", "/"), ("PATCH", "/a/b"), ("TRACE", "/a/b/c"), ("PUT", "/a//z"), ("DELETE", "/x")])
    func noMatch(verb: String, path: String) throws {
        #expect(try Self.table(Self.routes).match(verb, path) == nil)
    }

    @Test("HEAD is not implied by GET")
    func head() throws {
        #expect(try Self.table([("GET", "/a")]).match("HEAD", "/a") == nil)
    }

    @Test("a verb of a path is there once")
    func twice() throws {
        var table = try Self.table([("GET", "/a/{x}")])
        #expect(!table.add("GET", try #require(RoutePath("/a/{y}")), "again"))
    }

    @Test("what is no resource path", arguments: ["a", "/a/{x}y", "/{x+}/y", "/{}", "/a b", "/{a b}", "/a/{x", "/ä"])
    func paths(text: String) {
        #expect(RoutePath(text) == nil)
    }

    @Test("a path of many segments is found at once")
    func deep() throws {
        let table = try Self.table([("GET", "/{a}/{b}/{c}"), ("GET", "/{proxy+}"), ("POST", "/x/{proxy+}")])
        #expect(table.match("GET", String(repeating: "/x", count: 10_000)) != nil)
        #expect(table.match("PUT", String(repeating: "/x", count: 10_000)) == nil)
    }
}
