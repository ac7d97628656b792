// swift-tools-version: 6.2
import PackageDescription

// What projects of a user's own begin with, and have of their own then; within `keyvm` (tools/kit).
let kitFiles = [
    "c/keyvm.h", "c/keyvm-keys.h", "c/keyvm/ask.h", "c/keyvm/bank.h", "c/keyvm/checkpoint.h", "c/keyvm/device.h",
    "c/keyvm/discrim.h", "c/keyvm/forwarder.h", "c/keyvm/keeper.h", "c/keyvm/meter.h", "c/keyvm/node.h",
    "c/keyvm/page.h", "c/keyvm/process.h", "c/keyvm/sealer.h", "c/keyvm/serve.h", "swift/Bank.swift",
    "swift/Checkpoint.swift", "swift/Console.swift", "swift/Device.swift", "swift/Discrim.swift",
    "swift/Forwarder.swift", "swift/Imports.swift", "swift/Keeper.swift", "swift/Key.swift", "swift/Memory.swift",
    "swift/Message.swift", "swift/Meter.swift", "swift/Node.swift", "swift/Number.swift", "swift/Page.swift",
    "swift/Process+Change.swift", "swift/Process.swift", "swift/Program.swift", "swift/Refusal.swift",
    "swift/Register.swift", "swift/Resume.swift", "swift/Sealer.swift", "swift/Serve.swift", "swift/Start.swift",
    "swift/runtime.c", "project/README-c.md", "project/README-swift.md", "project/build-c", "project/build-swift",
    "project/main.c", "project/main.swift",
]

// Layers, lowest first; a target imports only what stands above it in this list (tools/check verifies it).
let package = Package(
    name: "keyvm",
    products: [
        .library(name: "KeyVM", targets: ["World"]),
        .executable(name: "keyvm", targets: ["keyvm"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "Store", dependencies: ["CLMDB", "CXXHash"]),
        .target(name: "Digests", dependencies: ["CCrypto"]),
        .target(name: "Backup", dependencies: ["CZstd", "Digests", "Store"]),
        .target(name: "Objects", dependencies: ["Store"]),
        .target(name: "Kernel", dependencies: ["Objects", "Store"]),
        .target(name: "WebAssembly"),
        .target(name: "Interpreter", dependencies: ["WebAssembly"]),
        .target(
            name: "Devices",
            dependencies: ["Digests", "Kernel", "Objects"]),
        .target(
            name: "Machine",
            dependencies: [
                "Devices", "Digests", "Interpreter", "Kernel", "Objects", "Store", "WebAssembly",
            ]),
        .target(
            name: "World",
            dependencies: [
                "Backup", "Devices", "Digests", "Kernel", "Machine", "Objects", "Store",
            ]),
        .target(
            name: "Control",
            dependencies: [
                "World", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .target(
            name: "Kit", path: "tools/kit", sources: ["Kit.swift"], resources: kitFiles.map { .embedInCode($0) }),
        .executableTarget(
            name: "keyvm",
            dependencies: [
                "Control", "Kit", "World", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        .executableTarget(name: "GenerateOperations"),
        .executableTarget(
            name: "store-bench", dependencies: ["Store", "CLMDB", "CXXHash"], path: "Sources/StoreBench"),
        .executableTarget(name: "world-bench", dependencies: ["Store", "World"], path: "Sources/WorldBench"),
        .executableTarget(name: "proof", dependencies: ["Store", "World"], path: "Sources/Proof"),
        .executableTarget(
            name: "engine-bench", dependencies: ["Interpreter", "WebAssembly"], path: "Sources/EngineBench",
            exclude: ["kernels"]),
        .target(name: "EngineTrials", dependencies: ["Interpreter", "WebAssembly"]),
        .executableTarget(
            name: "run-exports", dependencies: ["EngineTrials", "Interpreter", "WebAssembly"],
            path: "Sources/RunExports"),
        .executableTarget(name: "embed", dependencies: ["World"], path: "tools/examples/embed/Sources/embed"),
        .testTarget(name: "StoreTests", dependencies: ["CXXHash", "Store"]),
        .testTarget(name: "ObjectsTests", dependencies: ["Objects", "Store", "Kernel"]),
        .testTarget(name: "KernelTests", dependencies: ["Kernel", "Objects", "Store"]),
        .target(name: "ConformanceSuite", path: "Tests/ConformanceSuite"),
        .testTarget(name: "WebAssemblyTests", dependencies: ["ConformanceSuite", "WebAssembly"]),
        .testTarget(name: "InterpreterTests", dependencies: ["EngineTrials", "Interpreter", "WebAssembly"]),
        .testTarget(
            name: "MachineTests",
            dependencies: [
                "ConformanceSuite", "Devices", "Interpreter", "Kernel", "Machine", "Objects", "Store", "WebAssembly",
            ]),
        .testTarget(
            name: "WorldTests",
            dependencies: [
                "Backup", "Devices", "Digests", "Kernel", "Machine", "Objects", "Store", "World",
            ],
            exclude: ["Golden", "Programs"]),
        .testTarget(name: "ControlTests", dependencies: ["Control", "World"]),
        .testTarget(name: "KeyvmTests", dependencies: ["keyvm", "embed", "Control", "Kit", "World"]),
    ]
)
