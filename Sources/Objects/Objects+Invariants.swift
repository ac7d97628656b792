// The self-check of what is resident: tables, dirty list, page-table entries and frames, each compared with what it
// stands for. O(residents). The records in the pages are checked by `checkRecords`.

import Store

extension Objects {
    /// Checks OBJ-1, OBJ-2 and that every frame is accounted for. `frozen` is the freeze that is not settled yet. After
    /// a freeze the owners of page tables have cleared their entries for writing.
    ///
    /// Throws `damaged` with the invariant that does not hold.
    package func checkInvariants(frozen: FrozenPages? = nil) throws(ObjectsError) {
        try checkTables()
        try checkDirtyList()
        try checkRecent()
        try checkPlaces()
        for index in residents.indices where residents[index].id != .max { try checkEntries(of: index) }
        try checkFrames(frozen)
    }

    /// Throws `damaged` where `holds` is false.
    func require(
        _ holds: Bool, _ invariant: String, _ object: @autoclosure () -> String, _ text: @autoclosure () -> String
    ) throws(ObjectsError) {
        if !holds { throw .damaged(invariant: invariant, object: object(), text: text()) }
    }

    private func name(_ index: Int) -> String { "page \(PageID(rawValue: residents[index].id).number)" }

    /// Each resident is found under its id; each place that holds none is vacant, once.
    private func checkTables() throws(ObjectsError) {
        for (id, index) in indexOfPage {
            try require(residents[index].id == id, "OBJ-2", "page \(id)", "the table names another page's place")
        }
        let unused = Set(vacant)
        try require(
            unused.count == vacant.count && unused.allSatisfy { residents[$0].id == .max },
            "OBJ-2", "resident pages", "a place is vacant twice or in use")
        try require(
            indexOfPage.count + unused.count == residents.count, "OBJ-2", "resident pages",
            "\(indexOfPage.count) in use and \(unused.count) vacant of \(residents.count)")
        try require(
            moreEntries.allSatisfy { !$0.value.isEmpty && residents[$0.key].hasMoreEntries }, "OBJ-2",
            "resident pages", "the side set of entries has one that its page does not know")
    }

    /// OBJ-5.
    private func checkRecent() throws(ObjectsError) {
        for entry in recent.all {
            guard let index = indexOfPage[entry.id], residents[index].address == entry.address else {
                throw .damaged(
                    invariant: "OBJ-5", object: "page \(PageID(rawValue: entry.id).number)",
                    text: "it is taken to be where it is not")
            }
            try require(
                entry.writableIn != epoch || residents[index].epoch == epoch, "OBJ-5", name(index),
                "it is taken to be on the dirty list")
        }
    }

    /// OBJ-1, and no page twice on the list.
    private func checkDirtyList() throws(ObjectsError) {
        var listed: Set<Int> = []
        for (position, page) in dirty.enumerated() {
            let text = "the dirty list does not name it where it is"
            guard let index = indexOfPage[page.id.rawValue], listed.insert(index).inserted else {
                throw .damaged(invariant: "OBJ-1", object: "page \(page.id.number)", text: text)
            }
            try require(
                residents[index].dirtyPosition == position && residents[index].address == page.content, "OBJ-1",
                name(index), text)
        }
        for index in residents.indices where residents[index].id != .max {
            let resident = residents[index]
            let isDirty = resident.epoch == epoch
            try require(listed.contains(index) == isDirty, "OBJ-1", name(index), "the dirty list and its epoch differ")
            try require(!isDirty || resident.isFrame, "OBJ-1", name(index), "it was changed in the store's map")
            try require(
                isDirty || resident.epoch == 0 || resident.epoch == frozenEpoch, "OBJ-1", name(index),
                "its epoch \(resident.epoch) is over")
        }
    }

    /// What is read in the store's map is read where the store has it, or is going to be forgotten before the store may use that
    /// place again.
    private func checkPlaces() throws(ObjectsError) {
        guard let store else { return }
        let leaving = Set(moved)
        for index in residents.indices where residents[index].id != .max && !residents[index].isFrame {
            let id = PageID(rawValue: residents[index].id)
            let found: UnsafeRawPointer?
            do { found = try store.page(id) } catch { throw .store(error) }
            try require(
                found == UnsafeRawPointer(residents[index].address) || leaving.contains(id), "OBJ-3", name(index),
                "the store has it elsewhere")
        }
    }

    /// OBJ-2.
    private func checkEntries(of index: Int) throws(ObjectsError) {
        let resident = residents[index]
        let more = Array(moreEntries[index] ?? [])
        try require(resident.hasMoreEntries == !more.isEmpty, "OBJ-2", name(index), "its mark of more entries is wrong")
        for entry in more + [resident.readEntry].compactMap({ $0 }) {
            try require(entry.pointee == resident.address, "OBJ-2", name(index), "an entry does not hold its address")
        }
        let writers = [resident.writeEntry].compactMap { $0 } + Array((moreWriters[index] ?? [:]).values)
        for written in writers.compactMap({ $0.pointee }) {
            try require(
                written == resident.address, "OBJ-2", name(index), "an entry for writing does not hold its address")
            try require(
                resident.epoch == epoch, "OBJ-2", name(index), "it is mapped for writing and not on the dirty list")
        }
    }

    /// Every frame in use is one resident's, or the freeze's, or both: of one that is not settled yet, or of one whose
    /// frames are being given back.
    private func checkFrames(_ frozen: FrozenPages?) throws(ObjectsError) {
        var frames: Set<UnsafeRawPointer> = []
        for index in residents.indices where residents[index].id != .max && residents[index].isFrame {
            let isAlone = frames.insert(UnsafeRawPointer(residents[index].address)).inserted
            try require(isAlone, "OBJ-1", name(index), "its frame is another page's too")
            try require(
                residents[index].epoch != 0, "OBJ-1", name(index), "it is in a frame that nobody will give back")
        }
        try require(
            isTurningClean ? frozen == nil : (frozen?.epoch ?? 0) == frozenEpoch, "CKPT-2", "epoch \(frozenEpoch)",
            "it is frozen and was not named")
        for page in frozen?.pages ?? Array(published.prefix(publishedLeft)) {
            if let index = indexOfPage[page.id.rawValue], residents[index].epoch == frozenEpoch {
                try require(
                    page.content == residents[index].address, "CKPT-2", name(index), "its frozen bytes were moved")
            }
            frames.insert(page.content)
        }
        try require(
            frames.count == pool.usedCount, "OBJ-1", "frames", "\(frames.count) are used of \(pool.usedCount) taken")
    }
}
