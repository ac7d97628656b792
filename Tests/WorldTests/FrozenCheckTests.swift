// What is looked at before a checkpoint becomes durable: a world that breaks an invariant is not committed, and says so.

import Kernel
import Objects
import Store
import Testing
import World

struct FrozenCheckTests {
    /// Something that is done to a world in memory, as a bug of ours would do it, and the invariant that is named.
    struct Bug: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let invariant: String
        let object: String
        let done: @Sendable (Objects, Kernel) throws -> Void
    }

    static let bugs = [
        Bug(testDescription: "a state that there is not", invariant: "PROC-2", object: "process 1") {
            try $0.set(try $1.process("echo"), ProcessRecord.state, 77)
        },
        Bug(testDescription: "a log that ends before it begins", invariant: "STREAM-1", object: "process 1") {
            try $0.set(try $1.process("echo"), ProcessRecord.logOldest, 1 << 40)
        },
        Bug(testDescription: "more read than there is", invariant: "STREAM-2", object: "process 1") {
            try $0.set(try $1.process("echo"), ProcessRecord.inputRead, 1 << 40)
        },
        Bug(testDescription: "more of its own than is used", invariant: "BANK-1", object: "bank") {
            try $0.set(try $1.rootBank, BankRecord.ownPages, 1 << 40)
        },
        Bug(testDescription: "a cell of no kind", invariant: "POT-5", object: "cell") {
            try $0.set(try $1.process("echo"), CellHeader.kind, 9)
        },
        Bug(testDescription: "bytes in an unused slot", invariant: "POT-2", object: "cell") { objects, kernel in
            let process = try kernel.process("echo")
            _ = try objects.mutableCell(process)
            let pot = try objects.write(process.pot)
            let used = pot.load(Pot.used)
            pot.store(used & ~(1 << UInt64(process.slot)), Pot.used)
        },
        Bug(testDescription: "no world page", invariant: "WORLD-3", object: "world page") { objects, _ in
            try objects.write(.world).storeBytes(of: 0, as: UInt8.self)
        },
        Bug(testDescription: "a clock that goes back", invariant: "CKPT-4", object: "world page") { objects, _ in
            try objects.setWorld(WorldPage.gasClock, 0)
        },
    ]

    /// Also at the first freeze since the world was opened.
    @Test func aClockThatGoesBackBehindTheLastCheckpointIsNamed() throws {
        try withObjects { objects, _ in
            let check = FrozenCheck()
            check.begin(behind: try objects.read(.world))
            try objects.setWorld(WorldPage.gasClock, try objects.world(WorldPage.gasClock) - 1)
            let error = #expect(throws: UncommittedWorld.self) { try check.check(objects.freeze()) }
            #expect(error?.breach.invariant == "CKPT-4" && error?.breach.text.contains("gas clock") == true)
        }
    }

    /// A world that has stood still, and its objects in memory.
    private func withObjects(_ body: (Objects, Kernel) throws -> Void) throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("echo"), name: "echo", input: "a\n")
        try world.bootUntilIdle()
        try world.close()
        try Surgery(scratch.world).read { try body($0, Kernel(objects: $0)) }
    }

    @Test(arguments: bugs) func whatBreaksAnInvariantIsNamed(bug: Bug) throws {
        try withObjects { objects, kernel in
            let check = FrozenCheck()
            // Everything that it looks at has changed, and nothing is wrong.
            for cell in [try kernel.process("echo"), try kernel.rootBank, try kernel.rootMeter] {
                try objects.set(cell, CellHeader.generation, try objects.get(cell, CellHeader.generation))
            }
            try objects.setWorld(WorldPage.gasClock, try objects.world(WorldPage.gasClock) + 1)
            let sound = try objects.freeze()
            #expect(sound.pots.count >= 2 && sound.worldPage != nil)
            try check.check(sound)
            objects.settle(sound, moved: [])

            try bug.done(objects, kernel)
            let error = #expect(throws: UncommittedWorld.self) { try check.check(objects.freeze()) }
            #expect(error?.breach.invariant == bug.invariant)
            #expect(error?.breach.object.contains(bug.object) == true)
        }
    }

    @Test func aWorldThatBreaksOneIsNotCommitted() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        _ = try world.perform(.createBank(path: "root/b", BankTermsRequest()))
        try world.close()
        try Surgery(scratch.world).operate { objects, kernel in
            try objects.set(try kernel.bank(at: "root/b"), BankRecord.ownPages, 1 << 40)
        }
        let host = try World.open(at: scratch.world, as: .host)
        let checkpoints = try host.checkpoints()
        _ = try host.perform(.setBank(path: "root/b", BankTermsRequest(limitBytes: .limited(1 << 20))))
        let error = try worldError { try host.close() }
        #expect(error?.code == .failed && error?.what == "the world broke an invariant, and was not committed")
        #expect(error?.why.contains("1099511627776 pages are its own and ") == true, "\(error?.why ?? "")")
        #expect(error?.why.hasSuffix("(BANK-1); the last checkpoint stands") == true)
        // What was there before is there still.
        #expect(World.condition(at: scratch.world) == .crashed)
        let again = try World.open(at: scratch.world, as: .reader)
        #expect(try again.checkpoints() == checkpoints)
        #expect(try again.bank("root/b").limitBytes == nil)
        try again.close()
    }
}
