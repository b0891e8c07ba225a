// The tables of the house: what each target may import, and what lies at the top of the tree.

enum House {
    /// The floors without clock, chance, I/O and `async`.
    static let pureFloors: Set<String> = ["JSON", "Expressions", "Identity", "States"]

    /// What a target in Sources may import. An import only ever points down.
    static let imports: [String: Set<String>] = [
        "JSON": ["Collections", "OrderedCollections"],
        "CPCRE2": [],
        "CSQLite": [],
        "Expressions": ["JSON", "CPCRE2", "Crypto"],
        "Identity": ["JSON", "Crypto"],
        "States": ["JSON", "Expressions", "Crypto"],
        "Storage": ["States", "JSON", "CSQLite", "CPostgreSQL"] + system,
        "Workers": ["States", "Identity", "JSON", "AsyncHTTPClient", "Crypto", "Logging"] + nio + system,
        "RecipeMove": ["Workers", "JSON", "CSQLite", "AsyncHTTPClient", "Foundation", "Logging"] + nio + system,
        "Engine": ["Storage", "Workers", "States", "JSON", "Logging", "Metrics"] + system,
        "Server": [
            "Engine", "Workers", "Identity", "Expressions", "States", "JSON", "Storage", "Hummingbird",
            "HummingbirdCore", "JWTKit", "HTTPTypes", "ServiceLifecycle", "Logging", "Metrics", "CoreMetrics", "Crypto",
            "Yams", "Foundation",
        ] + nio + system,
        "newel": [
            "Server", "Engine", "RecipeMove", "Workers", "Storage", "States", "Identity", "Expressions", "JSON",
            "ArgumentParser", "Configuration", "ServiceLifecycle", "UnixSignals", "Logging", "Metrics",
            "AsyncHTTPClient", "Foundation", "HTTPTypes", "Yams",
        ] + nio + system,
    ]

    private static let nio: Set<String> = ["NIOCore", "NIOHTTP1", "NIOPosix", "NIOFoundationCompat"]
    /// The operating system and Swift's own libraries, for floors that may do I/O.
    private static let system: Set<String> = ["Dispatch", "Glibc", "Synchronization"]

    /// What `git` tracks at the top.
    static let topLevel: Set<String> = [
        "Package.swift", "README.md", "LICENSE", "Sources", "Tests", "config", "systemd", ".ci", ".gitignore",
        ".swift-format",
    ]

    static let protocols: Set<String> = ["Store", "TaskRunner"]

    static let longestFile = 700
    static let longestFunction = 70
    static let widestLine = 120
}

private func + (left: Set<String>, right: Set<String>) -> Set<String> { left.union(right) }
