// Page-table entries that point at resident pages (OBJ-2). A resident has one pair of entries for reading and writing in itself, more in
// side sets; one function moves a page and mends them all.

import Store

extension Objects {
    /// Brings the page in and lets `entry` hold its address from now on, through every move, until the page goes (the
    /// entry then becomes nil) or `unmap` is called. False where the page was never written: nothing is mapped.
    package func mapForReading(_ id: PageID, at entry: PageEntry) throws(ObjectsError) -> Bool {
        let address = try read(id)
        guard let index = indexOfPage[id.rawValue] else { return false }
        addReadEntry(entry, to: index)
        entry.pointee = UnsafeMutableRawPointer(mutating: address)
        return true
    }

    /// Makes the page writable and sets both entries; those by which it is written elsewhere stay. `write`
    /// is cleared whenever the page is moved or frozen (`freeze` leaves clearing to the owner of the table, who sees
    /// that the epoch is not the one it mapped at).
    package func mapForWriting(_ id: PageID, read: PageEntry, write: PageEntry) throws(ObjectsError) {
        let index = try writableIndex(id)
        setWriter(read: read, write: write, of: index)
        read.pointee = residents[index].address
        write.pointee = residents[index].address
    }

    /// Forgets that `entry`, one for reading, maps the page, and the one for writing that was mapped along with it. The
    /// entries themselves are the caller's to clear.
    package func unmap(_ id: PageID, at entry: PageEntry) {
        guard let index = indexOfPage[id.rawValue] else { return }
        if residents[index].readEntry == entry {
            residents[index].readEntry = nil
            residents[index].writeEntry = nil
        }
        dropMoreEntry(entry, of: index)
        moreWriters[index]?[entry] = nil
    }

    /// Lets the resident's own pair of entries be that of the table that writes. The one that was there is in the side sets.
    private func setWriter(read: PageEntry, write: PageEntry, of index: Int) {
        moreWriters[index]?[read] = nil
        if let other = residents[index].writeEntry, other != write, let itsRead = residents[index].readEntry {
            moreWriters[index, default: [:]][itsRead] = other
        }
        residents[index].writeEntry = nil
        if let other = residents[index].readEntry, other != read {
            dropMoreEntry(read, of: index)
            residents[index].readEntry = read
            addReadEntry(other, to: index)
        } else {
            addReadEntry(read, to: index)
        }
        residents[index].writeEntry = write
    }

    private func dropMoreEntry(_ entry: PageEntry, of index: Int) {
        guard residents[index].hasMoreEntries else { return }
        // In place: there may be as many as pages in all memories.
        moreEntries[index]?.remove(entry)
        guard moreEntries[index]?.isEmpty == true else { return }
        moreEntries[index] = nil
        residents[index].hasMoreEntries = false
    }

    private func addReadEntry(_ entry: PageEntry, to index: Int) {
        if residents[index].readEntry == nil || residents[index].readEntry == entry {
            residents[index].readEntry = entry
            return
        }
        moreEntries[index, default: []].insert(entry)
        residents[index].hasMoreEntries = true
    }

    /// Lets the page lie elsewhere; mends the entries for reading and clears those for writing.
    func move(_ index: Int, to address: UnsafeMutableRawPointer) {
        residents[index].address = address
        recent.forget(residents[index].id)
        residents[index].readEntry?.pointee = address
        residents[index].writeEntry?.pointee = nil
        residents[index].writeEntry = nil
        clearMoreWriters(of: index)
        guard residents[index].hasMoreEntries, let more = moreEntries[index] else { return }
        for entry in more { entry.pointee = address }
    }

    private func clearMoreWriters(of index: Int) {
        guard !moreWriters.isEmpty, let more = moreWriters.removeValue(forKey: index) else { return }
        for write in more.values { write.pointee = nil }
    }

    /// Clears every entry that maps the page.
    func unmapAll(_ index: Int) {
        residents[index].readEntry?.pointee = nil
        residents[index].writeEntry?.pointee = nil
        residents[index].readEntry = nil
        residents[index].writeEntry = nil
        clearMoreWriters(of: index)
        guard residents[index].hasMoreEntries else { return }
        for entry in moreEntries[index] ?? [] { entry.pointee = nil }
        moreEntries[index] = nil
        residents[index].hasMoreEntries = false
    }
}
