// Page tables: what clearing clears, and that a large one gives its memory back.

import Glibc
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

    /// The entries of 4 GiB are 8 MiB: they are given back to the system instead of being written one by one.
    @Test func clearingAFullMemoryGivesItsEntriesBack() throws {
        let table = PageTable(capacity: PageTable.memoryPageCapacity)
        for page in 0..<UInt32(1 << 20) { table.set(page, to: somewhere) }
        let full = try residentPages()
        table.clearAll()
        let cleared = try residentPages()
        #expect(full - cleared > 1_800, "\(full) pages of this process in memory before, \(cleared) after")
        for page in 0..<UInt32(1 << 20) where table[page] != nil { Issue.record("page \(page) is set") }
        somewhere.deallocate()
    }

    /// Pages of this process that are in memory (proc(5), statm).
    private func residentPages() throws -> Int {
        let file = try #require(fopen("/proc/self/statm", "r"))
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 256)
        try #require(fgets(&text, 256, file) != nil)
        let words = String(decoding: text.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
        return try #require(Int(words[1]))
    }
}
