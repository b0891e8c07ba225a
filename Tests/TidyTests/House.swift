// The tables of the house: what each target may import, and what lies at the top of the tree.

enum House {
    /// The floors without clock, chance, I/O and `async`.
    static let pureFloors: Set<String> = ["JSON", "Core", "Expressions", "Identity", "States"]

    /// What a target in Sources may import. An import only ever points down.
    static let imports: [String: Set<String>] = [
        "JSON": [],
        "Core": ["Crypto"],
        "CPCRE2": [],
        "CSQLite": [],
        "Expressions": ["JSON", "Core", "CPCRE2", "Crypto"],
        "Identity": ["JSON", "Core", "Crypto"],
        "States": ["JSON", "Core", "Expressions", "Crypto"],
        "Storage": ["States", "JSON", "Core", "CSQLite", "CPostgreSQL"] + system,
        "Workers": ["States", "Identity", "JSON", "Core", "AsyncHTTPClient", "Crypto", "Logging"] + nio + system,
        "RecipeMove": ["Workers", "JSON", "Core", "CSQLite", "AsyncHTTPClient", "Foundation", "Logging"] + nio + system,
        "Engine": ["Storage", "Workers", "States", "JSON", "Core", "Logging", "Metrics"] + system,
        "Server": [
            "Engine", "Workers", "Identity", "Expressions", "States", "JSON", "Core", "Storage", "Hummingbird",
            "HummingbirdCore", "JWTKit", "HTTPTypes", "ServiceLifecycle", "Logging", "Metrics", "CoreMetrics", "Crypto",
            "Yams", "Foundation",
        ] + nio + system,
        "newel": [
            "Server", "Engine", "RecipeMove", "Workers", "Storage", "States", "Identity", "Expressions", "JSON", "Core",
            "ArgumentParser", "Configuration", "ServiceLifecycle", "UnixSignals", "Logging", "Metrics",
            "AsyncHTTPClient", "Foundation", "HTTPTypes", "Yams",
        ] + nio + system,
    ]

    private static let nio: Set<String> = ["NIOCore", "NIOHTTP1", "NIOPosix", "NIOFoundationCompat"]
    /// The operating system and Swift's own libraries, for floors that may do I/O.
    private static let system: Set<String> = ["Dispatch", "Glibc", "Synchronization"]

    /// What `git` tracks at the top.
    static let topLevel: Set<String> = [
        "Package.swift", "README.md", "LICENSE", "Sources", "Tests", "Docs", "config", "systemd", ".ci", ".gitignore",
        ".swift-format",
    ]

    static let protocols: Set<String> = ["Store", "TaskRunner"]

    static let longestFile = 700
    static let longestFunction = 70
    static let widestLine = 120
}

private func + (left: Set<String>, right: Set<String>) -> Set<String> { left.union(right) }
