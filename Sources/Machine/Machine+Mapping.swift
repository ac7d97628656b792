// Pages of others in a memory's page tables. The kernel says what lies where; here the entries lead there, and are forgotten when it lies
// there no more.

import Interpreter
import Kernel
import Objects
import Store

/// A page of a memory that cannot be read, or not be written: its keeper's affair.
struct MissingPage: Error {
    let trap: Trap
    let page: UInt32
    /// The instance that defines the memory.
    let instance: Int

    /// What is told to the keeper.
    var halt: Halt { .access(trap.rawValue, address: UInt64(page) << 12, instance: UInt16(instance)) }
}

extension Machine {
    /// Maps a page that is not the memory's own. One that was never written is written with zeros, so that whoever has it mapped sees what
    /// others write to it.
    func mapPageOfOthers(
        _ active: ActiveProcess, _ space: PagedSpace, _ page: UInt32, _ id: PageID, write: Bool
    ) throws {
        let read = space.reads.entry(page)
        if let old = active.mapped[read], old != id { objects.unmap(old, at: read) }
        if write {
            try objects.mapForWriting(id, read: read, write: space.writes.entry(page))
        } else {
            if try !objects.wasWritten(id) { _ = try objects.write(id) }
            guard try objects.mapForReading(id, at: read) else {
                preconditionFailure("a page that was written is there")
            }
        }
        active.mapped[read] = id
        if active.pagesOfOthers.insert(read).inserted { entriesOfOthers += 1 }
    }

    /// The memory that an instance defines was grown by others.
    func setMemoryBytes(_ bytes: UInt64, ofInstance number: UInt16, of process: CellID) {
        guard let active = active(process), Int(number) < active.instances.count else { return }
        active.activation.setMemoryBytes(bytes, of: Int(number))
    }

    /// Something else lies at a page of the memory that an instance defines.
    func forgetPage(_ page: UInt64, ofInstance number: UInt16, of process: CellID) {
        guard let active = active(process), Int(number) < active.instances.count,
            case let instance = active.instances[Int(number)], instance.memoryOwner == Int(number),
            let space = instance.memory
        else { return }
        let read = space.reads.entry(UInt32(page))
        if let id = active.mapped.removeValue(forKey: read) { objects.unmap(id, at: read) }
        if active.pagesOfOthers.remove(read) != nil { entriesOfOthers -= 1 }
        space.clear(page: UInt32(page))
    }

    /// Entries of pages of others that the host keeps at a time.
    private static let entriesOfOthersBound = 1 << 16

    /// Before a process runs: all are forgotten at once where pages of a bank go, so that there are not many more than that takes no time
    /// for. Not while a call is served, which holds what it has made writable.
    func boundEntriesOfOthers() {
        if entriesOfOthers >= Self.entriesOfOthersBound { forgetPagesOfOthers() }
    }

    /// Pages of banks that are going are not there any more: every page of others is looked at anew.
    func forgetPagesOfOthers() {
        entriesOfOthers = 0
        for active in actives.values where !active.pagesOfOthers.isEmpty {
            for space in active.pagedSpaces { space.clearWrites() }
            for read in active.pagesOfOthers {
                if let id = active.mapped.removeValue(forKey: read) { objects.unmap(id, at: read) }
                read.pointee = nil
            }
            active.pagesOfOthers = []
        }
    }

    /// Brings in all pages of a run of bytes that are to be read. Throws `MissingPage`.
    func bringIn(_ active: ActiveProcess, at address: UInt32, count: UInt32) throws {
        guard count > 0, UInt64(address) + UInt64(count) <= active.memoryBytes else { return }
        let last = UInt32((UInt64(address) + UInt64(count) - 1) >> 12)
        for page in (address >> 12)...last where active.memory.reads[page] == nil { try mapForReading(active, page) }
    }
}
