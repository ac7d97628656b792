// The command `engine-bench [FOLDER]`, run in the repository's root: compiles the kernels of FOLDER (by default
// Sources/EngineBench/kernels) with clang, runs each with the exact engine (gas and paging on) and with `wasmkit run`, and
// prints the processor time of each, their ratio and the geometric mean of the ratios.

import Foundation
import Interpreter
import WebAssembly

/// A kernel and how many rounds make it long enough that starting a process does not count.
struct Kernel {
    var name: String
    var rounds: UInt64
}

let kernels = [
    Kernel(name: "sieve", rounds: 15), Kernel(name: "matrix", rounds: 25), Kernel(name: "sha256", rounds: 150_000),
    Kernel(name: "quicksort", rounds: 5), Kernel(name: "fibonacci", rounds: 80),
]

func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("engine-bench: \(message)\n".utf8))
    exit(1)
}

/// Processor time used so far by this process, or by the children it waited for: what else runs does not count.
func processorSeconds(_ who: Int32) -> Double {
    var usage = rusage()
    getrusage(who, &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6
}

/// Runs the export `run` to its end: result, seconds, gas.
func runExact(_ bytes: [UInt8], rounds: UInt64) throws -> (result: Int32, seconds: Double, gas: Int64) {
    let module = CompiledModule(try ValidatedModule(bytes: bytes), bytes: bytes, types: FunctionTypeTable())
    guard case .function(let function)? = module.module.export(named: "run")?.kind else { fail("no export run") }
    let instance = try BareInstance(module)
    let start = processorSeconds(RUSAGE_SELF.rawValue)
    let results = try instance.call(function, [rounds]).get()
    let elapsed = processorSeconds(RUSAGE_SELF.rawValue) - start
    return (Int32(truncatingIfNeeded: results[0]), elapsed, Activation.maximumGas - instance.activation.gas)
}

/// Runs the same by the toolchain's interpreter: what it printed, seconds including its start.
func runWasmKit(_ path: String, rounds: UInt64) throws -> (result: Int32?, seconds: Double) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["wasmkit", "run", path, "run", "i32:\(rounds)"]
    let pipe = Pipe()
    process.standardOutput = pipe
    let start = processorSeconds(RUSAGE_CHILDREN.rawValue)
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let elapsed = processorSeconds(RUSAGE_CHILDREN.rawValue) - start
    guard process.terminationStatus == 0 else { fail("wasmkit failed on \(path)") }
    let digits = String(decoding: output, as: UTF8.self).split(separator: "(").last?.prefix { $0.isNumber }
    return (digits.flatMap { Int64($0) }.map { Int32(truncatingIfNeeded: $0) }, elapsed)
}

/// Compiles a kernel to a module in `folder` and returns its path.
func compile(_ name: String, from sources: String, to folder: URL) throws -> String {
    let path = folder.appendingPathComponent(name + ".wasm").path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
        "clang", "--target=wasm32", "-O2", "-ffp-contract=off", "-nostdlib", "-Wl,--no-entry", "-o", path,
        "\(sources)/\(name).c",
    ]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { fail("clang failed on \(sources)/\(name).c") }
    return path
}

let arguments = CommandLine.arguments.dropFirst().filter { $0 != "--no-wasmkit" }
let sources = arguments.first ?? "Sources/EngineBench/kernels"
let comparesWasmKit = !CommandLine.arguments.contains("--no-wasmkit")
let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("engine-bench-\(UUID().uuidString)")
try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: scratch) }
var logarithms = 0.0
print("kernel        exact s   wasmkit s   ratio   instructions   ns each")
for kernel in kernels {
    let path = try compile(kernel.name, from: sources, to: scratch)
    guard let data = FileManager.default.contents(atPath: path) else { fail("cannot read \(path)") }
    let bytes = [UInt8](data)
    let rounds = kernel.rounds
    // The best of three, as other work on the machine only ever adds.
    var exact = try runExact(bytes, rounds: rounds)
    var other = comparesWasmKit ? try runWasmKit(path, rounds: rounds) : (exact.result, exact.seconds)
    for _ in 0..<2 {
        exact.seconds = min(exact.seconds, try runExact(bytes, rounds: rounds).seconds)
        if comparesWasmKit { other.1 = min(other.1, try runWasmKit(path, rounds: rounds).seconds) }
    }
    guard other.0 == exact.result else { fail("\(kernel.name): \(exact.result), wasmkit says \(other.0 ?? 0)") }
    let ratio = exact.seconds / other.1
    logarithms += log(ratio)
    let name = kernel.name.padding(toLength: 12, withPad: " ", startingAt: 0)
    let nanoseconds = exact.seconds * 1e9 / Double(exact.gas)
    print(name, String(format: "%9.3f %11.3f %7.2f %14d %9.2f", exact.seconds, other.1, ratio, exact.gas, nanoseconds))
}
print(String(format: "geometric mean %.2f", exp(logarithms / Double(kernels.count))))
