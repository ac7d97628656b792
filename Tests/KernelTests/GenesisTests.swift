// What the first page of a world says before anything is made in it.

import Kernel
import Objects
import Store
import Testing

@Suite struct GenesisTests {
    @Test func theFirstObjectsAreCounted() throws {
        let world = try TestWorld(limitPages: 1000)
        let objects = world.objects
        #expect(try objects.read(.world).load(ByteField(0, 8)) == WorldPage.magic)
        #expect(try objects.world(WorldPage.format) == WorldPage.formatNumber)
        #expect(try objects.world(WorldPage.nextStrip) == 1)
        #expect(try objects.world(WorldPage.nextProcess) == 1)
        #expect(try objects.world(WorldPage.gasClock) == 0)
        #expect(try objects.world(WorldPage.quantumGas) == Kernel.defaultQuantumGas)
        #expect(try objects.world(WorldPage.stripMapPages) == 1)
        #expect(try objects.world(WorldPage.stripMapDirectoryPages) == 1)
        #expect(try objects.world(WorldPage.processTablePages) == 0)
        #expect(try objects.world(WorldPage.processTableDirectoryPages) == 0)
        #expect(try objects.world(WorldPage.entropySeeded) == 1)
        #expect(try objects.read(.world).load(WorldPage.entropyKey) == [UInt8](repeating: 7, count: 32))
        for field in [
            WorldPage.readyFirst, WorldPage.readyLast, WorldPage.processFirst, WorldPage.processLast,
            WorldPage.processCount, WorldPage.running, WorldPage.moduleFirst, WorldPage.moduleCount,
            WorldPage.timerFirst, WorldPage.nextInput,
        ] { #expect(try objects.world(field) == 0) }
        try world.check()
    }

    @Test func theRootBankPaysForItself() throws {
        let world = try TestWorld(limitPages: 1000)
        let figures = try world.kernel.figures(ofBank: try world.kernel.bank(at: "root"))
        // World page, the pot of the root bank and meter, the first pages of the strip map and of its directory.
        #expect(figures.usedPages == 4 && figures.ownPages == 4)
        #expect(figures.cells == 2 && figures.processes == 0)
        #expect(figures.limitPages == 1000 && figures.availablePages == 996)
        #expect(figures.path == "root")
        #expect(try world.storedPages().count == 4)
    }

    @Test func withoutALimitThereIsNone() throws {
        let world = try TestWorld()
        let figures = try world.kernel.figures(ofBank: try world.rootBank)
        #expect(figures.limitPages == nil && figures.availablePages == nil)
        let meter = try world.kernel.figures(ofMeter: try world.kernel.meter(at: "root"))
        #expect(meter.gasLeft == nil && meter.gasUsed == 0 && meter.path == "root")
    }
}
