// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let secureHummingbird = Target.Dependency.product(name: "HummingbirdHTTP2", package: "hummingbird")

/// A module of ours and the test target beside it; `testing` is what only the tests need.
func room(_ name: String, needs dependencies: [Target.Dependency] = [], testing: [Target.Dependency] = []) -> [Target] {
    [
        .target(name: name, dependencies: dependencies),
        .testTarget(name: "\(name)Tests", dependencies: [.init(stringLiteral: name), "TestSupport"] + dependencies + testing),
    ]
}

let package = Package(
    name: "martlet",
    products: [.executable(name: "martlet", targets: ["Martlet"]), .executable(name: "martlet-onnx-worker", targets: ["OnnxWorker"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
        .systemLibrary(
            name: "CCompression",
            providers: [.apt(["zlib1g-dev", "libbz2-dev", "liblzma-dev", "liblz4-dev"])]
        ),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CMarkdown", providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
        .target(name: "CSandbox", linkerSettings: [.linkedLibrary("seccomp")]),
        .target(name: "COnnxRuntime"),
        // The sandbox shows /usr and nothing of the toolchain: the worker brings Swift's own library along.
        .executableTarget(name: "OnnxWorker", dependencies: ["COnnxRuntime", "JSON"], linkerSettings: [.unsafeFlags(["-static-stdlib"])]),
    ]
        + room("Domain")
        + room("JSON")
        + room("Files", needs: ["Domain", crypto, .product(name: "SystemPackage", package: "swift-system")])
        + room("Provenance", needs: ["Domain", "Files", crypto])
        + room("Cards", needs: ["Domain", "CMarkdown", .product(name: "Yams", package: "Yams")])
        + room(
            "Webhooks",
            needs: [
                "Domain", crypto, logging, serviceLifecycle, .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ] + nio)
        + room("Formats", needs: ["Domain", "Files", "JSON", "CCompression", .product(name: "SystemPackage", package: "swift-system")])
        + room("Estimators", needs: ["Domain", "Formats"], testing: ["Files"])
        + room("Database", needs: ["Domain", crypto, .product(name: "GRDB", package: "GRDB.swift")])
        + room("Store", needs: ["Domain", "Database", "Files", "JSON", crypto, .product(name: "SystemPackage", package: "swift-system")] + nio)
        + room(
            "Workers",
            needs: [
                "Domain", "Files", "JSON", "CSandbox", logging, crypto, serviceLifecycle, .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ] + nio
        )
        + room("Access", needs: ["Domain", "CArgon2", crypto, logging, .product(name: "JWTKit", package: "jwt-kit")] + nio, testing: ["Database", "Store"])
        + room("Redis", needs: ["Domain", "Access", crypto, .product(name: "NIOSSL", package: "swift-nio-ssl")] + nio, testing: [logging])
        + room("Wire", needs: ["Domain", "JSON"] + nio)
        + room("Serving", needs: ["Domain", "Access", "Wire", "Estimators", "Workers", logging, serviceLifecycle] + nio, testing: ["Formats"])
        + room(
            "Pipeline",
            needs: [
                "Domain", "Files", "Formats", "Estimators", "Store", "Workers", "Wire", "Serving", "Access", "Cards", "Provenance", "Webhooks", logging, serviceLifecycle,
                .product(name: "SystemPackage", package: "swift-system"),
            ] + nio
        )
        + room(
            "Web",
            needs: [
                "Domain", "Files", "Wire", "Access", "Pipeline", "Serving", hummingbird, secureHummingbird, .product(name: "NIOSSL", package: "swift-nio-ssl"),
                serviceLifecycle, crypto,
                .product(name: "HummingbirdCore", package: "hummingbird"), logging,
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"), .product(name: "HTTPTypes", package: "swift-http-types"),
            ] + nio,
            testing: ["Database", "Formats", "Provenance", "Store", "Webhooks", "Workers"]
        )
        + [
            .executableTarget(
                name: "Martlet",
                dependencies: [
                    "CMalloc", "Domain", "Files", "JSON", "Formats", "Estimators", "Database", "Store", "Workers", "Pipeline", "Serving", "Access", "Redis", "Webhooks",
                    "Wire", "Web",
                    hummingbird, logging, serviceLifecycle,
                    .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                    .product(name: "Configuration", package: "swift-configuration"),
                    .product(name: "ArgumentParser", package: "swift-argument-parser"),
                    .product(name: "SystemPackage", package: "swift-system"),
                ]
            ),
            .target(name: "TestSupport", dependencies: ["Domain"], path: "Tests/TestSupport"),
        ]
)

// `make fuzz` builds the readers with coverage; nobody else needs the target.
if Context.environment["MARTLET_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzz", dependencies: ["Formats"], path: "Fuzzing", swiftSettings: [.unsafeFlags(["-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]
        ))
}

// `make bench` measures the server beside Hummingbird's own `hello`.
if Context.environment["MARTLET_BENCH"] != nil {
    package.targets.append(
        .executableTarget(name: "Hello", dependencies: [hummingbird], path: "Benchmarks/Hello", swiftSettings: [.unsafeFlags(["-parse-as-library"])]))
}

for target in package.targets where target.type != .system && !["CSandbox", "COnnxRuntime"].contains(target.name) {
    target.swiftSettings = (target.swiftSettings ?? []) + settings
    // A scan takes half the time without the checks at run time of what the compiler cannot see; the tests run with them.
    if target.name == "Formats" {
        target.swiftSettings?.append(.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)))
    }
}
