// Owns the measurement of reading a hot page in: `Store.page`, against one `mdb_get` in LMDB alone and the checksum of
// the page, over the same ids in the same order, by turns.

import CLMDB
import CXXHash
import Glibc
import Store

enum PageInBench {
    static let pages = 50_000
    static let reads = 200_000
    static let rounds = 5

    static func run(in directory: String) throws {
        let world = try BenchWorld("page-in", in: directory, pages: pages, batch: 10_000)
        var generator = SeededGenerator(state: 3)
        let ids = (0..<reads).map { _ in UInt64.random(in: 1...UInt64(pages), using: &generator) }
        try measure(world, ids, "part of the index in the delta")
        // Fill the delta to its bound, so that it is merged and every page is found through the index.
        while try world.store.statistics().deltaEntries > 0 {
            _ = try world.publish(distinct(5_000, of: pages, using: &generator))
        }
        try measure(world, ids, "all of it merged")
        try world.remove()
    }

    private static func measure(_ world: BenchWorld, _ ids: [UInt64], _ state: String) throws {
        let plain = try PlainIndex("\(world.directory)-plain", pages: pages)
        var (store, bare) = (Double.infinity, Double.infinity)
        for _ in 0..<rounds {
            var start = seconds()
            for id in ids {
                guard try world.store.page(PageID(rawValue: id)) != nil else { fatalError("page \(id) exists") }
            }
            store = min(store, seconds() - start)
            let contents = try ids.map { try world.store.page(PageID(rawValue: $0)) }
            var sum: UInt64 = 0
            start = seconds()
            for (id, content) in zip(ids, contents) {
                sum &+= plain.get(id)
                sum &+= XXH3_64bits_withSeed(content, Bounds.pageBytes, id)
            }
            bare = min(bare, seconds() - start)
            precondition(sum != 0)
        }
        let each = 1e9 / Double(ids.count)
        print(
            "\(state): page-in \(fixed(store * each, 0)) ns, mdb_get and checksum \(fixed(bare * each, 0)) ns, ratio \(fixed(store / bare, 2))"
        )
        plain.remove()
    }
}

/// An LMDB environment with one entry of 16 bytes for each page: what the index of the store is underneath.
final class PlainIndex {
    private var environment: OpaquePointer?
    private var transaction: OpaquePointer?
    private var database: MDB_dbi = 0
    private let path: String

    init(_ path: String, pages: Int) throws {
        self.path = path
        func check(_ code: Int32, _ call: String) throws {
            guard code == 0 else { throw StoreError.ioError(path: path, call: call, errno: code) }
        }
        try check(mdb_env_create(&environment), "mdb_env_create")
        try check(mdb_env_set_mapsize(environment, 1 << 30), "mdb_env_set_mapsize")
        let flags = UInt32(MDB_NOSUBDIR | MDB_NOSYNC | MDB_NOLOCK)
        try check(mdb_env_open(environment, path, flags, 0o644), "mdb_env_open")
        try check(mdb_txn_begin(environment, nil, 0, &transaction), "mdb_txn_begin")
        try check(mdb_dbi_open(transaction, nil, UInt32(MDB_INTEGERKEY), &database), "mdb_dbi_open")
        for id in 1...UInt64(pages) {
            var (key, value) = (id, (id << 8, id))
            try withUnsafeMutableBytes(of: &key) { key in
                try withUnsafeMutableBytes(of: &value) { value in
                    var keyValue = MDB_val(mv_size: 8, mv_data: key.baseAddress)
                    var dataValue = MDB_val(mv_size: 16, mv_data: value.baseAddress)
                    try check(mdb_put(transaction, database, &keyValue, &dataValue, 0), "mdb_put")
                }
            }
        }
        try check(mdb_txn_commit(transaction), "mdb_txn_commit")
        try check(mdb_txn_begin(environment, nil, UInt32(MDB_RDONLY), &transaction), "mdb_txn_begin")
    }

    @inline(__always)
    func get(_ id: UInt64) -> UInt64 {
        var key = id
        var data = MDB_val()
        let code = withUnsafeMutableBytes(of: &key) { bytes in
            var value = MDB_val(mv_size: 8, mv_data: bytes.baseAddress)
            return mdb_get(transaction, database, &value, &data)
        }
        precondition(code == 0)
        return data.mv_data.loadUnaligned(as: UInt64.self)
    }

    func remove() {
        mdb_txn_abort(transaction)
        mdb_env_close(environment)
        unlink(path)
    }
}
