// Owns the command `store-bench`: which measurement runs, with which directory. Each prints what it measured and, of
// two figures of the same run, the ratio. Nothing here decides whether a figure is good.

import Glibc

let arguments = Array(CommandLine.arguments.dropFirst())
let directory = arguments.count > 1 ? arguments[1] : "/tmp"

let usage = """
    usage: store-bench MEASUREMENT [DIRECTORY]
      page-in     reading a hot page in, against one mdb_get and the checksum
      checkpoint  10,000 random dirty pages of 200,000, against overwriting the same bytes in a file and a fresh file of them
      large       the same with 100,000 of 400,000
      keeping     100 checkpoints of 1,000 dirty pages of 100,000, each kept, against as many that are not
      growth      200 checkpoints of 5,000 dirty pages of 50,000: the file against the live bytes
      journal     inputs that become durable in the journal, against a plain file with as many syncs
      open        opening a world of 10 MiB and one of 5 GiB, cold, to the first 10 pages
    """

do {
    switch arguments.first {
    case "page-in": try PageInBench.run(in: directory)
    case "checkpoint": try CheckpointBench.small.run(in: directory)
    case "large": try CheckpointBench.large.run(in: directory)
    case "journal": try JournalBench.run(in: directory)
    case "keeping": try KeepingBench.run(in: directory)
    case "growth": try GrowthBench.run(in: directory)
    case "open": try OpenBench.run(in: directory)
    default:
        print(usage)
        exit(arguments.isEmpty ? 0 : 64)
    }
} catch {
    print("store-bench: \(error)")
    exit(1)
}
