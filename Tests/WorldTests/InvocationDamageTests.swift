// Damage to invocations, one field at a time: the consistency check names it, and a host that goes on reports it or goes on, and does not
// crash.

import Kernel
import Objects
import Testing
import World

struct InvocationDamageTests {
    /// A server that has one caller's message, and one who stands before it; one that is available; and two that a process keeps, of which
    /// one was told to it.
    struct Patient {
        let objects: Objects
        let server: CellID
        let called: CellID
        let queued: CellID
        let available: CellID
        let kept: CellID
        let beforeKeeper: CellID
        let bank: CellID

        init(_ objects: Objects, _ kernel: Kernel) throws {
            self.objects = objects
            server = try kernel.process("server")
            available = try kernel.process("available")
            let both = try ["a", "b"].map { try kernel.process($0) }
            called = try #require(try both.first { try objects.invocationPhase(of: $0) == .called })
            queued = try #require(try both.first { try objects.invocationPhase(of: $0) == .queued })
            let faulting = try ["f", "g"].map { try kernel.process($0) }
            kept = try #require(try faulting.first { try objects.invocationPhase(of: $0) == .kept })
            beforeKeeper = try #require(try faulting.first { try objects.invocationPhase(of: $0) == .beforeKeeper })
            bank = try kernel.rootBank
        }
    }

    typealias Damage = WorldTests.Damage<Patient>

    static let damages: [Damage] = [
        Damage("phase that there is not", "INVOKE-1") {
            try $0.objects.set($0.called, ProcessRecord.invocationPhase, 9)
        },
        Damage("phase of a caller", "INVOKE-1") { try $0.objects.set($0.called, ProcessRecord.invocationPhase, 3) },
        Damage("phase of who stands in a queue", "INVOKE-1") {
            try $0.objects.set($0.queued, ProcessRecord.invocationPhase, 2)
        },
        Damage("phase of one that is available", "INVOKE-1") {
            try $0.objects.set($0.available, ProcessRecord.invocationPhase, 0)
        },
        Damage("kind of one that is available", "INVOKE-1") {
            try $0.objects.set($0.available, ProcessRecord.invocationKind, 0)
        },
        Damage("what a caller waits for", "INVOKE-1") { try $0.objects.set($0.called, ProcessRecord.waitsFor, 16) },
        Damage("what who stands in a queue waits for", "INVOKE-1") {
            try $0.objects.set($0.queued, ProcessRecord.waitsFor, 8)
        },
        Damage("instance of the messages", "INVOKE-1") {
            try $0.objects.set($0.available, ProcessRecord.messageInstance, 7)
        },
        Damage("keys that answer", "INVOKE-2") { try $0.objects.set($0.called, ProcessRecord.resumeCopies, 0) },
        Damage("number of the call", "INVOKE-2") { try $0.objects.set($0.called, ProcessRecord.callLow, 77) },
        Damage("first of a queue", "INVOKE-1") { try $0.objects.set($0.server, ProcessRecord.callersFirst, 0) },
        Damage("last of a queue", "INVOKE-1") {
            try $0.objects.setLink($0.server, ProcessRecord.callersLast, $0.called)
        },
        Damage("queue that leads nowhere", "INVOKE-1") {
            try $0.objects.set($0.server, ProcessRecord.callersFirst, FsckTests.nowhere)
        },
        Damage("link of a queue", "INVOKE-1") { try $0.objects.setLink($0.queued, ProcessRecord.queueNext, $0.called) },
        Damage("link back of a queue", "INVOKE-1") { try $0.objects.set($0.queued, ProcessRecord.queuePrevious, 0) },
        Damage("keys that answer for a keeper", "INVOKE-2") {
            try $0.objects.set($0.kept, ProcessRecord.resumeCopies, 0)
        },
        Damage("phase of who waits for its keeper", "INVOKE-1") {
            try $0.objects.set($0.kept, ProcessRecord.invocationPhase, 2)
        },
        Damage("which keeper it waits for", "KEEPER-2") {
            try $0.objects.set($0.kept, ProcessRecord.invokedRegister, 7)
        },
        Damage("which keeper it stands before", "KEEPER-2") {
            try $0.objects.set($0.beforeKeeper, ProcessRecord.invokedRegister, 99)
        },
        Damage("phase of who stands before its keeper", "INVOKE-1") {
            try $0.objects.set($0.beforeKeeper, ProcessRecord.invocationPhase, 6)
        },
        Damage("link of a keeper's queue", "INVOKE-1") {
            try $0.objects.set($0.beforeKeeper, ProcessRecord.queuePrevious, 0)
        },
        Damage("keeper of a process", "KEEPER-1") {
            try $0.objects.mutableCell($0.kept).store(Key(.number, id: 3), at: ProcessRecord.keeper)
        },
        Damage("keeper of a memory", "KEEPER-1") {
            try $0.objects.mutableCell($0.objects.link($0.kept, ProcessRecord.firstInstance)).store(
                .process(1), at: InstanceRecord.keeper)
        },
        Damage("keeper of a bank", "KEEPER-1") { try $0.objects.set($0.bank, BankRecord.keeperBadge, 4) },
    ]

    /// Names the process that register 7 leads to its keeper, by a key to itself in 6.
    private static let namesKeeper = """
        (i32.store (i32.const 0) (i32.const \(ProcessOrder.keeper.rawValue)))
        (i32.store8 (i32.const 4) (i32.const 7))
        (drop (call $call (i32.const 6) (i32.const 0) (i32.const 64)))
        """

    @Test(arguments: damages) func damageIsFoundAndNamed(_ damage: Damage) throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let hold = KeyTests.wait + "(loop $l (br $l))"
        try world.run(try KeyTests.program(hold), name: "server")
        try world.run(try KeyTests.program(KeyTests.wait), name: "available")
        for name in ["a", "b"] {
            try world.run(try KeyTests.program(KeyTests.once), name: name)
            _ = try world.perform(.grantKey(process: name, register: 6, key: "start:server"))
        }
        try world.run(try KeyTests.program(hold), name: "keeper")
        for name in ["f", "g"] {
            try world.run(try KeyTests.program(Self.namesKeeper + "(unreachable)"), name: name)
            _ = try world.perform(.grantKey(process: name, register: 6, key: "process:\(name)"))
            _ = try world.perform(.grantKey(process: name, register: 7, key: "start:keeper"))
        }
        try world.boot(steps: 1_000_000)
        #expect(try world.problems() == [])
        try world.close()
        try damage.isDoneAndFound(in: scratch) { try Patient($0, $1) }
        // Whoever goes on with it is told, or goes on.
        let host = try World.open(at: scratch.world, as: .host)
        for request in [
            Request.revokeKey(process: "b", register: 6), .kill(process: "a"), .kill(process: "server"),
            .kill(process: "f"), .kill(process: "keeper"), .kill(process: "g"),
        ] {
            _ = Result { try host.perform(request) }
        }
        host.abandon()
    }
}
