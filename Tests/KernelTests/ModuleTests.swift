// Modules: shared by their hash in a bank and below it, not beside it, and gone with their last process.

import Kernel
import Objects
import Testing

@Suite struct ModuleTests {
    @Test func aModuleIsFoundInItsBankAndBelowAndNotBesideOrAbove() throws {
        let world = try TestWorld()
        let kernel = world.kernel
        let guests = try kernel.makeBank(below: try world.rootBank, name: "guests", limitPages: nil, flags: 0)
        let ann = try kernel.makeBank(below: guests, name: "ann", limitPages: nil, flags: 0)
        let deep = try kernel.makeBank(below: ann, name: "deep", limitPages: nil, flags: 0)
        let bob = try kernel.makeBank(below: guests, name: "bob", limitPages: nil, flags: 0)
        let plan = modulePlan(5)
        let module = try kernel.installModule(plan, bank: ann)
        for bank in [ann, deep] { #expect(try kernel.module(hash: plan.hash, for: bank) == module) }
        for bank in [bob, guests, try world.rootBank] { #expect(try kernel.module(hash: plan.hash, for: bank) == nil) }
        #expect(try kernel.module(hash: modulePlan(6).hash, for: ann) == nil)
        let other = try kernel.installModule(plan, bank: bob)
        #expect(try kernel.module(hash: plan.hash, for: bob) == other)
        #expect(try kernel.module(hash: plan.hash, for: deep) == module)
        #expect(try world.objects.world(WorldPage.moduleCount) == 2)
        try world.check()
    }

    @Test func aModuleHoldsItsBinaryAndImages() throws {
        let world = try TestWorld()
        let plan = modulePlan(5, pages: 300)
        let module = try world.kernel.installModule(plan, bank: try world.rootBank)
        try world.checkpoint()
        try world.killAndReopen()
        let bytes = try world.objects.bytes(of: Space(.binary, of: module), at: 0, count: plan.binary.count)
        #expect(bytes == plan.binary)
        #expect(try world.objects.get(module, ModuleRecord.byteCount) == UInt64(plan.binary.count))
        #expect(try world.objects.cell(module).load(ModuleRecord.hash) == plan.hash)
        for (kind, index) in [(SpaceKind.memoryImage, UInt64(3)), (.tableImage, 0)] {
            let image = Space(kind, of: module)
            let held = try world.objects.bytes(of: image, at: index * 4096, count: 4096)
            #expect(held == [UInt8](repeating: 5, count: 4096))
            #expect(try world.objects.countPages(of: image) == 1)
        }
        try world.check()
    }

    @Test func aModuleGoesWithItsLastProcess() throws {
        let world = try TestWorld()
        let root = try world.rootBank
        let before = try world.ledger().withoutProcessIDs
        var processes: [CellID] = []
        for number in 0..<4 { processes.append(try world.start("p\(number)", bank: root)) }
        let module = try #require(try world.kernel.module(hash: modulePlan(1).hash, for: root))
        #expect(try world.objects.world(WorldPage.moduleCount) == 1, "one for all")
        for (number, process) in processes.enumerated() {
            #expect(try world.objects.get(module, ModuleRecord.instances) == UInt64(4 - number))
            try world.endAndRemove(process)
            #expect(try (world.kernel.module(hash: modulePlan(1).hash, for: root) == nil) == (number == 3))
            try world.check()
        }
        #expect(try world.ledger().withoutProcessIDs == before)
    }

    @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]]) func theListOfModulesLosesAnyOfThem(order: [Int])
        throws
    {
        let world = try TestWorld()
        let root = try world.rootBank
        var modules = try (0..<3).map { try world.module(UInt8($0 + 1), bank: root) }
        var left = Set(0..<3)
        for number in order {
            try world.kernel.removeIfUnused(modules[number])
            left.remove(number)
            for each in 0..<3 {
                let found = try world.kernel.module(hash: modulePlan(UInt8(each + 1)).hash, for: root)
                #expect(found == (left.contains(each) ? modules[each] : nil))
            }
            #expect(try world.objects.world(WorldPage.moduleCount) == UInt64(left.count))
            try world.check()
        }
        modules = [try world.module(9, bank: root)]
        #expect(try world.kernel.module(hash: modulePlan(9).hash, for: root) == modules[0])
    }

    @Test func aModuleInUseIsNotRemovedAsUnused() throws {
        let world = try TestWorld()
        let process = try world.makeProcess("p")
        let module = try world.objects.link(world.kernel.instances(of: process)[0], InstanceRecord.module)
        let before = try world.ledger()
        try world.kernel.removeIfUnused(module)
        #expect(try world.ledger() == before)
    }
}
