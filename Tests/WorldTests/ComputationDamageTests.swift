// Damage to what a process computes with, done to one field at a time: the consistency check names the invariant, and a
// host that comes to the process stops with an error instead of going on with something else.

import Kernel
import Objects
import Store
import Testing
import World

struct ComputationDamageTests {
    /// Where a test damages: a process of two instances that share all that can be shared, in an endless loop.
    struct Patient {
        let objects: Objects
        let process: CellID
        let library: CellID
        let program: CellID

        init(_ objects: Objects, _ kernel: Kernel) throws {
            self.objects = objects
            process = try kernel.process("linked")
            let instances = try kernel.instances(of: process)
            (library, program) = (instances[0], instances[1])
        }

        /// The word of import `index` of the program.
        func word(_ index: Int, _ word: UInt64) throws {
            try objects.write(
                withUnsafeBytes(of: word.littleEndian, Array.init), to: Space(.imports, of: program),
                at: UInt64(8 * index))
        }

        func slot(_ index: Int, _ value: UInt64) throws {
            let page = try #require(try objects.page(0, of: Space(.stack, of: process)))
            try objects.write(page).store(value, Field<UInt64>(8 * index))
        }
    }

    typealias Damage = WorldTests.Damage<Patient>

    /// A word that leads to item `index` of instance `instance`.
    private static func lead(_ instance: UInt64, _ index: UInt64) -> UInt64 { 1 << 63 | instance << 32 | index }

    static let damages: [Damage] = [
        Damage("a function of the host that it has not", "INST-2") { try $0.word(0, 0) },
        Damage("a word that leads to nothing", "INST-2") { try $0.word(0, 5) },
        Damage("a function of itself", "INST-2") { try $0.word(0, lead(1, 0)) },
        Damage("a function of an instance that there is not", "INST-2") { try $0.word(0, lead(7, 0)) },
        Damage("a function of another type", "INST-2") { try $0.word(0, lead(0, 1)) },
        Damage("a function that there is not", "INST-2") { try $0.word(0, lead(0, 99)) },
        Damage("a memory that there is not", "INST-2") { try $0.word(1, lead(0, 1)) },
        Damage("a table that there is not", "INST-2") { try $0.word(2, lead(0, 2)) },
        Damage("a table of another type", "INST-2") { try $0.word(2, lead(0, 1)) },
        Damage("a global that there is not", "INST-2") { try $0.word(3, lead(0, 2)) },
        Damage("a global of another type", "INST-2") { try $0.word(3, lead(0, 1)) },
        Damage("fewer words than imports", "INST-2") {
            try $0.objects.set($0.program, InstanceRecord.importCount, 3)
        },
        Damage("more words than there can be", "INST-2") {
            try $0.objects.set($0.program, InstanceRecord.importCount, .max)
        },
        Damage("a memory that is no whole number of pages", "INST-2") {
            try $0.objects.set($0.library, InstanceRecord.memoryBytes, 65_537)
        },
        Damage("a memory above its maximum", "INST-2") {
            try $0.objects.set($0.library, InstanceRecord.memoryBytes, 3 << 16)
        },
        Damage("a memory above 4 GiB", "INST-2") {
            try $0.objects.set($0.library, InstanceRecord.memoryBytes, 1 << 63)
        },
        Damage("tables that there are not", "INST-2") {
            try $0.objects.set($0.library, InstanceRecord.tableCount, 3)
        },
        Damage("a table above its maximum", "INST-2") {
            try $0.objects.set($0.library, InstanceRecord.tableElements(0), 11)
        },
        Damage("a table's maximum", "INST-2") {
            try $0.objects.set($0.library, InstanceRecord.tableMaximum(0), .max)
        },
        Damage("a position in an instance that there is not", "STACK-2") {
            try $0.objects.set($0.process, ProcessRecord.instance, 2)
        },
        Damage("a position in a function that there is not", "STACK-2") {
            try $0.objects.set($0.process, ProcessRecord.function, .max)
        },
        Damage("a position in the middle of an instruction", "STACK-2") {
            try $0.objects.set($0.process, ProcessRecord.offset, 3)
        },
        Damage("another height", "STACK-2") { try $0.objects.set($0.process, ProcessRecord.height, 3) },
        Damage("a frame below the globals", "STACK-2") { try $0.objects.set($0.process, ProcessRecord.frame, 0) },
        Damage("more slots than there are", "STACK-1") {
            try $0.objects.set($0.process, ProcessRecord.liveSlots, .max)
        },
        Damage("fewer slots than its frame has", "STACK-2") {
            let live = try $0.objects.get($0.process, ProcessRecord.liveSlots)
            try $0.objects.set($0.process, ProcessRecord.liveSlots, live - 1)
        },
        // The outermost frame begins above the three globals, and the library's lies in it.
        Damage("a frame called from nowhere", "STACK-2", stopsHost: false) { try $0.slot(3, 5) },
        Damage("more paid than anything costs", "GAS-1") { try $0.objects.set($0.process, ProcessRecord.paid, .max) },
        Damage("a phase that there is not", "STACK-2") { try $0.objects.set($0.process, ProcessRecord.phase, 77) },
        Damage("an instance begins that there is not", "STACK-2") {
            try $0.objects.set($0.process, ProcessRecord.beginning, 2)
        },
        Damage("an entry function of an instance that there is not", "STACK-2") {
            try $0.objects.set($0.process, ProcessRecord.entryInstance, 2)
        },
        Damage("an entry function that there is not", "STACK-2") {
            try $0.objects.set($0.process, ProcessRecord.entryFunction, 99)
        },
        Damage("an entry function that takes something", "STACK-2") {
            try $0.objects.set($0.process, ProcessRecord.entryInstance, 0)
            try $0.objects.set($0.process, ProcessRecord.entryFunction, 1)
        },
        // The library's two globals lie at slots 0 and 1; the program's first is the library's.
        Damage("a linked global elsewhere", "STACK-2") { try $0.slot(2, 1_000_000) },
        Damage("a module that does not validate", "MODULE-2") {
            let module = try $0.objects.link($0.program, InstanceRecord.module)
            try $0.objects.write([0xFF, 0xFF], to: Space(.binary, of: module), at: 8)
        },
        Damage("a module longer than anything", "INST-3") {
            let module = try $0.objects.link($0.program, InstanceRecord.module)
            try $0.objects.set(module, ModuleRecord.byteCount, .max)
        },
    ]

    private static let library = """
        (module
          (func (export "tick") (global.set 0 (i32.add (global.get 0) (i32.const 1))))
          (func (export "take") (param i32))
          (memory (export "memory") 1 2) (table (export "table") 4 10 funcref) (table 1 externref)
          (global (export "count") (mut i32) (i32.const 0)) (global i64 (i64.const 7)))
        """
    private static let program = """
        (module
          (import "library" "tick" (func $tick)) (import "library" "memory" (memory 1))
          (import "library" "table" (table 4 funcref)) (import "library" "count" (global $count (mut i32)))
          (func (export "_start")
            (loop $again (call $tick) (i32.store (i32.const 0) (global.get $count)) (br $again))))
        """

    private func world(_ scratch: Scratch) throws {
        let world = try World.make(scratch)
        try world.run(
            try Assembler.module(Self.program), name: "linked",
            links: [("library", try Assembler.module(Self.library))])
        try world.boot(steps: 123_456)
        #expect(try world.problems() == [])
        try world.close()
    }

    @Test func damageIsFoundNamedAndStopsTheHost() throws {
        let scratch = try Scratch()
        try world(scratch)
        for (number, damage) in Self.damages.enumerated() {
            let copy = try scratch.copyWorld(to: "copy-\(number)")
            try Surgery(copy).operate { objects, kernel in try damage.done(try Patient(objects, kernel)) }
            let reader = try World.open(at: copy, as: .reader)
            let found = Set(try reader.problems().map(\.invariant))
            #expect(found.contains(damage.invariant), "\(damage.testDescription): \(found)")
            reader.abandon()
            guard damage.stopsHost else { continue }
            let host = try World.open(at: copy, as: .host)
            let error = try worldError { try host.boot(steps: 1000) }
            #expect(error?.code == .storeDamaged, "\(damage.testDescription): \(String(describing: error))")
            #expect(error?.why.contains(damage.invariant) == true, "\(damage.testDescription): \(error?.why ?? "")")
            host.abandon()
        }
    }
}
