// Freezing, and what becomes of the frames after their publication. Freezing takes constant time whatever is dirty: it
// raises the epoch and takes the dirty list; a page whose epoch is not the current one is copied at its next write.

import Store

/// What a freeze hands to the writer: the pages of one epoch, which nobody changes any more.
package struct FrozenPages: @unchecked Sendable {
    /// The epoch that ends with the freeze.
    package let epoch: UInt64
    /// Id and bytes (4,096) of each page. The bytes stay until `settle`.
    package let pages: [(PageID, UnsafeRawPointer)]
    /// Pages sold in the epoch.
    package let freed: [PageID]
    /// Those of the pages that are pots.
    package let pots: [(PageID, UnsafeRawPointer)]
    /// The world page, where it has changed.
    package let worldPage: UnsafeRawPointer?
}

extension Objects {
    /// Ends the epoch. Not while an earlier freeze has not been settled. O(dirty) only in building the list of
    /// addresses; the pages themselves are not touched. Owners of page tables must clear their write entries before
    /// anything runs.
    package func freeze() -> FrozenPages {
        precondition(frozenEpoch == 0, "one publication at a time")
        let frozen = FrozenPages(
            epoch: epoch,
            pages: dirty.compactMap { index in
                residents[index].id != .max && residents[index].epoch == epoch
                    ? (PageID(rawValue: residents[index].id), UnsafeRawPointer(residents[index].address)) : nil
            },
            freed: freed, pots: dirtyPots.compactMap { id in changed(id).map { (id, $0) } }, worldPage: changed(.world))
        dirtyPots = []
        frozenEpoch = epoch
        epoch += 1
        dirty = []
        freed = []
        vacant += vacantLater
        vacantLater = []
        return frozen
    }

    /// A page's bytes, where it was changed in this epoch.
    private func changed(_ id: PageID) -> UnsafeRawPointer? {
        guard let index = indexOfPage[id.rawValue], residents[index].epoch == epoch else { return nil }
        return UnsafeRawPointer(residents[index].address)
    }

    /// Takes note that a freeze is durable: `moved` are pages that the store has put elsewhere meanwhile. Frames that
    /// were copied since are free at once; the others turn into pages of the map by and by (`turnClean`).
    package func settle(_ frozen: FrozenPages, moved: [PageID]) {
        precondition(frozenEpoch == frozen.epoch, "the freeze that is settled is the one under way")
        frozenEpoch = 0
        for (id, address) in frozen.pages {
            let frame = UnsafeMutableRawPointer(mutating: address)
            if let index = indexOfPage[id.rawValue], residents[index].address == frame {
                if residents[index].epoch == frozen.epoch {
                    residents[index].epoch = 0
                    toTurnClean.append(index)
                }
            } else {
                pool.giveBack(frame)
            }
        }
        for id in moved {
            if let index = indexOfPage[id.rawValue], !residents[index].isFrame { remove(index) }
        }
    }

    /// Turns up to `bound` published frames back into pages of the map. True while more are left.
    package func turnClean(_ bound: Int) throws(ObjectsError) -> Bool {
        var left = bound
        while left > 0, let index = toTurnClean.popLast() {
            left -= 1
            let resident = residents[index]
            guard resident.id != .max, resident.epoch == 0, resident.isFrame else { continue }
            let found: UnsafeRawPointer?
            do { found = try store?.page(PageID(rawValue: resident.id)) } catch { throw .store(error) }
            guard let found else {
                throw .damaged(
                    invariant: "OBJ-3", object: "page \(PageID(rawValue: resident.id).number)",
                    text: "it was published, and the store lacks it")
            }
            let frame = resident.address
            residents[index].isFrame = false
            move(index, to: UnsafeMutableRawPointer(mutating: found))
            pool.giveBack(frame)
        }
        return !toTurnClean.isEmpty
    }
}
