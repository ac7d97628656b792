// The resident pages of a world: brought in on demand from the store, copied at the first write of an epoch, frozen
// all at once and published in the background. Owns the pages' memory and the dirty list; hides where a page's bytes
// are. Single-threaded: the kernel's thread alone calls it. Invariants OBJ-1 to OBJ-3.
//
// Addresses that it gives out are good until the next call that can move the page: a write to it, `freeze`, `turnClean`,
// `free`, or a page-in that evicts.

import Glibc
import Store

@usableFromInline package final class Objects {
    /// Where clean pages are; nil while the first objects of a world are laid.
    package let store: Store?
    /// The epoch that changes belong to now; the store has all before it, or is being given them.
    @inlinable package var epoch: UInt64 { recent.epoch.pointee }
    /// Pages that may be in frames before the kernel must wait for a checkpoint.
    package let budgetPages: Int

    @usableFromInline let recent: RecentPages
    var residents: [Resident] = []
    var vacant: [Int] = []
    var indexOfPage: [UInt64: Int] = [:]
    /// Further entries of pages that more than one page table maps, by resident.
    var moreEntries: [Int: Set<PageEntry>] = [:]
    /// Further pairs of entries by which such a page is written: for that for reading the one for writing.
    var moreWriters: [Int: [PageEntry: PageEntry]] = [:]
    /// The dirty list: the pages changed in this epoch, in no order, as a publication takes them.
    var dirty: [PublishedPage] = []
    /// The pots that were changed in this epoch, those that were sold since included, but for those written as pages.
    var dirtyPots: [PublishedPage] = []
    /// Pages sold in this epoch that the store may have.
    var freed: [PageID] = []
    /// A settled freeze's pages; the first `publishedLeft` are in frames still.
    var published: [PublishedPage] = []
    var publishedLeft = 0
    /// Pages that its publication has put elsewhere, and that are resident where they were.
    var moved: [PageID] = []
    let pool = FramePool()
    /// The freeze whose publication is under way, or has pages in frames still; 0: none.
    var frozenEpoch: UInt64 = 0
    var sweep = 0
    /// Clean pages that are kept in the tables; beyond it the oldest go.
    let residentBound: Int
    let zeroPage: UnsafeMutableRawPointer

    /// What decides about purchases besides limits; nil: nothing.
    package var bankPolicy: BankPolicyRule?
    /// Banks that sold pages since this was last emptied; nil while nobody keeps account of who waits for it.
    package var soldBanks: Set<CellID>?

    /// Pages brought in from the store.
    package internal(set) var pageIns: UInt64 = 0

    /// `budgetPages` bounds frames, `residentBound` the pages that are tracked at all; both at least 64. Changes belong to an epoch
    /// behind the store's, and behind `highest`.
    package init(store: Store?, behind highest: Epoch = Epoch(rawValue: 0), budgetPages: Int, residentBound: Int) {
        precondition(budgetPages >= 64 && residentBound >= 64)
        self.store = store
        self.budgetPages = budgetPages
        self.residentBound = residentBound
        zeroPage = .allocate(byteCount: 4096, alignment: 4096)
        zeroPage.initializeMemory(as: UInt8.self, repeating: 0, count: 4096)
        recent = RecentPages(epoch: max(store?.epoch ?? highest, highest).rawValue + 1, nowhere: zeroPage)
    }

    deinit {
        zeroPage.deallocate()
        recent.deallocate()
    }

    /// Pages changed since the last freeze.
    package var dirtyCount: Int { dirty.count }
    /// The pages that changed or were freed since the last freeze, in no order. Linear in them.
    package var changedPages: [PageID] { dirty.map(\.id) + freed }
    /// Whether something was changed or sold since the last freeze.
    package var hasChanges: Bool { !dirty.isEmpty || !freed.isEmpty }
    /// Frames in use, those of a publication under way included.
    package var frameCount: Int { pool.usedCount }
    /// Pages in memory or mapped from the store.
    package var residentCount: Int { residents.count - vacant.count }
    /// Half the budget is used: a checkpoint should begin.
    package var isCheckpointDue: Bool { pool.usedCount * 2 >= budgetPages }
    /// The whole budget is used: nothing may run until a publication has been settled.
    package var isOverBudget: Bool { pool.usedCount >= budgetPages }
    /// Whether an instruction that changes up to `pages` pages at once stays within the budget. One that needs more than
    /// half of it may exceed it when a publication has been settled: else it would wait for ever.
    package func hasBudget(forPages pages: Int) -> Bool {
        pool.usedCount + pages <= budgetPages || !isCheckpointDue
    }
    /// Whether frames of a settled freeze are to be given back still (`turnClean`).
    package var isTurningClean: Bool { publishedLeft > 0 || !moved.isEmpty }
    /// 4,096 zeros, for reading.
    package var zeros: UnsafeRawPointer { UnsafeRawPointer(zeroPage) }

    // MARK: Reading and writing

    /// The page's bytes, for reading. Zeros where it was never written.
    @usableFromInline package func read(_ id: PageID) throws(ObjectsError) -> UnsafeRawPointer {
        if let address = recent.address(of: id.rawValue) { return UnsafeRawPointer(address) }
        return try find(id)
    }

    private func find(_ id: PageID) throws(ObjectsError) -> UnsafeRawPointer {
        var found = indexOfPage[id.rawValue]
        if found == nil { found = try bringIn(id) }
        guard let index = found else { return UnsafeRawPointer(zeroPage) }
        residents[index].isRecent = true
        recent.note(residents[index])
        return UnsafeRawPointer(residents[index].address)
    }

    /// The page's bytes, for writing: in a frame of its own, on the dirty list. A page that was never written begins
    /// as zeros, and its strip says from now on that it was written.
    @usableFromInline package func write(_ id: PageID) throws(ObjectsError) -> UnsafeMutableRawPointer {
        if let address = recent.writableAddress(of: id.rawValue) { return address }
        let index = try writableIndex(id)
        recent.note(residents[index])
        return residents[index].address
    }

    /// The bytes of a pot, for writing; pots that change are looked at before they become durable.
    func writePot(_ id: PageID) throws(ObjectsError) -> UnsafeMutableRawPointer {
        if let address = recent.writableAddress(of: id.rawValue) { return address }
        let before = dirty.count
        let page = try write(id)
        if dirty.count != before { dirtyPots.append(PublishedPage(id: id, content: page)) }
        return page
    }

    /// Makes the page writable; returns its resident.
    func writableIndex(_ id: PageID) throws(ObjectsError) -> Int {
        if let index = indexOfPage[id.rawValue] {
            if residents[index].epoch != epoch { makeDirty(index) }
            return index
        }
        if let index = try bringIn(id) {
            makeDirty(index)
            return index
        }
        try markWritten(id)
        return insertZeros(id)
    }

    /// A page that the store does not have, of zeros, in a frame of its own; returns its resident.
    @discardableResult
    func insertZeros(_ id: PageID) -> Int {
        let frame = pool.take()
        memset(frame, 0, 4096)
        let index = insert(Resident(id: id.rawValue, address: frame, epoch: epoch, isFrame: true))
        putOnDirtyList(index)
        return index
    }

    /// The first write of an epoch: a copy, unless the frame is its own already and nobody is writing it out.
    private func makeDirty(_ index: Int) {
        let old = residents[index]
        let isBeingWritten = old.epoch != 0 && old.epoch == frozenEpoch
        if !old.isFrame || isBeingWritten {
            let frame = pool.take()
            memcpy(frame, old.address, 4096)
            residents[index].isFrame = true
            move(index, to: frame)
        }
        residents[index].epoch = epoch
        residents[index].isRecent = true
        putOnDirtyList(index)
    }

    /// From here to the freeze the page stays in its frame.
    private func putOnDirtyList(_ index: Int) {
        residents[index].dirtyPosition = UInt32(dirty.count)
        let page = residents[index]
        dirty.append(PublishedPage(id: PageID(rawValue: page.id), content: page.address))
    }

    /// Lets the last of the list take the page's place.
    private func takeOffDirtyList(_ index: Int) {
        let position = residents[index].dirtyPosition
        let last = dirty.removeLast()
        guard position < dirty.count, let other = indexOfPage[last.id.rawValue] else { return }
        dirty[Int(position)] = last
        residents[other].dirtyPosition = position
    }

    /// Brings a page in from the store; nil where it was never written. The store verifies its checksum.
    private func bringIn(_ id: PageID) throws(ObjectsError) -> Int? {
        guard let store else { return nil }
        let found: UnsafeRawPointer?
        do { found = try store.page(id) } catch { throw .store(error) }
        guard let found else {
            if try wasWritten(id) {
                throw .damaged(
                    invariant: "OBJ-3", object: "page \(id.number)", text: "it was written, and the store lacks it")
            }
            return nil
        }
        pageIns += 1
        return insert(Resident(id: id.rawValue, address: UnsafeMutableRawPointer(mutating: found), isFrame: false))
    }

    private func insert(_ resident: Resident) -> Int {
        if residentCount >= residentBound { evictSome() }
        let index: Int
        if let reused = vacant.popLast() {
            residents[reused] = resident
            index = reused
        } else {
            index = residents.count
            residents.append(resident)
        }
        indexOfPage[resident.id] = index
        return index
    }

    /// Forgets a resident whose frame, if any, has been dealt with.
    func remove(_ index: Int) {
        unmapAll(index)
        recent.forget(residents[index].id)
        if residents[index].epoch == epoch { takeOffDirtyList(index) }
        indexOfPage[residents[index].id] = nil
        vacant.append(index)
        residents[index].id = .max
        residents[index].epoch = 0
    }

    /// Forgets up to 64 clean pages that were not asked for since the sweep passed last.
    private func evictSome() {
        var evicted = 0
        var looked = 0
        while evicted < 64 && looked < 2 * residents.count {
            sweep = sweep + 1 >= residents.count ? 0 : sweep + 1
            looked += 1
            let resident = residents[sweep]
            if resident.id == .max || resident.isFrame { continue }
            if recent.forget(resident.id) || resident.isRecent {
                residents[sweep].isRecent = false
                continue
            }
            remove(sweep)
            evicted += 1
        }
    }

    /// Sells a page's contents: no longer resident, and gone from the store with the next publication. The id is never
    /// used again.
    package func discard(_ id: PageID) {
        freed.append(id)
        guard let index = indexOfPage[id.rawValue] else { return }
        let resident = residents[index]
        if resident.isFrame && !(resident.epoch != 0 && resident.epoch == frozenEpoch) {
            pool.giveBack(resident.address)
        }
        remove(index)
    }
}

extension Objects {
    /// The pages that were sold and that the store may still have.
    package var soldPages: Set<PageID> { Set(freed) }
}
