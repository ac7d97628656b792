// Cells in pots: generations, keys that become void, retired slots, and the lists of pots with room.

import Kernel
import Objects
import Store
import Testing

@Suite struct CellTests {
    static let kinds: [CellKind] = [.node, .process, .bank, .meter, .module]

    private func key(to cell: CellID, _ kind: KeyKind, in world: TestWorld) throws -> Key {
        Key(kind, generation: try world.objects.get(cell, CellHeader.generation), id: cell.rawValue)
    }

    @Test(arguments: kinds)
    func aNewCellIsZeroButForItsHeader(kind: CellKind) throws {
        let world = try TestWorld()
        let cell = try world.objects.buyCell(kind, bank: try world.rootBank)
        let bytes = UnsafeRawBufferPointer(start: try world.objects.cell(cell), count: kind.cellClass.bytes)
        #expect(bytes[4] == kind.rawValue)
        #expect(bytes.enumerated().allSatisfy { $0.offset == 4 || $0.element == 0 })
        try world.check()
    }

    @Test(arguments: zip(kinds, [KeyKind.node, .node, .bank, .meter, .node]))
    func aKeyIsVoidOnceItsCellIsSoldAndForEver(kind: CellKind, keyKind: KeyKind) throws {
        let world = try TestWorld()
        let bank = try world.rootBank
        let holder = try world.objects.buyCell(.process, bank: bank)
        // A neighbour, for which the pot stays.
        _ = try world.objects.buyCell(kind, bank: bank)
        let cell = try world.objects.buyCell(kind, bank: bank)
        let key = try key(to: cell, keyKind, in: world)
        try world.objects.setRegister(9, of: holder, to: key)
        #expect(try world.objects.register(9, of: holder) == key)
        try world.objects.sellCell(cell)
        #expect(try world.objects.register(9, of: holder) == .void)
        let next = try world.objects.buyCell(kind, bank: bank)
        #expect(next == cell, "a free slot is used again")
        #expect(try world.objects.isVoid(key))
        #expect(try !world.objects.isVoid(self.key(to: next, keyKind, in: world)))
        try world.checkpoint()
        try world.killAndReopen()
        #expect(try world.objects.register(9, of: holder) == .void)
        try world.check()
    }

    @Test func keysThatDesignateNoObjectAreNeverVoidAndOnesToNothingAlways() throws {
        let world = try TestWorld()
        for device in [Device.consoleInput, .timer] { #expect(try !world.objects.isVoid(.device(device))) }
        #expect(try !world.objects.isVoid(Key(.number, id: 77)))
        #expect(try world.objects.isVoid(.void))
        for kind in [KeyKind.node, .process, .start, .resume, .bank, .meter, .sealer, .unsealer, .forwarder] {
            #expect(try world.objects.isVoid(Key(kind, id: 0)), "no cell")
            #expect(try world.objects.isVoid(Key(kind, id: 1 << 40)), "a pot that was never bought")
        }
        #expect(try world.objects.isVoid(Key(.page, id: 1 << 30)))
    }

    @Test func aSlotWhoseGenerationsAreUsedUpIsRetired() throws {
        let world = try TestWorld()
        let bank = try world.rootBank
        let cell = try world.objects.buyCell(.node, bank: bank)
        let cells = try world.kernel.figures(ofBank: bank).cells
        try world.objects.set(cell, CellHeader.generation, .max - 1)
        let key = try key(to: cell, .node, in: world)
        try world.objects.sellCell(cell)
        #expect(try world.kernel.figures(ofBank: bank).cells == cells - 1)
        #expect(try world.objects.isVoid(key))
        #expect(try world.objects.isVoid(Key(.node, generation: .max, id: cell.rawValue)))
        try world.check()
        for _ in 0..<20 {
            #expect(try world.objects.buyCell(.node, bank: bank) != cell)
            try world.check()
        }
    }

    /// One before the last generation the slot is used once more.
    @Test func theLastGenerationIsUsedOnce() throws {
        let world = try TestWorld()
        let bank = try world.rootBank
        _ = try world.objects.buyCell(.node, bank: bank)
        let cell = try world.objects.buyCell(.node, bank: bank)
        try world.objects.set(cell, CellHeader.generation, .max - 2)
        try world.objects.sellCell(cell)
        #expect(try world.objects.buyCell(.node, bank: bank) == cell)
        #expect(try world.objects.get(cell, CellHeader.generation) == .max - 1)
        try world.objects.sellCell(cell)
        #expect(try world.objects.buyCell(.node, bank: bank) != cell)
        try world.check()
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func potsFillAndEmptyInAnyOrder(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let world = try TestWorld()
        let bank = try world.rootBank
        var held: [CellID: Key] = [:]
        var gone: [Key] = []
        for step in 0..<1500 {
            if held.isEmpty || Int.random(in: 0..<100, using: &generator) < (step < 900 ? 60 : 30) {
                let kind = try #require([CellKind.node, .process, .meter].randomElement(using: &generator))
                let keyKind: KeyKind = kind == .meter ? .meter : .node
                let cell = try world.objects.buyCell(kind, bank: bank)
                #expect(held[cell] == nil)
                held[cell] = try key(to: cell, keyKind, in: world)
            } else {
                let cell = try #require(
                    held.keys.sorted { $0.rawValue < $1.rawValue }.randomElement(using: &generator))
                try world.objects.sellCell(cell)
                gone += [held.removeValue(forKey: cell)].compactMap { $0 }
            }
            if step % 7 == 0 { try world.checkpoint() }
            if step % 40 == 0 {
                do { try world.check() } catch { Issue.record("seed \(seed), step \(step): \(error)") }
            }
        }
        for key in held.values { #expect(try !world.objects.isVoid(key)) }
        for key in gone { #expect(try world.objects.isVoid(key)) }
    }
}
