// A kernel with its machine on a store, and nothing else of a world: what is run can be frozen, written out and read back
// by a host that knows nothing of it, between any two instructions.

import Devices
import Foundation
import Kernel
import Machine
import Objects
import Store

final class StoredBench {
    private let path: String
    private let store: Store
    private(set) var objects: Objects
    private(set) var kernel: Kernel
    private(set) var machine: Machine
    private let budgetPages: Int
    private let time = SetClock()
    /// How often everything was written out and read back.
    private(set) var reloads = 0

    /// The store is in memory where there is a file system for that: what is tested is what is written, not the disk.
    init(budgetPages: Int = 1 << 16) throws {
        self.budgetPages = budgetPages
        let memory = FileManager.default.fileExists(atPath: "/dev/shm")
        let folder = memory ? URL(fileURLWithPath: "/dev/shm") : FileManager.default.temporaryDirectory
        path = folder.appendingPathComponent("keyvm-bench-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let first = Objects(store: nil, budgetPages: 64, residentBound: 64)
        try Kernel(objects: first).makeGenesis(limitPages: nil, entropyKey: Entropy.key(seed: 7), isSeeded: true)
        try Store.create(
            at: path + "/world", worldID: WorldID(low: 1, high: 2), first: Self.publication(try first.freeze()))
        store = try Store.open(at: path + "/world", mode: .host)
        objects = Objects(store: store, budgetPages: budgetPages, residentBound: 1 << 16)
        kernel = Kernel(objects: objects)
        machine = Machine(kernel: kernel, clock: try Clock(objects: objects, source: time))
    }

    deinit {
        _ = Result { try store.close() }
        _ = Result { try FileManager.default.removeItem(atPath: path) }
    }

    private static func publication(_ frozen: FrozenPages) -> Publication {
        Publication(
            frozen,
            note: CheckpointNote(
                wallTimeNanoseconds: 0, gasClock: 0, dirtyPages: UInt64(frozen.pages.count), freezeMicroseconds: 0))
    }

    /// Freezes and publishes everything, forgets all that the host knows, and goes on from the store: pages, records and
    /// code are found again when they are needed.
    func writeOutAndReload() throws {
        try machine.saveAll()
        let frozen = try objects.freeze()
        let adoption = try store.adopt(try store.publish(Self.publication(frozen)))
        objects.settle(frozen, moved: adoption.movedPages)
        objects = Objects(store: store, budgetPages: budgetPages, residentBound: 1 << 16)
        kernel = Kernel(objects: objects)
        machine = Machine(kernel: kernel, clock: try Clock(objects: objects, source: time))
        reloads += 1
    }

    /// A process of a program, ready to run.
    func spawn(_ module: [UInt8], links: [(name: String, bytes: [UInt8])] = []) throws -> CellID {
        let checked = try Machine.check(module, entry: "_start", links: links)
        let bank = try kernel.rootBank
        return try kernel.makeProcess(
            ProcessPlan(
                name: "p", instances: try checked.modules.map { try machine.install($0, bank: bank) }, bank: bank,
                meter: try kernel.rootMeter, gas: nil, limitPages: nil, arguments: [], environment: [],
                streamBytes: 4096, input: [], inputEnds: true, entryFunction: checked.entryFunction))
    }

    /// A process of this module, which is called by the test.
    func makeCalled(_ bytes: [UInt8], name: String, bank: CellID? = nil) throws -> CellID {
        let bank = try bank ?? kernel.rootBank
        let module = try machine.install(bytes, bank: bank)
        return try kernel.makeProcess(
            ProcessPlan(
                name: name, instances: [module], bank: bank, meter: try kernel.rootMeter, gas: nil, limitPages: nil,
                arguments: [], environment: [], streamBytes: 4096, input: [], inputEnds: true, entryFunction: nil))
    }
}
