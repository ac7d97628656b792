// Each way in which a store is refused: what stands in its place, what is cut, what is newer, what is full.

import CXXHash
import Glibc
import Store
import Testing

/// Writes bytes into a file of a world.
func overwrite(_ path: String, at offset: Int, _ bytes: [UInt8]) {
    let descriptor = open(path, O_WRONLY)
    precondition(descriptor >= 0)
    precondition(pwrite(descriptor, bytes, bytes.count, off_t(offset)) == bytes.count)
    close(descriptor)
}

/// All of a file.
func contents(_ path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    precondition(descriptor >= 0)
    var status = stat()
    fstat(descriptor, &status)
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var done = 0
    while done < bytes.count {
        let got = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done) }
        guard got > 0 else { break }
        done += got
    }
    close(descriptor)
    return bytes
}

/// The offset of a byte sequence.
func offset(of pattern: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= pattern.count else { return nil }
    return (0...bytes.count - pattern.count).first { start in
        bytes[start] == pattern[0] && bytes[start..<start + pattern.count].elementsEqual(pattern)
    }
}

@Suite(.serialized) struct RefusalTests {
    private func error(_ path: String, _ mode: OpenMode) -> StoreError? {
        storeError { try Store.open(at: path, mode: mode).close() }
    }

    @Test(arguments: [OpenMode.host, .reader])
    func whatIsNoWorldIsRefusedAndLeftAlone(mode: OpenMode) throws {
        let directory = try TemporaryDirectory()
        let path = directory.world
        #expect(error(path, mode) == .missing(path: path))
        #expect(error(path + "/below", mode) == .missing(path: path + "/below"))

        close(open(path, O_CREAT | O_WRONLY, 0o644))
        #expect(error(path, mode) == .notAWorld(path: path, reason: .notADirectory))
        #expect(try Store.condition(at: path) == .notAWorld(.notADirectory))
        unlink(path)

        mkdir(path, 0o755)
        #expect(error(path, mode) == .notAWorld(path: path, reason: .storeMissing))
        #expect(try Store.condition(at: path) == .notAWorld(.storeMissing))

        let store = path + "/store.mdb"
        close(open(store, O_CREAT | O_WRONLY, 0o644))
        #expect(error(path, mode) == .notAWorld(path: path, reason: .storeEmpty))
        #expect(contents(store).isEmpty, "an empty file does not become a store")

        close(open(path + "/lock", O_CREAT | O_WRONLY, 0o644))
        overwrite(store, at: 0, Array("this is no database at all".utf8))
        #expect(error(path, mode) == .truncated(path: store, expectedBytes: 8_192, actualBytes: 26))
        overwrite(store, at: 26, [UInt8](repeating: 0x5A, count: 20_000))
        guard case .damaged(store, let damage) = error(path, mode) else {
            Issue.record("bytes that are no store are damage")
            return
        }
        #expect(damage.place == .metaPage(0))
        #expect(damage.fact == .magic)
    }

    /// LMDB leaves the older meta page so where writing it failed; the newer one has to hold.
    @Test(arguments: [OpenMode.host, .reader])
    func rootsBehindTheLastPageAreDamageOfTheNewerMetaPageOnly(mode: OpenMode) throws {
        let directory = try TemporaryDirectory()
        try makeWorld(directory)
        let path = directory.world + "/store.mdb"
        let bytes = contents(path)
        func transaction(_ meta: Int) -> UInt64 {
            bytes[meta * 4_096 + 144..<meta * 4_096 + 152].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        let newer = transaction(0) > transaction(1) ? 0 : 1
        let mainRoot = 16 + 72 + 40
        overwrite(path, at: (1 - newer) * 4_096 + mainRoot, [0xFF, 0xFF, 0x0F])
        #expect(error(directory.world, mode) == nil)
        overwrite(path, at: newer * 4_096 + mainRoot, [0xFF, 0xFF, 0x0F])
        guard case .damaged(path, let damage) = error(directory.world, mode) else {
            Issue.record("the newer one is damaged")
            return
        }
        #expect(damage.place == .metaPage(newer) && damage.fact == .bound)
    }

    @Test(arguments: [OpenMode.host, .reader])
    func aStoreWhoseHeadIsNotUnderItsKeyIsDamaged(mode: OpenMode) throws {
        let directory = try TemporaryDirectory()
        try makeWorld(directory)
        let path = directory.world + "/store.mdb"
        let bytes = contents(path)
        for at in 8..<bytes.count where bytes[at...].starts(with: Array("KEYVMSTO".utf8)) {
            overwrite(path, at: at - 8, [bytes[at - 8] ^ 0x40])
        }
        #expect(error(directory.world, mode) == .damaged(path: path, Damage(.head, .presence, expected: 1, found: 0)))
    }

    @Test(arguments: [OpenMode.host, .reader])
    func aNewerFormatIsNamedWithBothNumbers(mode: OpenMode) throws {
        let directory = try TemporaryDirectory()
        try makeWorld(directory)
        let path = directory.world + "/store.mdb"
        let bytes = contents(path)
        // Every copy of the head in the file, the current one among them.
        var at = 0
        var copies = 0
        while let found = offset(of: Array("KEYVMSTO".utf8), in: Array(bytes[at...])) {
            // And its checksum at the end, behind the attributes.
            let start = at + found
            overwrite(path, at: start + 8, [9, 0, 0, 0])
            let head = Array(contents(path)[start..<start + 96 + Int(bytes[start + 88])])
            let checksum = head.withUnsafeBytes { XXH3_64bits_withSeed($0.baseAddress, $0.count, 0) }
            overwrite(path, at: start + head.count, (0..<8).map { UInt8(truncatingIfNeeded: checksum >> (8 * $0)) })
            at += found + 1
            copies += 1
        }
        #expect(copies >= 1)
        #expect(error(directory.world, mode) == .formatTooNew(path: path, found: 9, known: 2))
        #expect(try Store.condition(at: directory.world) == .halted, "a refused world is left as it was")
    }

    @Test(arguments: [1, 4_095, 4_096, 40_960, 1_000_000])
    func aFileThatIsCutIsRefusedWithBothLengths(cut: Int) throws {
        let directory = try TemporaryDirectory()
        try makeWorld(directory, pages: 600)
        let path = directory.world + "/store.mdb"
        let whole = contents(path).count
        truncate(path, off_t(whole - cut))
        for mode in [OpenMode.host, .reader] {
            guard case .truncated(path, let expected, let actual) = error(directory.world, mode) else {
                Issue.record(
                    "a file cut by \(cut) bytes is truncated: \(String(describing: error(directory.world, mode)))")
                return
            }
            #expect(expected <= UInt64(whole))
            #expect(actual == UInt64(whole - cut))
        }
        #expect(contents(path).count == whole - cut, "nothing was repaired behind the user's back")
    }

    @Test func anotherPageSizeIsRefused() throws {
        let directory = try TemporaryDirectory()
        try makeWorld(directory)
        let path = directory.world + "/store.mdb"
        overwrite(path, at: 40, [0, 0x40, 0, 0])
        #expect(error(directory.world, .host) == .pageSize(path: path, found: 16_384, expected: 4_096))
    }

    @Test func creatingOverSomethingIsRefusedAndOverAnEmptyDirectoryIsNot() throws {
        let directory = try TemporaryDirectory()
        let path = directory.world
        func create(_ path: String) -> StoreError? {
            storeError { try Store.create(at: path, worldID: testWorldID, first: publication(1, [])) }
        }
        mkdir(path, 0o755)
        #expect(create(path + "/") == nil)
        #expect(create(path) == .exists(path: path))
        #expect(try Store.condition(at: path) == .halted)
        let file = directory.path + "/file"
        close(open(file, O_CREAT | O_WRONLY, 0o644))
        #expect(create(file) == .exists(path: file))
        #expect(create(directory.path + "/no/where") == .missing(path: directory.path + "/no"))
        // What an earlier try left aside is no obstacle, and nothing is left aside.
        let aside = directory.path + "/other.new-\(getpid())"
        mkdir(aside, 0o755)
        close(open(aside + "/store.mdb", O_CREAT | O_WRONLY, 0o644))
        #expect(create(directory.path + "/other") == nil)
        #expect(access(aside, F_OK) != 0)
    }

    @Test func afterAFullDiskTheOldStateStandsAndNothingIsPublished() async throws {
        let directory = try TemporaryDirectory()
        try makeWorld(directory, pages: 300)
        await #expect(processExitsWith: .exitCode(45)) { [world = directory.world as String] in
            signal(SIGXFSZ, SIG_IGN)
            let store = try Store.open(at: world, mode: .host)
            var limit = rlimit(rlim_cur: rlim_t(try store.statistics().fileBytes) + 8_192, rlim_max: rlim_t.max)
            setrlimit(__rlimit_resource_t(UInt32(RLIMIT_FSIZE.rawValue)), &limit)
            let buffer = PageBuffer(capacity: 1_000)
            for id in 1...1_000 as ClosedRange<UInt64> { buffer.add(PageID(rawValue: id), epoch: 2) }
            let error = storeError { try store.apply(publication(2, buffer.pages), keeping: buffer) }
            guard case .diskFull(_, let needed, _) = error, needed > 1_000 * 4_096 else { exit(1) }
            limit.rlim_cur = rlim_t.max
            setrlimit(__rlimit_resource_t(UInt32(RLIMIT_FSIZE.rawValue)), &limit)
            let again = storeError { try store.apply(publication(2, buffer.pages), keeping: buffer) }
            guard again == .publicationsStopped(path: world + "/store.mdb") else { exit(2) }
            // Reading goes on.
            guard let content = try store.page(PageID(rawValue: 1)),
                matches(content, id: PageID(rawValue: 1), epoch: 1)
            else { exit(3) }
            try store.close()
            exit(45)
        }
        #expect(try Store.condition(at: directory.world) == .crashed, "what was not saved is lost")
        let store = try Store.open(at: directory.world, mode: .host)
        #expect(store.epoch.rawValue == 1)
        #expect(try store.verify { _, _ in } == [])
        let buffer = PageBuffer(capacity: 1_000)
        for id in 1...1_000 as ClosedRange<UInt64> { buffer.add(PageID(rawValue: id), epoch: 2) }
        try store.apply(publication(2, buffer.pages), keeping: buffer)
        #expect(try store.verify { _, _ in } == [])
        try store.close()
    }

    @Test(.enabled(if: getuid() == 0, "only root can mount a small file system"))
    func aFullFileSystemIsSaidWithWhatIsNeededAndFree() async throws {
        let directory = try TemporaryDirectory()
        let small = directory.path + "/small"
        mkdir(small, 0o755)
        guard mount("tmpfs", small, "tmpfs", 0, "size=4m") == 0 else {
            print("aFullFileSystemIsSaidWithWhatIsNeededAndFree: cannot mount here, errno \(errno)")
            return
        }
        defer { umount(small) }
        let world = small + "/world"
        try Store.create(at: world, worldID: testWorldID, first: publication(1, []))
        let store = try Store.open(at: world, mode: .host)
        let buffer = PageBuffer(capacity: 2_000)
        for id in 1...2_000 as ClosedRange<UInt64> { buffer.add(PageID(rawValue: id), epoch: 2) }
        guard
            case .diskFull(_, let needed, let free) = storeError({
                try store.apply(publication(2, buffer.pages), keeping: buffer)
            })
        else {
            Issue.record("a full file system is a full disk")
            return
        }
        #expect(needed > 2_000 * 4_096)
        #expect(free < needed)
        try store.close()
        let reopened = try Store.open(at: world, mode: .host)
        #expect(reopened.epoch.rawValue == 1)
        #expect(try reopened.verify { _, _ in } == [])
        try reopened.close()
        // Creating on a full disk leaves nothing behind.
        let second = storeError {
            try Store.create(at: small + "/second", first: publication(2, buffer.pages), keeping: buffer)
        }
        guard case .diskFull = second else {
            Issue.record("creating on a full file system is a full disk: \(String(describing: second))")
            return
        }
        #expect(access(small + "/second", F_OK) != 0)
        #expect(access(small + "/second.new-\(getpid())", F_OK) != 0)
    }

    @Test(arguments: [
        StoreError.missing(path: "/w"), .notAWorld(path: "/w", reason: .storeEmpty), .exists(path: "/w"),
        .formatTooNew(path: "/w", found: 3, known: 2),
        .notKept(path: "/w", Epoch(rawValue: 7)), .truncated(path: "/w", expectedBytes: 2, actualBytes: 1),
        .inUse(path: "/w", pid: 7), .openedTwice(path: "/w"), .diskFull(path: "/w", neededBytes: 2, freeBytes: 1),
        .permission(path: "/w", call: "open"), .pageSize(path: "/w", found: 1, expected: 2),
        .mapFull(path: "/w", mapBytes: 1), .publicationsStopped(path: "/w"),
        .ioError(path: "/w", call: "pread", errno: EIO),
    ])
    func everyErrorSaysWhatWhyAndWhatToTryInALineEach(error: StoreError) {
        for line in [error.what, error.why, error.suggestion] {
            #expect(!line.isEmpty && !line.contains("\n"))
        }
        #expect(error.why.contains("/w"))
        #expect(error.path == "/w")
        let programs = ["keyvm", "ls", "df", "getconf", "dmesg"]
        #expect(programs.contains { error.suggestion.hasPrefix("\($0) ") }, "a command: \(error.suggestion)")
    }

    @Test func whatToTryIsTypedAsItIsWhateverThePath() {
        let path = "/a world's"
        #expect(StoreError.missing(path: path).suggestion == "keyvm init '/a world'\\''s'")
        #expect(
            StoreError.truncated(path: "/w/store.mdb", expectedBytes: 2, actualBytes: 1).suggestion
                == "keyvm fsck -w /w")
    }
}
