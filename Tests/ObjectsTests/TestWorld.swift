// A world of objects in a directory of its own, for one test: genesis, and the steps of a checkpoint one by one, so that
// a test decides what happens between freezing, publishing and settling. Shared by the tests of objects and of the
// kernel. Hides the store.

import Glibc
import Kernel
import Objects
import Store
import Testing

final class TestWorld {
    /// The folder in which the world's is.
    let path: String
    /// Whether the folder goes with this.
    private var isOwner = true
    private(set) var store: Store
    private(set) var objects: Objects
    private(set) var kernel: Kernel
    /// The freeze that is not settled yet.
    private(set) var frozen: FrozenPages?
    private var outcome: Outcome?
    private let budgetPages: Int
    private let residentBound: Int
    /// Pages that the store put elsewhere, in all.
    private(set) var movedPages = 0

    /// A publication that is durable and not adopted.
    private final class Outcome {
        private var published: Published?
        init(_ published: consuming Published) { self.published = consume published }
        func take() throws -> Published {
            guard let taken = published.take() else { throw Failure.adoptedTwice }
            return taken
        }
    }

    private enum Failure: Error {
        case noDirectory(Int32)
        case adoptedTwice
    }

    init(limitPages: UInt64? = nil, budgetPages: Int = 1 << 16, residentBound: Int = 1 << 16) throws {
        var template = Array("/tmp/objects-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure.noDirectory(errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.budgetPages = budgetPages
        self.residentBound = residentBound
        let first = Objects(store: nil, budgetPages: 64, residentBound: 64)
        try Kernel(objects: first)
            .makeGenesis(limitPages: limitPages, entropyKey: [UInt8](repeating: 7, count: 32), isSeeded: true)
        try first.checkInvariants()
        try Store.create(
            at: path + "/world", worldID: WorldID(low: 1, high: 2), first: Self.publication(try first.freeze()))
        store = try Store.open(at: path + "/world", mode: .host)
        objects = Objects(store: store, budgetPages: budgetPages, residentBound: residentBound)
        kernel = Kernel(objects: objects)
    }

    /// The world that another left in this folder.
    init(at path: String) throws {
        self.path = path
        isOwner = false
        (budgetPages, residentBound) = (1 << 16, 1 << 16)
        store = try Store.open(at: path + "/world", mode: .host)
        objects = Objects(store: store, budgetPages: budgetPages, residentBound: residentBound)
        kernel = Kernel(objects: objects)
    }

    /// Lets others open it; the folder stays.
    func leave() throws {
        isOwner = false
        try store.close()
    }

    var epoch: UInt64 { store.epoch.rawValue }

    deinit {
        try? store.close()
        if isOwner { Self.removeTree(path) }
    }

    static func removeTree(_ path: String) {
        guard let listing = opendir(path) else {
            unlink(path)
            return
        }
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { removeTree("\(path)/\(name)") }
        }
        closedir(listing)
        rmdir(path)
    }

    private static func publication(_ frozen: FrozenPages) -> Publication {
        Publication(
            frozen,
            note: CheckpointNote(
                wallTimeNanoseconds: 0, gasClock: 0, dirtyPages: UInt64(frozen.pages.count), freezeMicroseconds: 0))
    }

    var rootBank: CellID { get throws { try kernel.rootBank } }

    // MARK: A checkpoint, step by step

    var isPublished: Bool { outcome != nil }

    func freeze() throws -> FrozenPages {
        let pages = try objects.freeze()
        // All pots among them are looked at before they are durable (CKPT-4).
        let pots = pages.pages.filter { page in
            Pot.magic.enumerated().allSatisfy {
                page.content.load(fromByteOffset: $0.offset, as: UInt8.self) == $0.element
            }
        }
        #expect(Set(pots.map(\.id)) == Set(pages.pots.map(\.id)))
        frozen = pages
        return pages
    }

    func publish() throws {
        let frozen = try #require(frozen)
        outcome = Outcome(try store.publish(Self.publication(frozen)))
    }

    func settle() throws {
        let published = try #require(outcome).take()
        let adoption = try store.adopt(published)
        movedPages += adoption.movedPages.count
        objects.settle(try #require(frozen), moved: adoption.movedPages)
        frozen = nil
        outcome = nil
    }

    /// All changes so far are durable, and no frame is left.
    func checkpoint() throws {
        _ = try freeze()
        try publish()
        try settle()
        while try objects.turnClean(1000) {}
    }

    /// What a kill leaves: everything in memory is gone, and the store is opened anew.
    func killAndReopen() throws {
        outcome = nil
        frozen = nil
        try store.close()
        store = try Store.open(at: path + "/world", mode: .host)
        objects = Objects(store: store, budgetPages: budgetPages, residentBound: residentBound)
        kernel = Kernel(objects: objects)
    }

    /// Every invariant that can be checked from below.
    func check() throws {
        try objects.checkInvariants(frozen: frozen)
        try objects.checkRecords()
    }

    /// The numbers of all pages that the store has.
    func storedPages() throws -> Set<UInt64> {
        var numbers: Set<UInt64> = []
        try store.forEachPage(in: PageID(rawValue: 0)...PageID(rawValue: .max)) { id in
            numbers.insert(id.number)
            return true
        }
        return numbers
    }
}

/// Whether the error is a refusal for want of space; anything else is thrown on.
func isRefused(_ body: () throws -> Void) throws -> Bool {
    do {
        try body()
        return false
    } catch ObjectsError.bankExhausted {
        return true
    }
}
