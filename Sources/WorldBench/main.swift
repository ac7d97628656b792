// Times the opening of a world, in process, to its first instruction: world-bench open DIR…
// Each folder is opened five times after its pages were dropped from the system's cache (as root), as a host does after a
// crash, and moved by one instruction; nothing of it is made durable. Prints the median of each in milliseconds, and each
// as a multiple of the first.

import Glibc
import World

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.first == "open", arguments.count > 1 else {
    print("usage: world-bench open DIR…")
    exit(64)
}

/// Writes what is dirty and drops every clean page from the cache.
func dropCaches() {
    sync()
    guard let file = fopen("/proc/sys/vm/drop_caches", "w") else {
        print("only root can drop the system's cache")
        exit(1)
    }
    fputs("3", file)
    fclose(file)
}

func milliseconds(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let duration = try clock.measure(body)
    return Double(duration.components.attoseconds) / 1e15 + Double(duration.components.seconds) * 1e3
}

do {
    var first: Double?
    for directory in arguments.dropFirst() {
        var times: [Double] = []
        for _ in 0..<5 {
            dropCaches()
            var opened: World?
            times.append(
                try milliseconds {
                    let world = try World.open(at: directory, as: .host)
                    try world.step()
                    opened = world
                })
            opened?.abandon()
        }
        let median = times.sorted()[2]
        let base = first ?? median
        first = base
        print(
            "\(directory): \(median) ms, \(median / base) of the first, of \(times.map { Int($0) })"
        )
    }
} catch {
    print(error)
    exit(1)
}
