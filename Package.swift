// swift-tools-version: 6.2
import PackageDescription

// Newel's targets, from the lowest layer to the highest. An import goes to lower layers only; TidyTests checks it.
//
// `NEWEL_TOP=States swift test` builds that target, what it imports and their tests alone, so that work on a pure
// target never waits for the HTTP stack.

struct TargetRow {
    enum Kind {
        case library
        case executable
        case tests
        case system(pkgConfig: String, apt: String)
    }

    var name: String
    var kind: Kind = .library
    var path: String?
    /// Newel's own targets that it may import.
    var on: [String] = []
    /// Library products of other packages that it may import: (product, package).
    var uses: [(String, String)] = []
}

let crypto = ("Crypto", "swift-crypto")
let logging = ("Logging", "swift-log")
let metrics = ("Metrics", "swift-metrics")
let lifecycle = ("ServiceLifecycle", "swift-service-lifecycle")
let httpClient = ("AsyncHTTPClient", "async-http-client")
let nioCore = ("NIOCore", "swift-nio")
let nioHTTP = ("NIOHTTP1", "swift-nio")
let nioPosix = ("NIOPosix", "swift-nio")

let usualTargets: [TargetRow] = [
    TargetRow(name: "JSON"),
    TargetRow(name: "Core", uses: [crypto]),

    TargetRow(name: "CPCRE2", kind: .system(pkgConfig: "libpcre2-8", apt: "libpcre2-dev")),
    TargetRow(name: "Expressions", on: ["JSON", "Core", "CPCRE2"], uses: [crypto]),
    TargetRow(name: "Identity", on: ["JSON", "Core"], uses: [crypto]),
    TargetRow(name: "Integrations", on: ["JSON", "Core"]),

    TargetRow(name: "States", on: ["JSON", "Core", "Expressions", "Integrations"], uses: [crypto]),

    TargetRow(name: "CSQLite", kind: .system(pkgConfig: "sqlite3", apt: "libsqlite3-dev")),
    TargetRow(name: "Storage", on: ["States", "JSON", "Core", "CSQLite"]),
    TargetRow(name: "System", on: ["Core"]),
    TargetRow(
        name: "HTTPServer", on: ["System", "Core"], uses: [nioCore, nioHTTP, nioPosix, lifecycle, logging, metrics]),
    TargetRow(name: "Outbound", on: ["Identity", "Core"], uses: [httpClient, nioCore, nioHTTP]),
    TargetRow(name: "Functions", on: ["JSON", "Core"]),

    TargetRow(
        name: "Engine", on: ["System", "Storage", "States", "Integrations", "JSON", "Core"], uses: [logging, metrics]),
    TargetRow(
        name: "RecipeMove", on: ["Functions", "Outbound", "JSON", "Core", "CSQLite"]),

    TargetRow(
        name: "API", on: ["System", "Engine", "Identity", "HTTPServer", "Storage", "States", "JSON", "Core"],
        uses: [nioCore, nioHTTP, nioPosix, lifecycle, logging, metrics, crypto]),
    TargetRow(
        name: "Telemetry", on: ["Engine", "Outbound", "Storage", "States", "JSON", "Core"], uses: [logging, metrics]),

    TargetRow(
        name: "Tasks",
        on: [
            "API", "Engine", "Functions", "Outbound", "HTTPServer", "Identity", "States", "Integrations",
            "JSON", "Core",
        ],
        uses: [nioCore, metrics]),
    TargetRow(
        name: "Gateway", on: ["HTTPServer", "Expressions", "JSON", "Core"],
        uses: [nioCore, nioHTTP, nioPosix, lifecycle, logging, metrics, ("Yams", "Yams")]),
    TargetRow(
        name: "Admin", on: ["API", "Telemetry", "Engine", "HTTPServer", "Storage", "JSON", "Core"],
        uses: [nioCore, nioHTTP, lifecycle, logging]),

    TargetRow(
        name: "newel", kind: .executable,
        on: [
            "Admin", "Gateway", "Tasks", "Telemetry", "API", "RecipeMove", "Engine", "Functions", "Outbound",
            "HTTPServer", "System", "Storage", "States", "Identity", "Expressions", "JSON", "Core",
        ],
        uses: [
            ("ArgumentParser", "swift-argument-parser"), ("Configuration", "swift-configuration"), lifecycle,
            ("UnixSignals", "swift-service-lifecycle"), logging, metrics, httpClient, nioCore, nioPosix, nioHTTP,
            crypto, ("Yams", "Yams"),
        ]),

    TargetRow(name: "TestSupport", path: "Tests/TestSupport", on: ["JSON"]),
    TargetRow(
        name: "HTTPSupport", path: "Tests/HTTPSupport", uses: [nioCore, nioPosix, nioHTTP, lifecycle, logging]),
    TargetRow(
        name: "EngineSupport", path: "Tests/EngineSupport", on: ["System", "Engine", "Storage", "Core"],
        uses: [logging]),
    TargetRow(
        name: "APISupport", path: "Tests/APISupport",
        on: [
            "EngineSupport", "System", "API", "Tasks", "Functions", "Engine", "Identity", "Storage", "States", "JSON",
            "Core",
        ],
        uses: [nioCore, logging]),
    TargetRow(
        name: "Simulation", path: "Tests/Simulation",
        on: ["EngineSupport", "Engine", "Storage", "States", "Integrations", "Expressions", "JSON", "Core"],
        uses: [logging]),
    TargetRow(
        name: "Benchmarks", kind: .executable, path: "Tests/Benchmarks",
        on: [
            "EngineSupport", "System", "Tasks", "Functions", "Engine", "Storage", "States", "JSON", "Core",
            "Expressions", "CSQLite",
        ],
        uses: [logging]),
    TargetRow(name: "TidyTests", kind: .tests),
    TargetRow(name: "JSONTests", kind: .tests, on: ["JSON", "TestSupport"]),
    TargetRow(name: "ExpressionsTests", kind: .tests, on: ["Expressions", "JSON", "Core", "TestSupport"]),
    TargetRow(name: "IdentityTests", kind: .tests, on: ["Identity", "JSON", "Core", "TestSupport"]),
    TargetRow(name: "IntegrationsTests", kind: .tests, on: ["Integrations", "JSON", "Core"]),
    TargetRow(
        name: "StatesTests", kind: .tests, on: ["States", "Integrations", "Expressions", "JSON", "Core", "TestSupport"]),
    TargetRow(name: "PropertyTests", kind: .tests, on: ["States", "Expressions", "JSON", "Core"]),
    TargetRow(name: "StorageTests", kind: .tests, on: ["Storage", "Simulation", "States", "JSON", "Core", "CSQLite"]),
    TargetRow(
        name: "HTTPServerTests", kind: .tests, on: ["HTTPServer", "JSON", "Core", "HTTPSupport", "TestSupport"],
        uses: [httpClient, nioCore, nioPosix, nioHTTP, lifecycle, logging]),
    TargetRow(
        name: "EngineTests", kind: .tests,
        on: [
            "EngineSupport", "System", "Engine", "Tasks", "Functions", "Storage", "States", "JSON", "Core",
            "HTTPSupport",
        ],
        uses: [logging]),
    TargetRow(
        name: "SimulationTests", kind: .tests,
        on: ["Simulation", "EngineSupport", "System", "Engine", "Storage", "States", "Integrations", "JSON", "Core"],
        uses: [logging]),
    TargetRow(
        name: "RecipeMoveTests", kind: .tests,
        on: ["RecipeMove", "Functions", "JSON", "Core", "CSQLite", "TestSupport", "HTTPSupport"]),
    TargetRow(
        name: "APITests", kind: .tests,
        on: [
            "API", "Engine", "Expressions", "Identity", "HTTPServer", "Storage", "States", "JSON", "Core", "APISupport",
            "HTTPSupport",
            "TestSupport",
        ],
        uses: [httpClient, nioCore, nioHTTP, lifecycle, logging]),
    TargetRow(
        name: "TelemetryTests", kind: .tests,
        on: ["Telemetry", "HTTPServer", "Engine", "States", "JSON", "Core", "HTTPSupport"], uses: [metrics, nioCore]),
    TargetRow(
        name: "TasksTests", kind: .tests,
        on: [
            "Tasks", "Functions", "Outbound", "Engine", "Identity", "States", "Integrations", "JSON", "Core",
            "TestSupport",
            "HTTPSupport",
        ]),
    TargetRow(
        name: "GatewayTests", kind: .tests,
        on: ["Gateway", "HTTPServer", "Expressions", "JSON", "Core", "TestSupport", "HTTPSupport"],
        uses: [nioCore, nioHTTP, lifecycle, logging]),
    TargetRow(
        name: "AdminTests", kind: .tests,
        on: [
            "Admin", "Telemetry", "API", "Engine", "HTTPServer", "JSON", "Core", "APISupport", "EngineSupport",
            "HTTPSupport",
        ],
        uses: [nioCore, nioHTTP, lifecycle, logging, metrics]),
    TargetRow(
        name: "NewelTests", kind: .tests,
        on: [
            "newel", "Gateway", "Telemetry", "API", "Engine", "Tasks", "Functions", "HTTPServer", "Storage", "States",
            "JSON", "Core", "TestSupport", "HTTPSupport",
        ],
        uses: [logging, httpClient, nioCore, nioHTTP]),
]

/// Links to the files of config/: the program has them inside, so that `newel demo` needs no checkout.
let shipped = [
    "newel.yaml", "recipes.openapi.yaml", "move-recipe.asl.json", "iam/ApiToSfn.json", "iam/MoveRecipe.json",
].map { Resource.embedInCode("Shipped/" + $0) }

/// Fuzzing has a build of its own (Tests/Fuzz/run).
let fuzzing = Context.environment["NEWEL_FUZZ"] != nil
let fuzz = TargetRow(
    name: "Fuzz", kind: .executable, path: "Tests/Fuzz", on: ["States", "Expressions", "JSON", "Core"])
let rows = usualTargets + (fuzzing ? [fuzz] : [])

let packages: [(String, Package.Dependency)] = [
    ("swift-crypto", .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2")),
    ("swift-log", .package(url: "https://github.com/apple/swift-log", from: "1.16.2")),
    ("swift-metrics", .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0")),
    ("async-http-client", .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0")),
    ("swift-nio", .package(url: "https://github.com/apple/swift-nio", from: "2.101.2")),
    (
        "swift-service-lifecycle",
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0")
    ),
    ("swift-argument-parser", .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")),
    (
        "swift-configuration",
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"])
    ),
    ("Yams", .package(url: "https://github.com/jpsim/Yams", from: "6.2.2")),
]

// MARK: - From the table to SwiftPM

func isTests(_ row: TargetRow) -> Bool { if case .tests = row.kind { true } else { false } }

let top = Context.environment["NEWEL_TOP"]
var requested = Set(rows.map(\.name))
if let top {
    func below(_ name: String) -> Set<String> {
        guard let row = rows.first(where: { $0.name == name }) else { fatalError("NEWEL_TOP: no target \(name)") }
        return row.on.reduce(into: [name]) { $0.formUnion(below($1)) }
    }
    requested = below(top)
    let support: Set = ["TestSupport", "HTTPSupport"]
    for row in rows where isTests(row) && row.on.contains(top) {
        guard Set(row.on).subtracting(support).isSubset(of: requested) else { continue }
        requested.insert(row.name)
        requested.formUnion(support.intersection(row.on))
    }
}
let chosen = rows.filter { requested.contains($0.name) }
let usedPackages = Set(chosen.flatMap { $0.uses.map(\.1) })

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "newel",
    dependencies: packages.filter { usedPackages.contains($0.0) }.map(\.1),
    targets: chosen.map { row in
        let dependencies =
            row.on.map { Target.Dependency.byName(name: $0) }
            + row.uses.map { Target.Dependency.product(name: $0.0, package: $0.1) }
        switch row.kind {
        case .library:
            return .target(name: row.name, dependencies: dependencies, path: row.path, swiftSettings: settings)
        case .executable:
            return .executableTarget(
                name: row.name, dependencies: dependencies, path: row.path,
                resources: row.name == "newel" ? shipped : nil, swiftSettings: settings)
        case .tests:
            return .testTarget(name: row.name, dependencies: dependencies, path: row.path, swiftSettings: settings)
        case .system(let pkgConfig, let apt):
            return .systemLibrary(name: row.name, pkgConfig: pkgConfig, providers: [.apt([apt])])
        }
    }
)
