// Owns what is checked of `store.mdb` before LMDB sees it, by reading only (specs/store.md, Before LMDB sees the file).
//
// LMDB maps what it opens and believes it: an empty file becomes a new store, a short one kills its reader. So both
// meta pages are read here, and the length is compared with the last page (STORE-14, STORE-16). The offsets are those
// of MDB_page, MDB_meta and MDB_db of LMDB 0.9 on a 64-bit host.

import Glibc

/// The checked outside of an LMDB file.
struct EnvironmentFile {
    private static let magic: UInt64 = 0xBEEF_C0DE
    private static let dataVersion: UInt64 = 1
    private static let metaFlag: UInt16 = 0x08
    private static let fixedMapFlag: UInt16 = 0x01
    private static let noPage = UInt64.max

    private let path: String

    private struct Meta {
        let transaction: UInt64
        let lastPage: UInt64
        let freeRoot: UInt64
        let mainRoot: UInt64
        let flags: UInt16
    }

    /// Checks the file; throws what is wrong with it.
    static func check(_ path: String) throws(StoreError) -> FileIdentity {
        let file = try OpenFile(path, flags: O_RDONLY)
        let status = try file.status()
        let pages = EnvironmentFile(path: path)
        let first = try pages.meta(0, of: file)
        let second = try pages.meta(1, of: file)
        try pages.checkPair(first, second)
        let isFirst = first.transaction > second.transaction
        let newest = isFirst ? first : second
        try pages.checkRoots(of: newest, isFirst ? 0 : 1)
        let length = UInt64(status.st_size)
        let expected = (newest.lastPage + 1) * UInt64(Bounds.pageBytes)
        if length < expected {
            let present = length / UInt64(Bounds.pageBytes)
            var walk = FreePages(file: file, presentPages: present, missing: present...newest.lastPage)
            guard try walk.coverMissing(root: newest.freeRoot) else {
                throw .truncated(path: path, expectedBytes: expected, actualBytes: length)
            }
        }
        return FileIdentity(status)
    }

    private func damage(_ number: Int, _ fact: Damage.Fact, _ expected: UInt64, _ found: UInt64) -> StoreError {
        .damaged(path: path, Damage(.metaPage(number), fact, expected: expected, found: found))
    }

    private func meta(_ number: Int, of file: borrowing OpenFile) throws(StoreError) -> Meta {
        let size = Bounds.pageBytes
        let bytes = try file.read(at: UInt64(number * size), count: size)
        guard bytes.count == size else {
            let actual = UInt64(number * size + bytes.count)
            throw .truncated(path: path, expectedBytes: UInt64(2 * size), actualBytes: actual)
        }
        func u16(_ offset: Int) -> UInt16 { bytes.withUnsafeBytes { $0.integer(at: offset) } }
        func u32(_ offset: Int) -> UInt64 { UInt64(bytes.withUnsafeBytes { $0.integer(at: offset, as: UInt32.self) }) }
        func u64(_ offset: Int) -> UInt64 { bytes.withUnsafeBytes { $0.integer(at: offset) } }

        let facts: [(Damage.Fact, UInt64, UInt64)] = [
            (.magic, EnvironmentFile.magic, u32(16)),
            (.version, EnvironmentFile.dataVersion, u32(20)),
            (.order, UInt64(number), u64(0)),
            (.presence, UInt64(EnvironmentFile.metaFlag), UInt64(u16(10))),
        ]
        for (fact, expected, found) in facts where expected != found {
            throw damage(number, fact, expected, found)
        }
        guard u32(40) == UInt64(size) else { throw .pageSize(path: path, found: u32(40), expected: UInt64(size)) }
        let meta = Meta(
            transaction: u64(16 + 128), lastPage: u64(16 + 120), freeRoot: u64(16 + 24 + 40),
            mainRoot: u64(16 + 72 + 40), flags: u16(16 + 24 + 4))
        let lastPossible = UInt64(Bounds.mapBytes / size) - 1
        guard meta.lastPage >= 1, meta.lastPage <= lastPossible else {
            throw damage(number, .bound, lastPossible, meta.lastPage)
        }
        guard meta.flags & EnvironmentFile.fixedMapFlag == 0 else { throw damage(number, .presence, 0, 1) }
        return meta
    }

    /// Of the newer meta page alone: where writing one fails LMDB writes back what makes it the older one again, and not its roots.
    private func checkRoots(of meta: Meta, _ number: Int) throws(StoreError) {
        for root in [meta.freeRoot, meta.mainRoot]
        where root != EnvironmentFile.noPage && (root < 2 || root > meta.lastPage) {
            throw damage(number, .bound, meta.lastPage, root)
        }
    }

    /// Meta pages are written in turn, so their transactions are neighbours (both are 0 in a file that is just made).
    private func checkPair(_ even: Meta, _ odd: Meta) throws(StoreError) {
        guard even.transaction % 2 == 0 else {
            throw damage(0, .transaction, even.transaction &+ 1, even.transaction)
        }
        if odd.transaction == 0 && even.transaction == 0 { return }
        let expected = odd.transaction > even.transaction ? even.transaction &+ 1 : even.transaction &- 1
        guard odd.transaction == expected else { throw damage(1, .transaction, expected, odd.transaction) }
        guard even.flags == odd.flags else { throw damage(1, .presence, UInt64(even.flags), UInt64(odd.flags)) }
    }
}
