// Owns the LMDB environment: its flags, its sub-databases, and the meaning of what LMDB answers.
//
// Map of 1 TiB reserved once, default sync, never a writable map. Handles are opened in a transaction that is
// committed, so that both sides may use them. What LMDB is called with goes through `Transaction`, which notes the
// thread for the fault handler (STORE-14).

import CLMDB
import Glibc
import Synchronization

/// Which side of the store is at work: the one that reads, the one that publishes, or one that reads a kept state.
enum Side {
    case kernel
    case writer
    case past
}

final class Environment: @unchecked Sendable {
    let handle: OpaquePointer
    let path: String
    let databases: Databases
    let faults: UnsafeMutablePointer<FaultRecord>
    private let madePast = Mutex<MDB_dbi?>(nil)
    /// Kept states that are open.
    let openPasts = Atomic(0)

    /// The sub-databases, by name and by flags.
    struct Databases: Sendable {
        let meta, index, segments, live, delta, checkpoints: MDB_dbi
        /// Nil in a store of format 1.
        let past: MDB_dbi?

        static let integerKeyed = UInt32(MDB_INTEGERKEY)

        init(create: Bool, in transaction: OpaquePointer, check: (Int32, String) throws(StoreError) -> Void)
            throws(StoreError)
        {
            func open(_ name: String, _ flags: UInt32) throws(StoreError) -> MDB_dbi {
                var database: MDB_dbi = 0
                let wanted = flags | (create ? UInt32(MDB_CREATE) : 0)
                try check(mdb_dbi_open(transaction, name, wanted, &database), "mdb_dbi_open")
                var found: UInt32 = 0
                try check(mdb_dbi_flags(transaction, database, &found), "mdb_dbi_flags")
                try check(found == flags ? 0 : MDB_INCOMPATIBLE, "mdb_dbi_flags")
                return database
            }
            meta = try open("meta", Databases.integerKeyed)
            index = try open("idx", Databases.integerKeyed)
            segments = try open("seg", Databases.integerKeyed)
            live = try open("live", Databases.integerKeyed)
            delta = try open("delta", Databases.integerKeyed)
            checkpoints = try open("ckpt", Databases.integerKeyed)
            var database: MDB_dbi = 0
            if !create && mdb_dbi_open(transaction, "past", Databases.integerKeyed, &database) == MDB_NOTFOUND {
                past = nil
            } else {
                past = try open("past", Databases.integerKeyed)
            }
        }

    }

    init(path: String, mode: OpenMode, create: Bool) throws(StoreError) {
        guard sysconf(Int32(_SC_PAGESIZE)) == Bounds.pageBytes else {
            let found = UInt64(sysconf(Int32(_SC_PAGESIZE)))
            throw .pageSize(path: path, found: found, expected: UInt64(Bounds.pageBytes))
        }
        func check(_ code: Int32, _ call: String) throws(StoreError) {
            guard code == 0 else { throw Environment.failure(code, call: call, path: path, writing: 0) }
        }
        var environment: OpaquePointer?
        try check(mdb_env_create(&environment), "mdb_env_create")
        guard let environment else { throw .ioError(path: path, call: "mdb_env_create", errno: ENOMEM) }
        let faults = FaultGuard.take(path: path)
        let thread = Environment.threadSlot(.kernel, faults)
        thread.pointee = pthread_self()
        do throws(StoreError) {
            try check(mdb_env_set_mapsize(environment, Bounds.mapBytes), "mdb_env_set_mapsize")
            try check(mdb_env_set_maxdbs(environment, 8), "mdb_env_set_maxdbs")
            try check(mdb_env_set_assert(environment, handleAssertion), "mdb_env_set_assert")
            var flags = MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD | MDB_NOMEMINIT
            if mode == .reader { flags |= MDB_RDONLY | MDB_NOLOCK }
            try check(mdb_env_open(environment, path, UInt32(flags), 0o644), "mdb_env_open")
            if mode == .host {
                var dead: Int32 = 0
                try check(mdb_reader_check(environment, &dead), "mdb_reader_check")
            }
            var transaction: OpaquePointer?
            let access = UInt32(create ? 0 : MDB_RDONLY)
            try check(mdb_txn_begin(environment, nil, access, &transaction), "mdb_txn_begin")
            guard let transaction else { throw .ioError(path: path, call: "mdb_txn_begin", errno: ENOMEM) }
            do throws(StoreError) {
                databases = try Databases(create: create, in: transaction, check: check)
            } catch {
                mdb_txn_abort(transaction)
                throw error
            }
            try check(mdb_txn_commit(transaction), "mdb_txn_commit")
        } catch {
            thread.pointee = 0
            mdb_env_close(environment)
            FaultGuard.release(faults)
            throw error
        }
        thread.pointee = 0
        handle = environment
        self.path = path
        self.faults = faults
    }

    /// Where undo records are; nil in a store of format 1.
    var past: MDB_dbi? { databases.past ?? madePast.withLock { $0 } }

    /// Every sub-database.
    var all: [MDB_dbi] {
        [
            databases.meta, databases.index, databases.segments, databases.live, databases.delta, databases.checkpoints,
        ] + (past.map { [$0] } ?? [])
    }

    /// A publication has made `past`, and whoever reads sees it from now on.
    func adopt(past: MDB_dbi) { madePast.withLock { $0 = past } }

    /// Ends the environment; every transaction has ended before.
    func close() {
        let thread = Environment.threadSlot(.kernel, faults)
        thread.pointee = pthread_self()
        mdb_env_close(handle)
        thread.pointee = 0
        FaultGuard.release(faults)
    }

    static func threadSlot(_ side: Side, _ record: UnsafeMutablePointer<FaultRecord>) -> UnsafeMutablePointer<pthread_t>
    {
        let field: PartialKeyPath<FaultRecord> =
            switch side {
            case .kernel: \.kernelThread
            case .writer: \.writerThread
            case .past: \.pastThread
            }
        guard let offset = MemoryLayout<FaultRecord>.offset(of: field) else { fatalError("a stored field") }
        return (UnsafeMutableRawPointer(record) + offset).assumingMemoryBound(to: pthread_t.self)
    }

    /// Bytes of the file up to the last page of the newest transaction.
    func usedBytes() -> UInt64 {
        var information = MDB_envinfo()
        mdb_env_info(handle, &information)
        return UInt64(information.me_last_pgno + 1) * UInt64(Bounds.pageBytes)
    }

    /// Begins a transaction that reads, for one side of the store.
    func beginReading(_ side: Side) throws(StoreError) -> Transaction {
        var handle: OpaquePointer?
        let code = mdb_txn_begin(self.handle, nil, UInt32(MDB_RDONLY), &handle)
        guard code == 0, let handle else { throw failure(code, call: "mdb_txn_begin", writing: 0) }
        return Transaction(handle: handle, environment: self, side: side)
    }

    /// Drops the slots of readers that died, so that they hold no space back.
    func dropDeadReaders() throws(StoreError) {
        var dead: Int32 = 0
        let code = mdb_reader_check(handle, &dead)
        guard code == 0 else { throw failure(code, call: "mdb_reader_check", writing: 0) }
    }

    func failure(_ code: Int32, call: String, writing bytes: UInt64) -> StoreError {
        Environment.failure(code, call: call, path: path, writing: bytes)
    }

    private static var isFileSizeLimited: Bool {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(UInt32(RLIMIT_FSIZE.rawValue)), &limit) == 0 else { return true }
        return limit.rlim_cur != rlim_t.max
    }

    /// What an answer of LMDB's means. A full disk comes as EIO from a short write, so the file system is asked.
    static func failure(_ code: Int32, call: String, path: String, writing bytes: UInt64) -> StoreError {
        switch code {
        case MDB_MAP_FULL:
            return .mapFull(path: path, mapBytes: UInt64(Bounds.mapBytes))
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_INVALID, MDB_CURSOR_FULL, MDB_PAGE_FULL, MDB_BAD_VALSIZE,
            MDB_INCOMPATIBLE, MDB_VERSION_MISMATCH, MDB_NOTFOUND, MDB_KEYEXIST, MDB_BAD_TXN, MDB_BAD_DBI:
            let found = UInt64(bitPattern: Int64(code))
            return .damaged(path: path, Damage(.tree(call: call), .lmdbError, expected: 0, found: found))
        case EIO where bytes > 0:
            let free = StoreError.freeBytes(at: path) ?? .max
            guard free < bytes || isFileSizeLimited else { return .system(code, path: path, call: call) }
            return .diskFull(path: path, neededBytes: bytes, freeBytes: free)
        case ENOSPC, EDQUOT, EFBIG:
            return .diskFull(path: path, neededBytes: bytes, freeBytes: StoreError.freeBytes(at: path) ?? 0)
        default:
            return .system(code, path: path, call: call)
        }
    }
}
