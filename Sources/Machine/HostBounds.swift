// How much of processes a host keeps ready to run, by the memory that it has. All of it is a cache of the world's objects;
// only how much code a program may bring is seen from outside.

package struct HostBounds: Sendable {
    /// Processes that keep frames and page tables; the one that ran longest ago makes room.
    let processes = 1_024
    /// Instances that they have together, but for the one that runs: a few KiB each, and up to 40 MiB of addresses.
    let instances: Int
    /// Bytes of binaries whose code is kept; what is made of them takes up to 15 times as much.
    package let codeBytes: Int

    /// For a host that may use so many bytes; what it keeps is never less than for 300 MiB.
    package init(memoryBytes: UInt64 = 0) {
        let bytes = Int(clamping: max(memoryBytes, 300 << 20))
        instances = bytes / (64 << 10)
        codeBytes = bytes / 25
    }
}
