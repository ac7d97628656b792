// Freezing, and what becomes of the frames after their publication. Freezing takes constant time whatever is dirty: it
// raises the epoch and takes the dirty list; a page whose epoch is not the current one is copied at its next write.
// Settling takes constant time too: the frames are given back by and by.

import Store

/// What a freeze hands to the writer: the pages of one epoch, which nobody changes any more.
package struct FrozenPages: @unchecked Sendable {
    /// The epoch that ends with the freeze.
    package let epoch: UInt64
    /// The pages, in no order. Their bytes stay until `settle`.
    package let pages: [PublishedPage]
    /// Pages sold in the epoch.
    package let freed: [PageID]
    /// The world page, where it has changed.
    package let worldPage: UnsafeRawPointer?
    let dirtyPots: [PublishedPage]

    /// Those of the pages that are pots. O(pots + freed).
    package var pots: [PublishedPage] {
        let gone = Set(freed)
        return gone.isEmpty ? dirtyPots : dirtyPots.filter { !gone.contains($0.id) }
    }
}

extension Objects {
    /// Ends the epoch. Not while an earlier freeze has not been settled; what that one left to be turned clean is turned
    /// clean first. Beyond that O(1), whatever is dirty. Owners of page tables must clear their write entries before
    /// anything runs.
    package func freeze() throws(ObjectsError) -> FrozenPages {
        while try turnClean(4096) {}
        precondition(frozenEpoch == 0, "one publication at a time")
        let world = indexOfPage[PageID.world.rawValue].flatMap { index in
            residents[index].epoch == epoch ? UnsafeRawPointer(residents[index].address) : nil
        }
        let frozen = FrozenPages(epoch: epoch, pages: dirty, freed: freed, worldPage: world, dirtyPots: dirtyPots)
        frozenEpoch = epoch
        recent.epoch.pointee += 1
        dirty = []
        dirtyPots = []
        freed = []
        return frozen
    }

    /// Takes note that a freeze is durable: `moved` are pages that the store has put elsewhere meanwhile, and that stay where they
    /// were until its next publication begins. They are forgotten, and the frames given back, by and by (`turnClean`). O(1).
    package func settle(_ frozen: FrozenPages, moved: [PageID]) {
        precondition(frozenEpoch == frozen.epoch && !isTurningClean, "the freeze that is settled is the one under way")
        published = frozen.pages
        publishedLeft = published.count
        if publishedLeft == 0 { frozenEpoch = 0 }
        self.moved = moved
    }

    /// Forgets pages that were moved, and gives frames of the settled freeze back: those that were copied or sold since, and up to
    /// `bound` others, whose pages turn back into pages of the map. Looks at 16 times `bound` pages at most. True while more are left.
    package func turnClean(_ bound: Int) throws(ObjectsError) -> Bool {
        guard isTurningClean else { return false }
        var turned = 0
        var looked = 0
        while looked < 16 * bound, let id = moved.popLast() {
            if let index = indexOfPage[id.rawValue], !residents[index].isFrame { remove(index) }
            looked += 1
        }
        while publishedLeft > 0, turned < bound, looked < 16 * bound {
            let page = published[publishedLeft - 1]
            let frame = UnsafeMutableRawPointer(mutating: page.content)
            looked += 1
            if let index = indexOfPage[page.id.rawValue], residents[index].address == frame {
                try backToMap(index)
                turned += 1
            }
            pool.giveBack(frame)
            publishedLeft -= 1
        }
        guard publishedLeft == 0 else { return true }
        published = []
        frozenEpoch = 0
        return isTurningClean
    }

    private func backToMap(_ index: Int) throws(ObjectsError) {
        let id = PageID(rawValue: residents[index].id)
        let found: UnsafeRawPointer?
        do { found = try store?.page(id) } catch { throw .store(error) }
        guard let found else {
            throw .damaged(
                invariant: "OBJ-3", object: "page \(id.number)", text: "it was published, and the store lacks it")
        }
        residents[index].epoch = 0
        residents[index].isFrame = false
        move(index, to: UnsafeMutableRawPointer(mutating: found))
    }
}
