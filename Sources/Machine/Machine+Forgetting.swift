// Dropping what the host keeps of a process. A process of gigabytes has as many entries in its page tables as pages: its tables stay
// in memory until their entries were taken back, a bounded number between two quanta, so that nobody waits for that.
//
// Invariant: tables whose entries pages still know (OBJ-2) are in memory; nothing is written through them any more.

import Kernel
import Objects
import Store

/// A process that is forgotten, and those of its entries that pages still know.
struct Leaving {
    /// Owns the tables.
    let active: ActiveProcess
    var entries: Dictionary<PageEntry, PageID>.Iterator
}

extension Machine {
    /// Entries that are taken back at once.
    private static let entriesAtOnce = 2_048

    /// Drops what the host keeps of a process. What is not saved is lost.
    package func forget(_ cell: CellID) {
        guard let active = actives.removeValue(forKey: cell) else { return }
        recent.forget(active)
        activeInstances -= active.instances.count
        entriesOfOthers -= active.pagesOfOthers.count
        active.pagesOfOthers = []
        release(active)
        if active.mapped.count > Self.entriesAtOnce {
            for space in active.pagedSpaces { space.clearWrites() }
            leaving.append(Leaving(active: active, entries: active.mapped.makeIterator()))
        } else {
            for (entry, id) in active.mapped { objects.unmap(id, at: entry) }
        }
        active.mapped = [:]
    }

    /// Whether tables of processes that were forgotten are still there.
    package var hasLeaving: Bool { !leaving.isEmpty }

    /// Takes back some entries of processes that were forgotten; tables of which none is left go.
    package func takeBackEntries() {
        guard var last = leaving.popLast() else { return }
        for _ in 0..<Self.entriesAtOnce {
            guard let (entry, id) = last.entries.next() else { return }
            objects.unmap(id, at: entry)
        }
        leaving.append(last)
    }
}
