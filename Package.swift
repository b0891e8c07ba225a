// swift-tools-version: 6.2
import PackageDescription

// The tower of Newel, bottom up. An import only ever points down; TidyTests holds the walls.
//
// `NEWEL_TOP=States swift test` builds that floor, what stands below it and their tests alone, so that work on a pure
// floor never waits for the HTTP stack.

struct Floor {
    enum Kind {
        case library
        case program
        case tests
        case system(pkgConfig: String, apt: String)
    }

    var name: String
    var kind: Kind = .library
    var path: String?
    /// Floors of this house that it may import.
    var on: [String] = []
    /// Library products of other packages that it may import: (product, package).
    var uses: [(String, String)] = []
}

let crypto = ("Crypto", "swift-crypto")
let logging = ("Logging", "swift-log")
let httpClient = ("AsyncHTTPClient", "async-http-client")
let nioCore = ("NIOCore", "swift-nio")

let usualFloors: [Floor] = [
    Floor(name: "JSON"),
    Floor(name: "Core", uses: [crypto]),
    Floor(name: "CPCRE2", kind: .system(pkgConfig: "libpcre2-8", apt: "libpcre2-dev")),
    Floor(name: "Expressions", on: ["JSON", "Core", "CPCRE2"], uses: [crypto]),
    Floor(name: "Identity", on: ["JSON", "Core"], uses: [crypto]),
    Floor(name: "States", on: ["JSON", "Core", "Expressions"], uses: [crypto]),
    Floor(name: "CSQLite", kind: .system(pkgConfig: "sqlite3", apt: "libsqlite3-dev")),
    Floor(name: "Storage", on: ["States", "JSON", "Core", "CSQLite"]),
    Floor(
        name: "Workers", on: ["States", "Identity", "JSON", "Core"],
        uses: [httpClient, nioCore, ("NIOHTTP1", "swift-nio"), crypto, logging]),
    Floor(
        name: "RecipeMove", on: ["Workers", "JSON", "Core", "CSQLite"],
        uses: [httpClient, nioCore, ("NIOHTTP1", "swift-nio"), logging]),
    Floor(
        name: "Engine", on: ["Storage", "Workers", "States", "JSON", "Core"],
        uses: [logging, ("Metrics", "swift-metrics")]),
    Floor(
        name: "Server", on: ["Engine", "Workers", "Identity", "Expressions", "States", "JSON", "Core", "Storage"],
        uses: [
            nioCore, ("NIOHTTP1", "swift-nio"), ("NIOPosix", "swift-nio"),
            ("ServiceLifecycle", "swift-service-lifecycle"), logging,
            ("Metrics", "swift-metrics"), ("Yams", "Yams"), crypto,
        ]),
    Floor(
        name: "newel", kind: .program,
        on: [
            "Server", "Engine", "RecipeMove", "Workers", "Storage", "States", "Identity", "Expressions", "JSON", "Core",
        ],
        uses: [
            ("ArgumentParser", "swift-argument-parser"), ("Configuration", "swift-configuration"),
            ("ServiceLifecycle", "swift-service-lifecycle"), ("UnixSignals", "swift-service-lifecycle"), logging,
            ("Metrics", "swift-metrics"), httpClient, nioCore, ("NIOPosix", "swift-nio"), ("NIOHTTP1", "swift-nio"),
            ("Yams", "Yams"),
        ]),

    Floor(name: "TestSupport", path: "Tests/TestSupport", on: ["JSON"]),
    Floor(
        name: "ScriptedHTTP", path: "Tests/ScriptedHTTP",
        uses: [nioCore, ("NIOPosix", "swift-nio"), ("NIOHTTP1", "swift-nio")]),
    Floor(
        name: "Simulation", path: "Tests/Simulation",
        on: ["Engine", "Storage", "Workers", "States", "Expressions", "JSON", "Core"]),
    Floor(
        name: "Benchmarks", kind: .program, path: "Tests/Benchmarks",
        on: ["Engine", "Storage", "Workers", "States", "JSON", "Core", "Expressions", "CSQLite"], uses: [logging]),
    Floor(name: "TidyTests", kind: .tests),
    Floor(name: "JSONTests", kind: .tests, on: ["JSON", "TestSupport"]),
    Floor(name: "ExpressionsTests", kind: .tests, on: ["Expressions", "JSON", "Core", "TestSupport"]),
    Floor(name: "IdentityTests", kind: .tests, on: ["Identity", "JSON", "Core", "TestSupport"]),
    Floor(name: "StatesTests", kind: .tests, on: ["States", "Expressions", "JSON", "Core", "TestSupport"]),
    Floor(name: "PropertyTests", kind: .tests, on: ["States", "Expressions", "JSON", "Core"]),
    Floor(name: "StorageTests", kind: .tests, on: ["Storage", "Simulation", "States", "JSON", "Core", "CSQLite"]),
    Floor(
        name: "WorkersTests", kind: .tests,
        on: ["Workers", "Identity", "States", "JSON", "Core", "TestSupport", "ScriptedHTTP"]),
    Floor(
        name: "RecipeMoveTests", kind: .tests,
        on: ["RecipeMove", "Workers", "States", "JSON", "Core", "CSQLite", "TestSupport", "ScriptedHTTP"]),
    Floor(
        name: "EngineTests", kind: .tests,
        on: ["Engine", "Storage", "Workers", "States", "JSON", "Core", "ScriptedHTTP"], uses: [logging]),
    Floor(
        name: "SimulationTests", kind: .tests,
        on: ["Simulation", "Engine", "Storage", "Workers", "States", "JSON", "Core"],
        uses: [logging]),
    Floor(
        name: "ServerTests", kind: .tests,
        on: [
            "Server", "Engine", "Storage", "Workers", "Identity", "Expressions", "States", "JSON", "Core",
            "TestSupport",
        ],
        uses: [
            httpClient, nioCore, ("NIOPosix", "swift-nio"),
            ("NIOHTTP1", "swift-nio"), ("ServiceLifecycle", "swift-service-lifecycle"), logging,
            ("Metrics", "swift-metrics"),
        ]),
    Floor(
        name: "NewelTests", kind: .tests,
        on: [
            "newel", "Server", "Engine", "Storage", "Workers", "States", "JSON", "Core", "TestSupport", "ScriptedHTTP",
        ],
        uses: [logging, httpClient, nioCore, ("NIOHTTP1", "swift-nio")]),
]

/// Links to the files of config/: the program has them inside, so that `newel demo` needs no checkout.
let shipped = [
    "newel.yaml", "recipes.openapi.yaml", "move-recipe.asl.json", "iam/ApiToSfn.json", "iam/MoveRecipe.json",
].map { Resource.embedInCode("Shipped/" + $0) }

/// Fuzzing has a build of its own (Tests/Fuzz/run).
let fuzzing = Context.environment["NEWEL_FUZZ"] != nil
let fuzz = Floor(name: "Fuzz", kind: .program, path: "Tests/Fuzz", on: ["States", "Expressions", "JSON", "Core"])
let floors = usualFloors + (fuzzing ? [fuzz] : [])

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

func isTests(_ floor: Floor) -> Bool { if case .tests = floor.kind { true } else { false } }

let top = Context.environment["NEWEL_TOP"]
var wanted = Set(floors.map(\.name))
if let top {
    func below(_ name: String) -> Set<String> {
        guard let floor = floors.first(where: { $0.name == name }) else { fatalError("NEWEL_TOP: no floor \(name)") }
        return floor.on.reduce(into: [name]) { $0.formUnion(below($1)) }
    }
    wanted = below(top)
    let support: Set = ["TestSupport", "ScriptedHTTP"]
    for floor in floors where isTests(floor) && floor.on.contains(top) {
        guard Set(floor.on).subtracting(support).isSubset(of: wanted) else { continue }
        wanted.insert(floor.name)
        wanted.formUnion(support.intersection(floor.on))
    }
}
let chosen = floors.filter { wanted.contains($0.name) }
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
    targets: chosen.map { floor in
        let dependencies =
            floor.on.map { Target.Dependency.byName(name: $0) }
            + floor.uses.map { Target.Dependency.product(name: $0.0, package: $0.1) }
        switch floor.kind {
        case .library:
            return .target(name: floor.name, dependencies: dependencies, path: floor.path, swiftSettings: settings)
        case .program:
            return .executableTarget(
                name: floor.name, dependencies: dependencies, path: floor.path,
                resources: floor.name == "newel" ? shipped : nil, swiftSettings: settings)
        case .tests:
            return .testTarget(name: floor.name, dependencies: dependencies, path: floor.path, swiftSettings: settings)
        case .system(let pkgConfig, let apt):
            return .systemLibrary(name: floor.name, pkgConfig: pkgConfig, providers: [.apt([apt])])
        }
    }
)
