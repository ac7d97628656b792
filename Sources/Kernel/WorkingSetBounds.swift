// How much of its processes a world keeps ready to run, by the memory that its hosts have.

package struct WorkingSetBounds: Sendable, Hashable {
    /// Processes: each has frames and page tables.
    package let processes: UInt64 = 1_024
    /// Instances that they have together: a few KiB each, and up to 40 MiB of addresses.
    package let instances: UInt64
    /// Bytes that their modules take together, each counted once (`ModulePlan.footprint`).
    package let footprint: UInt64

    /// The least memory that a world is made for, in bytes.
    package static let leastMemory: UInt64 = 300 << 20

    /// For hosts that may use so many bytes; never less than for 300 MiB.
    package init(memoryBytes: UInt64 = 0) {
        let bytes = max(memoryBytes, Self.leastMemory)
        instances = bytes / (64 << 10)
        footprint = bytes / 3
    }
}
