// The command `run-exports [--seed N] [--tuples N] [--gas N] [--stops N] [--slots N] [--pairs] FILE…`: runs the exported functions of each module, whole and
// in slices that each go on in a fresh instance, and prints what came of it, for tools/compare to hold against other
// engines. Exits with 1 where the two ways differ. `run-exports --make FOLDER SEED…` writes the modules SEED.wasm that
// ModuleMaker makes of the seeds; 0 is the one of all numeric
// instructions.

import EngineTrials
import Glibc
import Interpreter
import WebAssembly

func fail(_ what: String) -> Never {
    let text =
        "run-exports: \(what)\nusage: run-exports [--seed N] [--tuples N] [--gas N] [--stops N] [--slots N] [--pairs] FILE...\n"
        + "       run-exports --make FOLDER SEED...\n"
    _ = text.withCString { write(2, $0, strlen($0)) }
    exit(64)
}

/// The bytes of a file, or nil where it cannot be read.
func contents(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&piece, 1, piece.count, file)
        if count == 0 { return ferror(file) == 0 ? bytes : nil }
        bytes += piece[..<count]
    }
}

/// Runs one module and prints its lines; false where whole and sliced runs differ.
func play(_ path: String, _ options: RunOptions) -> Bool {
    guard let bytes = contents(of: path) else { fail("cannot read \(path)") }
    print("module \(path)")
    // So that it is known which module it was that crashed.
    fflush(nil)
    defer { print("end") }
    let validated: ValidatedModule
    do throws(ModuleError) {
        validated = try ValidatedModule(bytes: bytes)
    } catch {
        print("refused \(error.offset): \(error)")
        return true
    }
    if validated.module.imports.contains(where: { if case .function = $0.kind { false } else { true } }) {
        print("skipped: imports more than functions")
        return true
    }
    var isEqual = true
    for programme in Programme.allCases {
        print("programme \(programme.rawValue)")
        let trial = Trial(validated, bytes: bytes, capacitySlots: options.capacitySlots)
        let whole = Transcript(programme, of: trial, options)
        for line in whole.lines { print(line) }
        let other = Trial(validated, bytes: bytes, capacitySlots: options.capacitySlots)
        let sliced = Transcript(programme, of: other, options, cuttingAs: whole)
        print("gas \(whole.costs.reduce(0) { $0 + $1.gas }) reloads \(other.reloads)")
        if let difference = whole.difference(from: sliced) {
            isEqual = false
            print("slices differ: \(difference)")
        }
    }
    return isEqual
}

/// Writes the module of a seed into `folder`.
func make(_ seed: String, in folder: String) {
    guard let number = UInt64(seed) else { fail("\(seed) is no seed") }
    var generator = SeededGenerator(seed: number)
    let count = [60, 250, 1_000, 4_000][Int(generator.next() % 4)]
    var choices = Choices(&generator, count: count)
    let bytes = number == 0 ? ModuleMaker.numericModule() : ModuleMaker.module(&choices)
    let path = "\(folder)/\(number).wasm"
    guard let file = fopen(path, "wb"), fwrite(bytes, 1, bytes.count, file) == bytes.count, fclose(file) == 0 else {
        fail("cannot write \(path)")
    }
}

var options = RunOptions()
var folder: String?
var files: [String] = []
var rest = CommandLine.arguments.dropFirst()
while let argument = rest.popFirst() {
    func number<Number: FixedWidthInteger>(_: Number.Type) -> Number {
        guard let value = rest.popFirst().flatMap({ Number($0) }), value >= 0 else {
            fail("\(argument) takes a number")
        }
        return value
    }
    switch argument {
    case "--seed": options.seed = number(UInt64.self)
    case "--tuples": options.tuples = number(Int.self)
    case "--gas": options.gas = number(Int64.self)
    case "--pairs": options.pairs = true
    case "--stops": options.stops = number(Int.self)
    case "--slots": options.capacitySlots = max(1, number(Int.self))
    case "--make":
        guard let name = rest.popFirst() else { fail("--make takes a folder") }
        folder = name
    case _ where argument.hasPrefix("-"): fail("unknown option \(argument)")
    default: files.append(argument)
    }
}
if files.isEmpty { fail("no file") }
if let folder {
    for seed in files { make(seed, in: folder) }
    exit(0)
}
var allEqual = true
for file in files {
    if !play(file, options) { allEqual = false }
    fflush(nil)
}
exit(allEqual ? 0 : 1)
