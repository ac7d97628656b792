// Owns the walk over LMDB's tree of free pages, by reading, for the rare file that is shorter than its last page.
//
// A page that was allocated at the end and given back in the same transaction is never written. So a file may end
// before its last page, if all that is missing is free (STORE-16). Every offset is checked before it is followed.

/// A walk that strikes the missing pages off as it finds them free.
struct FreePages: ~Copyable {
    private static let branchFlag: UInt16 = 0x01
    private static let leafFlag: UInt16 = 0x02
    private static let bigDataFlag: UInt16 = 0x01
    private static let deepest = 32

    private let file: OpenFile
    private let presentPages: UInt64
    private let missing: ClosedRange<UInt64>
    private var found: Set<UInt64> = []
    private var visited: Set<UInt64> = []

    init(file: consuming OpenFile, presentPages: UInt64, missing: ClosedRange<UInt64>) {
        self.file = file
        self.presentPages = presentPages
        self.missing = missing
    }

    /// Whether every missing page is free; false too when the tree itself is cut or not understood.
    mutating func coverMissing(root: UInt64) throws(StoreError) -> Bool {
        guard root != UInt64.max, try walk(root, depth: 0) else { return false }
        return found.count == missing.count
    }

    private mutating func walk(_ number: UInt64, depth: Int) throws(StoreError) -> Bool {
        guard depth < FreePages.deepest, visited.insert(number).inserted, number < presentPages else { return false }
        let page = try file.read(at: number * UInt64(Bounds.pageBytes), count: Bounds.pageBytes)
        guard page.count == Bounds.pageBytes else { return false }
        func u16(_ offset: Int) -> Int { Int(page[offset]) | Int(page[offset + 1]) << 8 }
        let flags = UInt16(u16(10))
        let lower = u16(12)
        guard lower >= 16, lower <= Bounds.pageBytes, lower % 2 == 0 else { return false }
        for index in 0..<(lower - 16) / 2 {
            let node = u16(16 + 2 * index)
            guard node >= 16, node + 8 <= Bounds.pageBytes else { return false }
            let low = UInt64(u16(node)) | UInt64(u16(node + 2)) << 16
            if flags & FreePages.branchFlag != 0 {
                guard try walk(low | UInt64(u16(node + 4)) << 32, depth: depth + 1) else { return false }
            } else if flags & FreePages.leafFlag != 0 {
                let start = node + 8 + u16(node + 6)
                let big = UInt16(u16(node + 4)) & FreePages.bigDataFlag != 0
                guard start + (big ? 8 : Int(low)) <= Bounds.pageBytes else { return false }
                let list: [UInt8]
                if big {
                    let overflow = page.withUnsafeBytes { $0.integer(at: start, as: UInt64.self) }
                    guard overflow < presentPages else { return false }
                    list = try file.read(at: overflow * UInt64(Bounds.pageBytes) + 16, count: Int(low))
                } else {
                    list = Array(page[start..<start + Int(low)])
                }
                guard list.count == Int(low), strike(list) else { return false }
            } else {
                return false
            }
        }
        return true
    }

    /// Reads one list of free pages: a count and that many page numbers.
    private mutating func strike(_ list: [UInt8]) -> Bool {
        list.withUnsafeBytes { bytes in
            guard bytes.count >= 8 else { return false }
            let count = bytes.integer(at: 0, as: UInt64.self)
            guard count <= UInt64(bytes.count / 8 - 1) else { return false }
            for index in 0..<Int(count) {
                let page = bytes.integer(at: 8 + 8 * index, as: UInt64.self)
                if missing.contains(page) { found.insert(page) }
            }
            return true
        }
    }
}
