// Who may open a world, and what its directory says of itself.

import Glibc
import Store
import Testing

/// Makes a world of one page.
func makeWorld(_ directory: TemporaryDirectory, pages: Int = 1) throws {
    let buffer = PageBuffer(capacity: pages)
    for id in 1...UInt64(pages) { buffer.add(PageID(rawValue: id), epoch: 1) }
    try Store.create(at: directory.world, first: publication(1, buffer.pages), keeping: buffer)
}

@Suite(.serialized) struct LockTests {
    @Test func conditionFollowsAWorldThroughItsLife() throws {
        let directory = try TemporaryDirectory()
        #expect(try Store.condition(at: directory.world) == .absent)
        try makeWorld(directory)
        #expect(try Store.condition(at: directory.world) == .halted)
        let store = try Store.open(at: directory.world, mode: .host)
        #expect(try Store.condition(at: directory.world) == .inUse(pid: getpid()))
        try store.close()
        #expect(try Store.condition(at: directory.world) == .halted)
    }

    @Test func aKilledHostLeavesACrashedWorldThatOpensAgain() async throws {
        let directory = try TemporaryDirectory()
        try makeWorld(directory)
        await #expect(processExitsWith: .signal(SIGKILL)) { [world = directory.world as String] in
            let store = try Store.open(at: world, mode: .host)
            _ = try store.page(PageID(rawValue: 1))
            kill(getpid(), SIGKILL)
        }
        #expect(try Store.condition(at: directory.world) == .crashed)
        let reader = try Store.open(at: directory.world, mode: .reader)
        #expect(try reader.verify { _, _ in } == [])
        try reader.close()
        #expect(try Store.condition(at: directory.world) == .crashed)
        let host = try Store.open(at: directory.world, mode: .host)
        try host.close()
        #expect(try Store.condition(at: directory.world) == .halted)
    }

    @Test func aSecondHostAndAReaderAreRefusedWithTheProcessID() async throws {
        let directory = try TemporaryDirectory()
        try makeWorld(directory)
        let store = try Store.open(at: directory.world, mode: .host)
        await #expect(processExitsWith: .exitCode(41)) { [world = directory.world as String, pid = getpid() as Int32] in
            for mode in [OpenMode.host, .reader] {
                let error = storeError { _ = try Store.open(at: world, mode: mode) }
                guard error == .inUse(path: world, pid: pid) else { exit(2) }
            }
            guard try Store.condition(at: world) == .inUse(pid: pid) else { exit(3) }
            exit(41)
        }
        try store.close()
    }

    @Test(arguments: [(OpenMode.host, OpenMode.host), (.host, .reader), (.reader, .reader)])
    func theSameProcessOpensAWorldOnce(first: OpenMode, second: OpenMode) throws {
        let directory = try TemporaryDirectory()
        try makeWorld(directory)
        let store = try Store.open(at: directory.world, mode: first)
        #expect(throws: StoreError.openedTwice(path: directory.world)) {
            try Store.open(at: directory.world, mode: second)
        }
        symlink(directory.world, directory.path + "/alias")
        #expect(throws: StoreError.openedTwice(path: directory.path + "/alias")) {
            try Store.open(at: directory.path + "/alias", mode: second)
        }
        try store.close()
        try Store.open(at: directory.world, mode: second).close()
    }

    @Test func readersOfAHaltedWorldShareItAndKeepAHostOut() async throws {
        let directory = try TemporaryDirectory()
        try makeWorld(directory)
        let reader = try Store.open(at: directory.world, mode: .reader)
        await #expect(processExitsWith: .exitCode(42)) { [world = directory.world as String] in
            let second = try Store.open(at: world, mode: .reader)
            guard let content = try second.page(PageID(rawValue: 1)),
                matches(content, id: PageID(rawValue: 1), epoch: 1)
            else { exit(1) }
            try second.close()
            let error = storeError { _ = try Store.open(at: world, mode: .host) }
            guard error == .inUse(path: world, pid: nil) else { exit(3) }
            exit(42)
        }
        try reader.close()
    }

    @Test(.enabled(if: getuid() == 0, "only root can become someone else"))
    func aReaderNeedsNoWritePermissionAndAHostSaysWhatIsMissing() async throws {
        let directory = try TemporaryDirectory()
        try makeWorld(directory)
        chmod(directory.path, 0o755)
        await #expect(processExitsWith: .exitCode(43)) { [world = directory.world as String] in
            guard setgid(65_534) == 0, setuid(65_534) == 0 else { exit(1) }
            let reader = try Store.open(at: world, mode: .reader)
            guard try reader.verify(progress: { _, _ in }) == [] else { exit(2) }
            try reader.close()
            let refused = storeError { _ = try Store.open(at: world, mode: .host) }
            guard refused == .permission(path: world + "/lock", call: "open") else { exit(4) }
            let inner = storeError {
                try Store.create(at: world + "/inner", worldID: testWorldID, first: publication(1, []))
            }
            guard case .permission = inner else { exit(6) }
            exit(43)
        }
        // A directory that may not be searched.
        chmod(directory.world, 0o700)
        await #expect(processExitsWith: .exitCode(44)) { [world = directory.world as String] in
            guard setgid(65_534) == 0, setuid(65_534) == 0 else { exit(1) }
            let error = storeError { _ = try Store.open(at: world, mode: .reader) }
            guard case .permission = error else { exit(3) }
            exit(44)
        }
    }
}
