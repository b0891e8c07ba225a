// The project's tables: what each target may import, and what is at the top of the tree.

enum Project {
    /// The targets without clock, randomness, I/O and `async`.
    static let pureTargets: Set<String> = ["JSON", "Core", "Expressions", "Identity", "Integrations", "States"]

    /// What a target in Sources may import. An import goes to lower layers only.
    static let imports: [String: Set<String>] = [
        "JSON": [],
        "Core": ["Crypto", "Synchronization"],
        "CPCRE2": [],
        "CSQLite": [],
        "Expressions": ["JSON", "Core", "CPCRE2", "Crypto", "Synchronization"],
        "Identity": ["JSON", "Core", "Crypto"],
        "Integrations": ["JSON", "Core"],
        "States": ["JSON", "Core", "Expressions", "Integrations", "Crypto"],
        "Storage": ["States", "JSON", "Core", "CSQLite", "CPostgreSQL"] + system,
        "System": ["Core"] + system,
        "HTTPServer": ["System", "Core", "ServiceLifecycle", "Logging", "Metrics"] + nio + system,
        "Outbound": ["Identity", "JSON", "Core", "AsyncHTTPClient", "Logging"] + nio + system,
        "Functions": ["JSON", "Core"] + system,
        "Engine": ["System", "Storage", "States", "Integrations", "JSON", "Core", "Logging", "Metrics"] + system,
        "RecipeMove": ["Functions", "Outbound", "JSON", "Core", "CSQLite", "Foundation"] + system,
        "API": [
            "System", "Engine", "Identity", "HTTPServer", "Storage", "States", "JSON", "Core", "ServiceLifecycle",
            "Logging",
            "Metrics", "Crypto",
        ] + nio + system,
        "Telemetry": ["Engine", "Outbound", "Storage", "States", "JSON", "Core", "Metrics", "Logging"] + system,
        "Tasks": [
            "API", "Engine", "Functions", "Outbound", "HTTPServer", "Identity", "States", "Integrations", "JSON",
            "Core", "Metrics", "NIOCore",
        ] + system,
        "Gateway": [
            "HTTPServer", "Expressions", "Identity", "JSON", "Core", "ServiceLifecycle", "Logging", "Metrics", "Yams",
        ] + nio + system,
        "Admin": [
            "API", "Telemetry", "Engine", "HTTPServer", "Storage", "JSON", "Core", "ServiceLifecycle", "Logging",
            "NIOCore", "NIOHTTP1",
        ] + system,
        "newel": [
            "Admin", "Gateway", "Tasks", "Telemetry", "API", "RecipeMove", "Engine", "Functions", "Outbound",
            "HTTPServer", "System", "Storage", "States", "Identity", "Expressions", "JSON", "Core", "ArgumentParser",
            "Configuration", "ServiceLifecycle", "UnixSignals", "Logging", "Metrics", "AsyncHTTPClient", "Foundation",
            "HTTPTypes", "Yams", "Crypto",
        ] + nio + system,
    ]

    private static let nio: Set<String> = ["NIOCore", "NIOHTTP1", "NIOPosix", "NIOFoundationCompat"]
    /// The operating system and Swift's own libraries, for targets that may do I/O.
    private static let system: Set<String> = ["Dispatch", "Glibc", "Synchronization"]

    /// What `git` tracks at the top.
    static let topLevel: Set<String> = [
        "Package.swift", "README.md", "LICENSE", "Sources", "Tests", "Docs", "config", "systemd", ".ci", ".gitignore",
        ".swift-format",
    ]

    static let protocols: Set<String> = [
        "Store", "TaskRunner", "ServiceIntegration", "RecordBody", "WallClock", "RandomSource", "LaneExecutor",
    ]

    static let longestFile = 700
    static let longestFunction = 70
    static let widestLine = 120
}

private func + (left: Set<String>, right: Set<String>) -> Set<String> { left.union(right) }
