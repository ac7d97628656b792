// How much memory the host may use: the machine's, or less where its control group says so. A quarter of it is for pages
// that are not yet durable.

import Glibc

package enum MemoryBudget {
    /// Pages that may be dirty.
    static func pages() -> Int { max(64, Int(bytes() / 4 / 4096)) }

    /// The machine's memory in bytes, or the control group's bound where that is less.
    package static func bytes() -> UInt64 {
        let machine = UInt64(sysconf(Int32(_SC_PHYS_PAGES))) * UInt64(sysconf(Int32(_SC_PAGESIZE)))
        return controlGroupBounds().reduce(machine, min)
    }

    /// The bounds of this process's control group and of those above it: version 2's `memory.max`, version 1's
    /// `memory.limit_in_bytes`.
    private static func controlGroupBounds() -> [UInt64] {
        var bounds: [UInt64] = []
        for line in text(of: "/proc/self/cgroup").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let isUnified = parts[1].isEmpty
            guard isUnified || parts[1].split(separator: ",").contains("memory") else { continue }
            let roots = isUnified ? ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] : ["/sys/fs/cgroup/memory"]
            let file = isUnified ? "memory.max" : "memory.limit_in_bytes"
            var path = String(parts[2])
            while true {
                for root in roots {
                    let digits = text(of: "\(root)\(path == "/" ? "" : path)/\(file)").prefix { $0.isNumber }
                    if let bound = UInt64(digits), bound > 0 { bounds.append(bound) }
                }
                guard path.count > 1, let slash = path.lastIndex(of: "/") else { break }
                path = slash == path.startIndex ? "/" : String(path[..<slash])
            }
        }
        return bounds
    }

    /// A small file's text; empty where it cannot be read.
    private static func text(of path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
