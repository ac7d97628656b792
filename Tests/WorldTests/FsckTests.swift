// Damage that the store cannot see, done to one field at a time: the consistency check must name the invariant that it
// breaks, and come to its end.

import Kernel
import Objects
import Store
import Testing
import World

struct FsckTests {
    /// What a test damages: the objects, and where the interesting ones are.
    struct Patient {
        let objects: Objects
        let root: CellID
        let bank: CellID
        let meter: CellID
        let rootMeter: CellID
        let reading: CellID
        let ready: CellID
        let readyToo: CellID
        let sleeping: CellID
        let instance: CellID
        let module: CellID
        let strip: StripID

        init(_ objects: Objects, _ kernel: Kernel) throws {
            self.objects = objects
            root = try kernel.rootBank
            rootMeter = try kernel.rootMeter
            reading = try kernel.process("reading")
            sleeping = try kernel.process("sleeping")
            let first = CellID(rawValue: try objects.world(WorldPage.readyFirst))
            ready = first
            readyToo = try objects.link(first, ProcessRecord.queueNext)
            bank = try objects.link(try kernel.process("limited"), ProcessRecord.bank)
            meter = try objects.link(try kernel.process("limited"), ProcessRecord.meter)
            instance = try kernel.instances(of: reading)[0]
            module = try objects.link(try kernel.instances(of: reading)[0], InstanceRecord.module)
            strip = try objects.strips(of: Space(.memory, of: try kernel.instances(of: reading)[0]))[0]
        }

        func world(_ field: Field<UInt64>, _ value: UInt64) throws { try objects.setWorld(field, value) }
        func add(_ cell: CellID, _ field: Field<UInt64>, _ difference: UInt64 = 1) throws {
            try objects.set(cell, field, try objects.get(cell, field) &+ difference)
        }
        func flip(_ strip: StripID, _ bit: Int, _ field: ByteField) throws {
            let record = try objects.mutableRecord(of: strip)
            record.setBit(bit, of: field, !record.bit(bit, of: field))
        }
        /// A page of the strip that is written.
        func writtenPage() throws -> Int {
            try #require(try objects.record(of: strip).firstSetBit(of: StripRecord.written))
        }
        /// A page of the strip that was never bought.
        func freePage() throws -> Int {
            try #require(try (0..<256).first { try !objects.record(of: strip).bit($0, of: StripRecord.allocated) })
        }
        func pot(of cell: CellID) throws -> UnsafeMutableRawPointer { try objects.write(cell.pot) }
    }

    typealias Damage = WorldTests.Damage<Patient>

    /// No cell, page or strip that there is.
    static let nowhere: UInt64 = 0x0000_0123_4567_8940

    static let counters: [Damage] = [
        Damage("own pages", "BANK-1") { try $0.add($0.root, BankRecord.ownPages) },
        Damage("used pages of a child", "BANK-1") { try $0.add($0.bank, BankRecord.usedPages) },
        Damage("own cells", "BANK-1") { try $0.add($0.root, BankRecord.ownCells) },
        Damage("used cells", "BANK-1") { try $0.add($0.bank, BankRecord.usedCells, .max) },
        Damage("processes of a bank", "PROC-3") { try $0.add($0.root, BankRecord.processes) },
        Damage("processes of a meter", "PROC-3") { try $0.add($0.meter, MeterRecord.processes) },
        Damage("processes of a module", "MODULE-1") { try $0.add($0.module, ModuleRecord.instances) },
        Damage("gas of the root meter", "METER-1") { try $0.objects.set($0.rootMeter, MeterRecord.gasUsed, 0) },
        Damage("count of processes", "PROC-1") { try $0.world(WorldPage.processCount, 99) },
        Damage("count of modules", "MODULE-1") { try $0.world(WorldPage.moduleCount, 0) },
        Damage("loaded processes", "LOAD-1") { try $0.world(WorldPage.loadedProcesses, 1) },
        Damage("loaded instances", "LOAD-1") { try $0.world(WorldPage.loadedInstances, 1) },
        Damage("loaded bytes", "LOAD-1") { try $0.world(WorldPage.loadedFootprint, 1) },
        Damage("loaded instances of a module", "LOAD-1") { try $0.add($0.module, ModuleRecord.loadedInstances) },
        Damage("footprint of a module", "MODULE-2") { try $0.add($0.module, ModuleRecord.footprint) },
        Damage("strips that would be bought again", "TABLE-1") { try $0.world(WorldPage.nextStrip, 2) },
        Damage("process ids that would be used again", "TABLE-1") { try $0.world(WorldPage.nextProcess, 1) },
        Damage("pages of the strip map", "TABLE-1") { try $0.world(WorldPage.stripMapPages, 7) },
        Damage("pages of the process table", "TABLE-1") { try $0.world(WorldPage.processTablePages, 0) },
        Damage("a page of the directory too many", "OBJ-3") { try $0.world(WorldPage.stripMapDirectoryPages, 2) },
        Damage("the directory of processes lost", "TABLE-1") { try $0.world(WorldPage.processTableDirectoryPages, 0) },
        Damage("a page marked that is not there", "OBJ-3") {
            try $0.objects.write(PageID(number: Region.stripMapDirectory)).storeBytes(of: 0x81, as: UInt8.self)
        },
        Damage("a page that is there and not marked", "OBJ-4") {
            try $0.objects.write(PageID(number: Region.processTableDirectory)).storeBytes(of: 0, as: UInt8.self)
        },
        Damage("end of the log", "STREAM-1") { try $0.add($0.reading, ProcessRecord.logTail) },
        Damage("end of the log, far away", "STREAM-1") { try $0.add($0.reading, ProcessRecord.logTail, 1 << 63) },
        Damage("bound of the log", "STREAM-1") { try $0.objects.set($0.reading, ProcessRecord.streamBound, 0) },
        Damage("next log record", "STREAM-1") { try $0.add($0.reading, ProcessRecord.logNext) },
        Damage("oldest log record", "STREAM-1") { try $0.add($0.reading, ProcessRecord.logOldest) },
        Damage("unread input", "STREAM-2") { try $0.add($0.reading, ProcessRecord.inputWrite, 1 << 30) },
        Damage("read more than there is", "STREAM-2") { try $0.add($0.reading, ProcessRecord.inputRead, 100) },
        Damage("process id", "PROC-1") { try $0.add($0.reading, ProcessRecord.id, 50) },
        Damage("state", "PROC-2") { try $0.objects.set($0.reading, ProcessRecord.state, 77) },
    ]

    static let links: [Damage] = [
        Damage("parent of a bank gone", "BANK-3") { try $0.objects.setLink($0.bank, BankRecord.parent, .none) },
        Damage("parent of a bank nowhere", "BANK-3") { try $0.objects.set($0.bank, BankRecord.parent, nowhere) },
        Damage("bank its own parent", "BANK-3") { try $0.objects.setLink($0.bank, BankRecord.parent, $0.bank) },
        Damage("children lost", "BANK-3") { try $0.objects.setLink($0.root, BankRecord.firstChild, .none) },
        Damage("child nowhere", "BANK-3") { try $0.objects.set($0.root, BankRecord.firstChild, nowhere) },
        Damage("sibling in a circle", "BANK-3") { try $0.objects.setLink($0.bank, BankRecord.nextSibling, $0.bank) },
        Damage("meter lost", "METER-3") { try $0.objects.setLink($0.rootMeter, MeterRecord.firstChild, .none) },
        Damage("meter's parent nowhere", "METER-3") { try $0.objects.set($0.meter, MeterRecord.parent, nowhere) },
        Damage("bank of a process", "PROC-3") { try $0.objects.set($0.reading, ProcessRecord.bank, nowhere) },
        Damage("module of an instance", "INST-3") {
            try $0.objects.setLink($0.instance, InstanceRecord.module, $0.bank)
        },
        Damage("process of an instance", "INST-1") {
            try $0.objects.setLink($0.instance, InstanceRecord.process, $0.bank)
        },
        Damage("number of an instance", "INST-1") { try $0.objects.set($0.instance, InstanceRecord.number, 1) },
        Damage("instances of a process", "INST-1") { try $0.objects.set($0.reading, ProcessRecord.instanceCount, 2) },
        Damage("list of instances", "INST-1") { try $0.objects.setLink($0.instance, InstanceRecord.next, $0.instance) },
        Damage("end of the list of instances", "INST-1") {
            try $0.objects.setLink($0.reading, ProcessRecord.lastInstance, $0.bank)
        },
        Damage("first process lost", "PROC-1") { try $0.world(WorldPage.processFirst, 0) },
        Damage("first process nowhere", "PROC-1") { try $0.world(WorldPage.processFirst, nowhere) },
        Damage("last process", "PROC-1") { try $0.world(WorldPage.processLast, $0.reading.rawValue) },
        Damage("processes in a circle", "PROC-1") {
            try $0.objects.setLink($0.reading, ProcessRecord.next, $0.reading)
        },
        Damage("previous process", "PROC-1") { try $0.objects.set($0.reading, ProcessRecord.previous, nowhere) },
        Damage("process table", "PROC-1") {
            try $0.objects.write(PageID(rawValue: Region.processTable)).store(nowhere, Field<UInt64>(8))
        },
        Damage("a name twice", "PROC-1") {
            try $0.objects.mutableCell($0.sleeping).store("reading", ProcessRecord.name)
        },
        Damage("ready queue lost", "READY-1") { try $0.world(WorldPage.readyFirst, 0) },
        Damage("ready queue nowhere", "READY-1") { try $0.world(WorldPage.readyFirst, nowhere) },
        Damage("ready queue in a circle", "READY-1") {
            try $0.objects.setLink($0.readyToo, ProcessRecord.queueNext, $0.ready)
        },
        Damage("ready queue backwards", "READY-1") {
            try $0.objects.setLink($0.readyToo, ProcessRecord.queuePrevious, .none)
        },
        Damage("end of the ready queue", "READY-1") { try $0.world(WorldPage.readyLast, $0.sleeping.rawValue) },
        Damage("ready and not queued", "READY-1") { try $0.objects.set($0.reading, ProcessRecord.state, 1) },
        Damage("timers lost", "TIMER-1") { try $0.world(WorldPage.timerFirst, 0) },
        Damage("waits for no moment", "TIMER-1") { try $0.objects.set($0.sleeping, ProcessRecord.waitsFor, 1) },
        Damage("waits for a sync and is not listed", "DURABLE-1") {
            try $0.objects.set($0.reading, ProcessRecord.waitsFor, 128)
        },
        Damage("list of those who wait for a sync nowhere", "DURABLE-1") {
            try $0.world(WorldPage.durableFirst, nowhere)
        },
        Damage("does not wait for a sync and is listed", "DURABLE-1") {
            try $0.world(WorldPage.durableFirst, $0.reading.rawValue)
        },
        Damage("frozen for gas lost", "FROZEN-1") { try $0.world(WorldPage.frozenGasFirst, 0) },
        Damage("frozen for gas nowhere", "FROZEN-1") { try $0.world(WorldPage.frozenGasFirst, nowhere) },
        Damage("frozen for space and not listed", "FROZEN-1") {
            try $0.objects.set($0.sleeping, ProcessRecord.state, RunState.frozenSpace.rawValue)
        },
        Damage("a reserve that its parent was not charged for", "BANK-1") {
            try $0.objects.set($0.bank, BankRecord.reservePages, 1 << 40)
        },
        Damage("loaded processes lost", "LOAD-1") { try $0.world(WorldPage.loadedFirst, 0) },
        Damage("loaded processes nowhere", "LOAD-1") { try $0.world(WorldPage.loadedFirst, nowhere) },
        Damage("last of the loaded processes", "LOAD-1") { try $0.world(WorldPage.loadedLast, 0) },
        Damage("loaded processes backwards", "LOAD-1") {
            try $0.objects.set($0.reading, ProcessRecord.loadedPrevious, nowhere)
        },
        Damage("loaded and not listed", "LOAD-1") { try $0.objects.set($0.reading, ProcessRecord.isLoaded, 0) },
        Damage("modules lost", "MODULE-1") { try $0.world(WorldPage.moduleFirst, 0) },
        Damage("modules backwards", "MODULE-1") { try $0.objects.set($0.module, ModuleRecord.previous, nowhere) },
        Damage("strips lost", "STRIP-1") { try $0.objects.set($0.root, BankRecord.firstStrip, 0) },
        Damage("strips nowhere", "STRIP-1") { try $0.objects.set($0.root, BankRecord.firstStrip, nowhere) },
        Damage("strip of another bank", "STRIP-1") {
            try $0.objects.mutableRecord(of: $0.strip).store($0.bank.rawValue, StripRecord.bank)
        },
        Damage("strip of no bank", "STRIP-1") {
            try $0.objects.mutableRecord(of: $0.strip).store(nowhere, StripRecord.bank)
        },
        Damage("strip of another owner", "SPACE-1") {
            try $0.objects.mutableRecord(of: $0.strip).store($0.ready.rawValue, StripRecord.owner)
        },
        Damage("pots with room lost", "POT-1") { try $0.objects.set($0.root, BankRecord.pot(.record), 0) },
        Damage("pots with room nowhere", "POT-1") { try $0.objects.set($0.root, BankRecord.pot(.process), nowhere) },
    ]

    static let bits: [Damage] = [
        Damage("allocated, of a written page", "STRIP-2") {
            try $0.flip($0.strip, try $0.writtenPage(), StripRecord.allocated)
        },
        Damage("written, of a written page", "OBJ-4") {
            try $0.flip($0.strip, try $0.writtenPage(), StripRecord.written)
        },
        Damage("written, of a page that was never bought", "STRIP-2") {
            try $0.flip($0.strip, try $0.freePage(), StripRecord.written)
        },
        Damage("bought and written, of a page that was neither", "OBJ-3") {
            let page = try $0.freePage()
            try $0.flip($0.strip, page, StripRecord.allocated)
            try $0.flip($0.strip, page, StripRecord.written)
        },
        Damage("bought, of a page that was not", "BANK-1") {
            try $0.flip($0.strip, try $0.freePage(), StripRecord.allocated)
        },
        Damage("a used slot that there is not", "POT-1") {
            let pot = try $0.pot(of: $0.reading)
            pot.store(pot.load(Pot.used) | 1 << 40, Pot.used)
        },
        Damage("a used slot said to be unused", "POT-2") {
            let pot = try $0.pot(of: $0.module)
            pot.store(pot.load(Pot.used) & ~(1 << UInt64($0.module.slot)), Pot.used)
        },
        Damage("a pot's magic", "POT-3") { try $0.pot(of: $0.reading).store(0, Field<UInt8>(0)) },
        Damage("a pot's bank", "POT-4") { try $0.pot(of: $0.reading).store($0.bank.rawValue, Pot.bank) },
        Damage("a cell's kind", "POT-5") { try $0.objects.set($0.module, CellHeader.kind, 1) },
        Damage("a slot above the stack", "STACK-1") {
            let live = Int(try $0.objects.get($0.reading, ProcessRecord.liveSlots))
            let page = try #require(try $0.objects.page(UInt64(live / 512), of: Space(.stack, of: $0.reading)))
            try $0.objects.write(page).store(1, Field<UInt64>(live % 512 * 8))
        },
    ]

    /// A world with something of everything, halted.
    private func world(_ scratch: Scratch) throws {
        let world = try World.make(scratch)
        let spin = try Assembler.program(GasTests.spin)
        try world.run(try Programs.c("echo"), name: "reading", arguments: ["echo"], input: "one\n")
        try world.run(spin, name: "first")
        try world.run(spin, name: "second")
        try world.run(spin, name: "third")
        try world.run(try Assembler.program(sleeper), name: "sleeping")
        try world.run(spin, name: "limited", gas: 1000, limitBytes: 1 << 20)
        try world.boot(steps: 3_000_123)
        #expect(try world.problems() == [])
        #expect(try world.row("sleeping").state == .waiting && world.row("reading").state == .waiting)
        try world.close()
    }

    /// Sleeps for an hour.
    private var sleeper: String {
        """
        (i64.store (i32.const 120) (i64.const 3600000000000)) (i32.store (i32.const 112) (i32.const 1))
        (drop (call $poll_oneoff (i32.const 96) (i32.const 1024) (i32.const 1) (i32.const 32)))
        """
    }

    @Test(arguments: [counters, links, bits])
    func damageIsFoundAndNamed(_ damages: [Damage]) throws {
        let scratch = try Scratch()
        try world(scratch)
        for (number, damage) in damages.enumerated() {
            let copy = try scratch.copyWorld(to: "copy-\(number)")
            try Surgery(copy).operate { objects, kernel in try damage.done(try Patient(objects, kernel)) }
            for access in [World.Access.reader, .host] {
                let patient = try World.open(at: copy, as: access)
                let found = Set(try patient.problems().map(\.invariant))
                #expect(found.contains(damage.invariant), "\(damage.testDescription): \(found)")
                patient.abandon()
            }
        }
    }

    @Test func whatNobodyReachesIsToldWithWhoPays() throws {
        let scratch = try Scratch()
        try world(scratch)
        try Surgery(scratch.world).operate { objects, kernel in
            let (root, reading) = (try kernel.rootBank, try kernel.process("reading"))
            // A process holds one that holds another; two hold each other, and nobody holds them.
            let nodes = try (0..<4).map { _ in try objects.buyCell(.node, bank: root) }
            func hold(_ node: CellID, _ place: UnsafeMutableRawPointer, at offset: Int) throws {
                let generation = try objects.get(node, CellHeader.generation)
                place.store(Key(.node, generation: generation, id: node.rawValue), at: offset)
            }
            try hold(nodes[0], try objects.mutableCell(reading), at: ProcessRecord.registers + Key.bytes * 31)
            for (holder, held) in [(0, 1), (2, 3), (3, 2)] {
                try hold(
                    nodes[held], try objects.mutableCell(nodes[holder]), at: NodeRecord.keys + Key.bytes * 31)
            }
        }
        let world = try World.open(at: scratch.world, as: .reader)
        #expect(try world.problems() == [])
        let found = try world.unreachable()
        #expect(found.count == 2 && found.allSatisfy { $0.object.hasPrefix("node") && $0.bank == "root" }, "\(found)")
        try world.close()
    }

    @Test func aProcessThatFellOffItsListIsUnreachableWithItsPages() throws {
        let scratch = try Scratch()
        try world(scratch)
        var pages: UInt64 = 0
        try Surgery(scratch.world).operate { objects, kernel in
            let limited = try kernel.process("limited")
            pages = try objects.get(limited, ProcessRecord.pages)
            // It is the last of the list.
            let previous = try objects.get(limited, ProcessRecord.previous)
            try objects.set(CellID(rawValue: previous), ProcessRecord.next, 0)
            try objects.setWorld(WorldPage.processLast, previous)
        }
        let world = try World.open(at: scratch.world, as: .reader)
        #expect(try world.problems().contains { $0.invariant == "PROC-1" })
        let found = try world.unreachable()
        #expect(found.contains { $0.object == "process limited" && $0.bank == "root/limited" }, "\(found)")
        #expect(found.reduce(0) { $0 + $1.pages } == pages && pages > 0)
        try world.close()
    }

    @Test func anOperationThatChangesNothingLeavesNothingToFind() throws {
        let scratch = try Scratch()
        try world(scratch)
        try Surgery(scratch.world).operate { objects, _ in
            try objects.setWorld(WorldPage.gasClock, try objects.world(WorldPage.gasClock))
        }
        let world = try World.open(at: scratch.world, as: .host)
        #expect(try world.problems() == [])
        try world.boot(steps: 1000)
        #expect(try world.problems() == [])
        try world.close()
    }

    @Test func aPositionThatTheModuleHasNotIsAnErrorAndNothingBecomesDurable() throws {
        let scratch = try Scratch()
        try world(scratch)
        try Surgery(scratch.world).operate { objects, kernel in
            try objects.set(try kernel.process("first"), ProcessRecord.offset, 3)
        }
        let world = try World.open(at: scratch.world, as: .host)
        let before = try world.hash()
        let error = try worldError { try world.boot(steps: 400_000) }
        #expect(error?.code == .storeDamaged)
        #expect(error?.why.contains("STACK-2") == true, "\(String(describing: error))")
        // The others' quanta of this boot are not made durable by closing: the world is as it was opened.
        try world.close()
        #expect(World.condition(at: scratch.world) == .crashed)
        let again = try World.open(at: scratch.world, as: .reader)
        #expect(try again.hash() == before)
        try again.close()
    }
}
