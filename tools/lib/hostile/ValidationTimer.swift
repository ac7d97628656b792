// How long decoding and validating take: tools/hostile --time builds this with the WebAssembly target and nothing else.
// Prints for each file its name, the least processor time of several runs in microseconds, and "valid" or what is wrong.

import Glibc
import WebAssembly

/// Processor time of this process so far, in microseconds.
private func processorTime() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
}

private func contents(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
    return bytes
}

/// What is wrong with a module, or "valid".
private func verdict(_ bytes: [UInt8]) -> String {
    do throws(ModuleError) {
        _ = try ValidatedModule(bytes: bytes)
        return "valid"
    } catch {
        return error.description
    }
}

for path in CommandLine.arguments.dropFirst() {
    guard let bytes = contents(of: path) else {
        print(path, 0, "cannot be read", separator: "\t")
        exit(1)
    }
    var least = Int.max
    var found = ""
    for _ in 0..<3 {
        let start = processorTime()
        found = verdict(bytes)
        least = min(least, processorTime() - start)
    }
    print(path, least, found, separator: "\t")
}
