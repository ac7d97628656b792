// Banks that give all that they have to their parent: nothing stops for it, and the parent governs.

import Kernel
import Objects
import Store
import Testing

@Suite struct ReturningTests {
    @Test func whatABankHadIsItsParentsAndGoesOn() throws {
        let world = try TestWorld()
        _ = try world.kernel.createBank(at: "root/g", BankTerms(limitPages: 9_000))
        _ = try world.kernel.createBank(at: "root/g/h", BankTerms(limitPages: 50_000, reservePages: 300))
        let processes = try world.populate(below: "root/g/h")
        let before = try world.figures("root/g")
        let own = try world.figures("root/g/h")
        let states = try processes.map(world.kernel.state)
        try world.kernel.returnToParent(bank: try world.kernel.bank(at: "root/g/h"))
        try world.check()
        try world.finishDestructions()
        try world.check()
        #expect(throws: KernelError.self) { try world.kernel.bank(at: "root/g/h") }
        #expect(try world.figures("root/g/a/b").limitPages == 4_000)
        let after = try world.figures("root/g")
        let unused = 300 > own.usedPages ? 300 - own.usedPages : 0
        #expect(after.usedPages == before.usedPages - unused - 1, "the bank's record was alone in its pot")
        #expect(after.cells == before.cells - 1)
        #expect(after.processes == 6 - 1, "one has a bank of its own")
        #expect(try processes.map(world.kernel.state) == states)
        #expect(try world.kernel.path(ofBank: world.objects.link(processes[0], ProcessRecord.bank)) == "root/g")
        #expect(try world.kernel.path(ofBank: world.objects.link(processes[1], ProcessRecord.bank)) == "root/g/p0-3")
        let again = try world.start("again", bank: try world.kernel.bank(at: "root/g"))
        try world.endAndRemove(again)
        try world.kernel.destroy(bank: try world.kernel.bank(at: "root/g"))
        try world.finishDestructions()
        try world.check()
        #expect(try world.objects.world(WorldPage.processCount) == 0)
    }

    @Test func aNameThatTheParentHasIsRefused() throws {
        let world = try TestWorld()
        for path in ["root/a", "root/g", "root/g/a", "root/g/b"] {
            _ = try world.kernel.createBank(at: path, BankTerms())
        }
        let ledger = try world.ledger()
        #expect(throws: KernelError.self) {
            try world.kernel.returnToParent(bank: try world.kernel.bank(at: "root/g"))
        }
        #expect(try world.ledger() == ledger)
        try world.kernel.returnToParent(bank: try world.kernel.bank(at: "root/a"))
        try world.kernel.returnToParent(bank: try world.kernel.bank(at: "root/g"))
        let root = try world.rootBank
        #expect(try world.kernel.banks(from: root, recursive: true).map(\.path) == ["root", "root/a", "root/b"])
        try world.check()
    }
}
