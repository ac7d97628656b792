// Owns calling LMDB: reading through a transaction of either side, and the write transaction.
//
// Every call notes its thread in the fault record while it is inside LMDB. A write transaction ends once: by
// committing, or by aborting when it goes out of scope.

import CLMDB
import Glibc

/// What can be read through a transaction, whoever owns it. Values point into the map, or, in a write transaction, into
/// memory that the next change of that transaction may move.
struct Transaction {
    let handle: OpaquePointer
    let environment: Environment
    let thread: UnsafeMutablePointer<pthread_t>

    init(handle: OpaquePointer, environment: Environment, side: Side) {
        self.handle = handle
        self.environment = environment
        thread = Environment.threadSlot(side, environment.faults)
    }

    @inline(__always)
    func inside(_ body: () -> Int32) -> Int32 {
        thread.pointee = pthread_self()
        let code = body()
        thread.pointee = 0
        return code
    }

    /// Ends the transaction without effect.
    func abort() {
        _ = inside {
            mdb_txn_abort(handle)
            return 0
        }
    }

    /// The value of a key, or nil.
    @inline(__always)
    func value(_ key: UInt64, in database: MDB_dbi) throws(StoreError) -> UnsafeRawBufferPointer? {
        var value = MDB_val()
        let code = withKey(key) { key in inside { mdb_get(handle, database, &key, &value) } }
        if code == 0 { return UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size) }
        if code == MDB_NOTFOUND { return nil }
        throw environment.failure(code, call: "mdb_get", writing: 0)
    }

    func statistics(of database: MDB_dbi) throws(StoreError) -> MDB_stat {
        var statistics = MDB_stat()
        let code = inside { mdb_stat(handle, database, &statistics) }
        guard code == 0 else { throw environment.failure(code, call: "mdb_stat", writing: 0) }
        return statistics
    }
}

/// Has the system read bytes that will be gone through: the map is advised for random access, which reads a page at a
/// time. Advice, so its answer does not matter.
func readAhead(_ start: UnsafeRawPointer?, count: Int) {
    let address = UInt(bitPattern: start)
    let page = address & ~UInt(Bounds.pageBytes - 1)
    _ = madvise(UnsafeMutableRawPointer(bitPattern: page), Int(address - page) + count, Int32(MADV_WILLNEED))
}

@inline(__always)
func withKey<Result>(_ key: UInt64, _ body: (inout MDB_val) -> Result) -> Result {
    var bytes = key
    return withUnsafeMutableBytes(of: &bytes) { buffer in
        var value = MDB_val(mv_size: buffer.count, mv_data: buffer.baseAddress)
        return body(&value)
    }
}

/// A cursor over one sub-database with 8-byte keys; must end before its transaction.
struct Cursor: ~Copyable {
    private let handle: OpaquePointer
    private let transaction: Transaction

    struct Item {
        let key: UInt64
        let value: UnsafeRawBufferPointer
    }

    init(_ database: MDB_dbi, in transaction: Transaction) throws(StoreError) {
        var cursor: OpaquePointer?
        let code = transaction.inside { mdb_cursor_open(transaction.handle, database, &cursor) }
        guard code == 0, let cursor else {
            throw transaction.environment.failure(code, call: "mdb_cursor_open", writing: 0)
        }
        handle = cursor
        self.transaction = transaction
    }

    deinit {
        _ = transaction.inside {
            mdb_cursor_close(handle)
            return 0
        }
    }

    func first() throws(StoreError) -> Item? { try move(MDB_FIRST, from: 0) }
    func last() throws(StoreError) -> Item? { try move(MDB_LAST, from: 0) }
    func next() throws(StoreError) -> Item? { try move(MDB_NEXT, from: 0) }
    func seek(_ key: UInt64) throws(StoreError) -> Item? { try move(MDB_SET_KEY, from: key) }
    func seekAtLeast(_ key: UInt64) throws(StoreError) -> Item? { try move(MDB_SET_RANGE, from: key) }

    private func move(_ operation: MDB_cursor_op, from key: UInt64) throws(StoreError) -> Item? {
        var value = MDB_val()
        var found: UInt64 = 0
        var keyBytes = 8
        let code = withKey(key) { key in
            let code = transaction.inside { mdb_cursor_get(handle, &key, &value, operation) }
            if code == 0 {
                keyBytes = key.mv_size
                if keyBytes == 8, let data = key.mv_data {
                    found = UnsafeRawPointer(data).loadUnaligned(as: UInt64.self)
                }
            }
            return code
        }
        if code == MDB_NOTFOUND { return nil }
        guard code == 0, keyBytes == 8 else {
            throw transaction.environment.failure(code == 0 ? MDB_CORRUPTED : code, call: "mdb_cursor_get", writing: 0)
        }
        return Item(key: found, value: UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size))
    }

    /// Puts a value of two integers; `append` when the key is above all that are there.
    func put(_ key: UInt64, _ integers: (UInt64, UInt64), append: Bool) throws(StoreError) {
        var bytes = integers
        let code = withUnsafeMutableBytes(of: &bytes) { bytes in
            var value = MDB_val(mv_size: bytes.count, mv_data: bytes.baseAddress)
            return withKey(key) { key in
                transaction.inside { mdb_cursor_put(handle, &key, &value, append ? UInt32(MDB_APPEND) : 0) }
            }
        }
        guard code == 0 else {
            throw transaction.environment.failure(code, call: "mdb_cursor_put", writing: UInt64(Bounds.pageBytes))
        }
    }

    func delete() throws(StoreError) {
        let code = transaction.inside { mdb_cursor_del(handle, 0) }
        guard code == 0 else { throw transaction.environment.failure(code, call: "mdb_cursor_del", writing: 0) }
    }
}

/// A transaction that changes the store; aborted when it ends without a commit.
struct WriteTransaction: ~Copyable {
    private var handle: OpaquePointer?
    private let environment: Environment

    init(_ environment: Environment) throws(StoreError) {
        self.environment = environment
        handle = try WriteTransaction.begin(environment)
    }

    deinit {
        if let handle { Transaction(handle: handle, environment: environment, side: .writer).abort() }
    }

    private static func begin(_ environment: Environment) throws(StoreError) -> OpaquePointer {
        var handle: OpaquePointer?
        let thread = Environment.threadSlot(.writer, environment.faults)
        thread.pointee = pthread_self()
        let code = mdb_txn_begin(environment.handle, nil, 0, &handle)
        thread.pointee = 0
        guard code == 0, let handle else {
            throw environment.failure(code, call: "mdb_txn_begin", writing: 0)
        }
        return handle
    }

    /// The reading side of the transaction.
    var view: Transaction {
        guard let handle else { fatalError("the transaction has ended") }
        return Transaction(handle: handle, environment: environment, side: .writer)
    }

    /// Commits; `bytes` is about what it writes, for telling a full disk.
    consuming func commit(writing bytes: UInt64) throws(StoreError) {
        try end(writing: bytes)
    }

    /// Commits and begins the next, as staging does.
    mutating func commitAndBegin(writing bytes: UInt64) throws(StoreError) {
        try end(writing: bytes)
        handle = try WriteTransaction.begin(environment)
    }

    private mutating func end(writing bytes: UInt64) throws(StoreError) {
        let view = view
        handle = nil
        let code = view.inside { mdb_txn_commit(view.handle) }
        guard code == 0 else { throw environment.failure(code, call: "mdb_txn_commit", writing: bytes) }
    }

    func put(_ key: UInt64, _ bytes: [UInt8], in database: MDB_dbi) throws(StoreError) {
        let view = view
        let code = bytes.withUnsafeBytes { bytes in
            var value = MDB_val(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            return withKey(key) { key in view.inside { mdb_put(view.handle, database, &key, &value, 0) } }
        }
        guard code == 0 else {
            throw environment.failure(code, call: "mdb_put", writing: UInt64(bytes.count + Bounds.pageBytes))
        }
    }

    /// Appends a value of `count` bytes that the caller fills before the next change; the key is above all others.
    func reserve(_ key: UInt64, count: Int, in database: MDB_dbi) throws(StoreError) -> UnsafeMutableRawPointer {
        let view = view
        var value = MDB_val(mv_size: count, mv_data: nil)
        let flags = UInt32(MDB_RESERVE | MDB_APPEND)
        let code = withKey(key) { key in view.inside { mdb_put(view.handle, database, &key, &value, flags) } }
        guard code == 0, let data = value.mv_data else {
            throw environment.failure(code, call: "mdb_put", writing: UInt64(count))
        }
        return data
    }

    /// Deletes a key; whether it was there.
    func delete(_ key: UInt64, in database: MDB_dbi) throws(StoreError) -> Bool {
        let view = view
        let code = withKey(key) { key in view.inside { mdb_del(view.handle, database, &key, nil) } }
        if code == MDB_NOTFOUND { return false }
        guard code == 0 else { throw environment.failure(code, call: "mdb_del", writing: 0) }
        return true
    }

    /// Makes a sub-database with 8-byte keys. Its handle is good when the transaction is committed.
    func makeDatabase(_ name: String) throws(StoreError) -> MDB_dbi {
        let view = view
        var database: MDB_dbi = 0
        let flags = Environment.Databases.integerKeyed | UInt32(MDB_CREATE)
        let code = view.inside { mdb_dbi_open(view.handle, name, flags, &database) }
        guard code == 0 else {
            throw environment.failure(code, call: "mdb_dbi_open", writing: UInt64(Bounds.pageBytes))
        }
        return database
    }

    /// Deletes every key of a sub-database.
    func empty(_ database: MDB_dbi) throws(StoreError) {
        let view = view
        let code = view.inside { mdb_drop(view.handle, database, 0) }
        guard code == 0 else { throw environment.failure(code, call: "mdb_drop", writing: 0) }
    }
}
