// The program that tools/fuzz runs for the engine: libFuzzer's driver around one target. The bytes that libFuzzer makes up
// decide on a module, which is always valid, so that nearly every input runs. It is built by tools/fuzz alone, with the
// sanitizers' options, in a package made for it.

import EngineTrials
import FuzzDriver
import Glibc
import WebAssembly

/// What the package manager calls the entry of an executable that it links for a sanitizer: `main` stays libFuzzer's.
/// `--target=engine` fuzzes; `--target=module FILE` writes the module that the bytes of FILE decide on to standard output.
@_cdecl("FuzzEngine_main")
public func fuzzEngine(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
    let arguments = FuzzArguments(count, arguments)
    switch arguments.target {
    case "engine": return arguments.fuzz(fuzz)
    case "module": return writeModule(arguments.words.last ?? "")
    default:
        complain("usage: FuzzEngine --target=engine [options of libFuzzer] FOLDER, or --target=module FILE")
        return 64
    }
}

/// What the bytes decide on: how the module is tried, then the module.
private func decide(_ bytes: [UInt8]) -> (trial: CutTrial, module: [UInt8]) {
    var choices = Choices(bytes)
    var trial = CutTrial()
    trial.capacitySlots = [4_096, 600, 20_000][choices.below(3)]
    trial.seed = choices.long()
    return (trial, ModuleMaker.module(&choices))
}

/// Makes the module, and tries it: whole and in slices, it must do the same.
private func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let (trial, module) = decide(Array(UnsafeBufferPointer(start: data, count: size)))
    do {
        try trial.run(ValidatedModule(bytes: module), bytes: module)
    } catch let error as ModuleError {
        complain("a made-up module is refused: \(error)")
        abort()
    } catch {
        complain("\(error)")
        abort()
    }
    return 0
}

/// Writes the module that the bytes of a file decide on.
private func writeModule(_ path: String) -> CInt {
    guard let file = fopen(path, "r") else {
        complain("\(path): cannot be read")
        return 1
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
    let module = decide(bytes).module
    return module.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) } == module.count ? 0 : 1
}
