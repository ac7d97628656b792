// Page tables: what clearing clears, and how long it takes for a memory of 4 GiB.

import Interpreter
import Testing

struct PageTableTests {
    private let somewhere = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 4096)

    @Test(arguments: [[0], [3, 4, 5], [0, 1_048_575], [2_097_152], Array(stride(from: 17, to: 1_000_000, by: 997))])
    func clearingClearsWhatWasSet(pages: [UInt32]) {
        let table = PageTable(capacity: PageTable.memoryPageCapacity)
        for page in pages { table.set(page, to: somewhere) }
        for page in pages { #expect(table[page] == somewhere) }
        table.clearAll()
        for page in pages { #expect(table[page] == nil) }
        table.set(9, to: somewhere)
        table.clear(9)
        #expect(table[9] == nil)
        #expect(table[8] == nil)
        somewhere.deallocate()
    }

    @Test func clearingAFullMemoryTakesUnderAMillisecond() {
        let table = PageTable(capacity: PageTable.memoryPageCapacity)
        var best = Duration.seconds(1)
        for _ in 0..<5 {
            for page in 0..<UInt32(1 << 20) { table.set(page, to: somewhere) }
            let start = ContinuousClock.now
            table.clearAll()
            best = min(best, ContinuousClock.now - start)
        }
        print("clearing the entries of 4 GiB: \(best)")
        #expect(best < .milliseconds(1))
        somewhere.deallocate()
    }
}
