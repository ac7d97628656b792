// Makes large worlds for measuring, and times the opening of worlds, in process, to the first instruction:
//   world-bench processes DIR N FILE.wasm   makes N processes of a program in a halted world, each of them, where
//             [BANK [STEM [LIMIT]]]         a limit is given in bytes, with a bank of its own below BANK, named STEM0 and so on
//   world-bench inputs DIR PROCESS N PACE   boots a world, sends a process of it N inputs of 64 bytes, PACE a second, and is
//                                           killed by itself a second after a checkpoint
//   world-bench open DIR…                   opens each folder five times after its pages were dropped from the system's cache
//                                           (as root), as a host does after a crash, and moves it by one instruction; nothing
//                                           of it is made durable. Prints the median of each in milliseconds, and each as a
//                                           multiple of the first.

import FoundationEssentials
import Glibc
import World

let arguments = Array(CommandLine.arguments.dropFirst())

func usage() -> Never {
    print("usage: world-bench open DIR… | inputs DIR PROCESS N PACE | processes DIR N FILE.wasm [BANK [STEM [LIMIT]]]")
    exit(64)
}

/// Makes `count` processes, all waiting for their first turn.
func makeProcesses(_ directory: String, count: Int, file: String, bank: String, stem: String, limitBytes: UInt64?)
    throws
{
    let module = try Data(contentsOf: URL(fileURLWithPath: file))
    let world = try World.open(at: directory, as: .host)
    for number in 0..<count {
        _ = try world.perform(
            .run(
                RunRequest(
                    module: module, name: "\(stem)\(number)", defaultName: stem, bank: bank, limitBytes: limitBytes,
                    logBytes: 4096)))
        // So that what is dirty stays within the host's memory.
        if number % 10_000 == 9_999 { _ = try world.perform(.checkpoint(name: nil)) }
    }
    try world.close()
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
    switch arguments.first {
    case "processes":
        guard (4...7).contains(arguments.count), let count = Int(arguments[2]) else { usage() }
        try makeProcesses(
            arguments[1], count: count, file: arguments[3], bank: arguments.count > 4 ? arguments[4] : "root",
            stem: arguments.count > 5 ? arguments[5] : "p",
            limitBytes: arguments.count > 6 ? UInt64(arguments[6]) : nil)
        exit(0)
    case "inputs":
        guard arguments.count == 5, let count = Int(arguments[3]), let pace = Int(arguments[4]), pace > 0 else {
            usage()
        }
        try await Inputs.send(count, to: arguments[2], of: arguments[1], pace: pace)
    case "open" where arguments.count > 1: break
    default: usage()
    }
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
