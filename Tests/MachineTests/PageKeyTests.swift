// Pages that a program bought: their bytes through keys, and what becomes of the keys.

import Kernel
import Machine
import Objects
import Store
import Testing

@Suite struct PageKeyTests {
    private let bench: StoredBench
    private let user: Puppet
    private let bank: Key

    init() throws {
        bench = try StoredBench()
        user = try Puppet(bench, "user")
        bank = try bench.kernel.key(toBank: bench.kernel.createBank(at: "root/g", BankTerms()))
    }

    private func buyPage() throws -> Key {
        let page = try user.call(bank, BankOrder.buy, [2]).keys[0]
        #expect(page.kind == .page && page.pageRights == .all)
        return page
    }

    @Test func itHoldsWhatIsWrittenAlsoAfterARestart() throws {
        let page = try buyPage()
        #expect(try user.call(page, PageOrder.read, [0, 4096]).bytes == [UInt8](repeating: 0, count: 4096))
        let text = Array("what is in it".utf8)
        #expect(try user.refusal(page, PageOrder.write, [4096 - 13], bytes: text) == nil)
        #expect(try user.refusal(page, PageOrder.write, [100], bytes: text) == nil)
        try bench.writeOutAndReload()
        #expect(try user.call(page, PageOrder.read, [4080, 16]).bytes == [0, 0, 0] + text)
        #expect(try user.call(page, PageOrder.read, [99, 15]).bytes == [0] + text + [0])
        #expect(try user.call(page, PageOrder.read, [4096, 0]).code == 0)
        #expect(try user.refusal(page, PageOrder.clear) == nil)
        #expect(try user.call(page, PageOrder.read, [0, 4096]).bytes.allSatisfy { $0 == 0 })
        try bench.objects.checkRecords()
    }

    @Test func whatIsBeyondItIsRefusedAndNothingIsWritten() throws {
        let page = try buyPage()
        for words: [UInt64] in [[4097, 0], [0, 4097], [4095, 2], [.max, 1], [1, .max], [1 << 63, 1 << 63]] {
            #expect(try user.refusal(page, PageOrder.read, words) == .value, "\(words)")
        }
        for at: UInt64 in [4094, 4097, .max] {
            #expect(try user.refusal(page, PageOrder.write, [at], bytes: [1, 2, 3]) == .value)
        }
        #expect(try user.call(page, 5).code == ReplyCode.order.rawValue)
        #expect(try user.call(page, PageOrder.read, [0, 4096]).bytes.allSatisfy { $0 == 0 })
    }

    @Test func eachRightIsTakenAwayForEver() throws {
        let page = try buyPage()
        let reader = try user.call(page, PageOrder.weaken, [2]).keys[0]
        let writer = try user.call(page, PageOrder.weaken, [1]).keys[0]
        #expect(reader.pageRights == .read && writer.pageRights == .write)
        #expect(try user.refusal(writer, PageOrder.write, [0], bytes: [7]) == nil)
        #expect(try user.refusal(writer, PageOrder.read, [0, 1]) == .right)
        #expect(try user.call(reader, PageOrder.read, [0, 1]).bytes == [7])
        #expect(try user.refusal(reader, PageOrder.write, [0], bytes: [8]) == .right)
        #expect(try user.refusal(reader, PageOrder.clear) == .right)
        for rights: UInt64 in [0, 2, 0xFF00] {
            #expect(try user.call(reader, PageOrder.weaken, [rights]).keys[0] == reader)
        }
        let none = try user.call(reader, PageOrder.weaken, [3]).keys[0]
        #expect(none.pageRights == [] && none.kind == .page)
        #expect(try user.refusal(none, PageOrder.read, [0, 1]) == .right)
    }

    /// What is written into a page is never taken for what the kernel keeps in pages.
    @Test func aPageThatLooksLikeAPotIsNone() throws {
        let page = try buyPage()
        let pot = try user.process.pot
        let forged = [UInt8](UnsafeRawBufferPointer(start: try bench.objects.read(pot), count: 4096))
        #expect(try user.refusal(page, PageOrder.write, [0], bytes: forged) == nil)
        try bench.objects.checkRecords()
        let cell = CellID(pot: PageID(rawValue: page.id), slot: 0)
        #expect(try bench.objects.isVoid(.node(cell, generation: 0)))
        // The bank goes, to its parent and altogether, and nobody looks into the page for cells.
        let before = try bench.kernel.countProcesses()
        try bench.kernel.returnToParent(bank: CellID(rawValue: bank.id))
        try bench.objects.checkRecords()
        #expect(try bench.kernel.countProcesses() == before)
        #expect(try user.call(page, PageOrder.read, [0, 4096]).bytes == forged)
    }
}
