// swift-tools-version: 6.0
import PackageDescription

// A program that embeds a world with policies of its own: swift run -c release --package-path tools/examples/embed
let package = Package(
    name: "embed",
    dependencies: [.package(name: "keyvm", path: "../../..")],
    targets: [
        .executableTarget(name: "embed", dependencies: [.product(name: "KeyVM", package: "keyvm")])
    ]
)
