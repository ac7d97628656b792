// The first objects of a world. The root bank pays for the page that it lies in itself, so these few pages are laid by
// hand; everything after them is bought.

import Objects
import Store

extension Kernel {
    /// Gas that a process runs before the next one has its turn.
    package static let defaultQuantumGas: UInt64 = 100_000
    /// The most that it may be set to.
    package static let quantumGasBound: UInt64 = 1_000_000_000

    /// Fills an empty store: world page, first strip, root bank and root meter.
    /// - Parameters:
    ///   - limitPages: the root bank's limit; nil: none
    ///   - entropyKey: 32 bytes for the generator of entropy
    ///   - isSeeded: whether they were made from a seed that was given
    ///   - memoryBytes: of the hosts that it is made for; 0: the least
    package func makeGenesis(
        limitPages: UInt64?, entropyKey: [UInt8], isSeeded: Bool, memoryBytes: UInt64 = 0
    ) throws {
        let strip = StripID(holding: .world)
        let pot = strip.page(1)
        let bank = CellID(pot: pot, slot: 0)

        let world = try objects.write(.world)
        world.copyMemory(from: WorldPage.magic, byteCount: WorldPage.magic.count)
        world.store(WorldPage.formatNumber, WorldPage.format)
        world.store(1, WorldPage.nextProcess)
        world.store(bank.rawValue, WorldPage.rootBank)
        world.store(Self.defaultQuantumGas, WorldPage.quantumGas)
        world.store(entropyKey, WorldPage.entropyKey)
        world.store(isSeeded ? 1 : 0, WorldPage.entropySeeded)
        world.store(memoryBytes, WorldPage.memoryBytes)

        try objects.beginPage(of: .stripMap)
        try objects.setWorld(WorldPage.nextStrip, 1)
        let record = try objects.mutableRecord(of: strip)
        record.store(bank.rawValue, StripRecord.bank)
        record.store(2, StripRecord.handedOut)
        record.store(StripUse.pots.rawValue, StripRecord.use)
        for index in 0..<2 { record.setBit(index, of: StripRecord.allocated, true) }
        record.setBit(0, of: StripRecord.written, true)

        let page = try objects.write(pot)
        page.copyMemory(from: Pot.magic, byteCount: Pot.magic.count)
        page.store(CellClass.record.rawValue, Pot.cellClass)
        page.store(bank.rawValue, Pot.bank)
        page.store(1, Pot.used)
        let root = try mutableRoot(bank)
        root.store(limitPages ?? .max, BankRecord.limitPages)
        let pages = try 2 + objects.countKernelPages()
        root.store(pages, BankRecord.usedPages)
        root.store(pages, BankRecord.ownPages)
        root.store(1, BankRecord.usedCells)
        root.store(1, BankRecord.ownCells)
        root.store(strip.stored, BankRecord.firstStrip)
        root.store(strip.stored, BankRecord.potStrip)
        root.store(pot.rawValue, BankRecord.pot(.record))

        let meter = try objects.buyCell(.meter, bank: bank)
        let meterRecord = try objects.mutableCell(meter)
        meterRecord.store(.max, MeterRecord.gasLeft)
        meterRecord.store(1, MeterRecord.weight)
        meterRecord.store("root", MeterRecord.name)
        try objects.setWorld(WorldPage.rootMeter, meter.rawValue)
    }

    private func mutableRoot(_ bank: CellID) throws -> UnsafeMutableRawPointer {
        let root = try objects.mutableCell(bank)
        root.store(CellKind.bank.rawValue, CellHeader.kind)
        root.store(.max, BankRecord.limitCells)
        root.store("root", BankRecord.name)
        return root
    }
}
