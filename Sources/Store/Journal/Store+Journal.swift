// How the layers above come by a world's journal.

extension Store {
    private var journalFolder: JournalFolder { JournalFolder(directory: paths.directory) }

    /// What came in after the state that the store has, `next` being the number of the first record that did not; nil where there is
    /// no file of it. Throws `journalRefused`, `damaged`, and what the system says.
    package func replay(next: UInt64) throws(StoreError) -> JournalReplay? {
        // What a host builds on, or a reader tells of, has to be durable, and the last host may have been killed before it was.
        try journalFolder.sync(in: paths.directory)
        return try journalFolder.replay(worldID: worldID, epoch: epoch, attributes: attributes, next: next)
    }

    /// Writes what comes in from now on, behind the record of this number.
    package func journal(lastNumber: UInt64, keeping retention: JournalRetention?) throws(StoreError) -> JournalWriter {
        let named = JournalMark(attributes: attributes)?.serial ?? 0
        let keptSerial = try KeptJournals(directory: paths.directory).files().last?.serial ?? 0
        return JournalWriter(
            directory: paths.directory, worldID: worldID, lastNumber: lastNumber,
            lastSerial: max(named, try journalFolder.serials().last ?? 0, keptSerial), keeping: retention)
    }

    /// Whether the last publication goes on in a journal.
    package var namesJournal: Bool { JournalMark(attributes: attributes) != nil }

    /// Gives the journal another name, so that the store goes on without what it has. Returns its path; nil where there is none.
    package func setJournalAside() throws(StoreError) -> String? {
        try journalFolder.setAside(in: paths.directory, as: "journal.lost-\(epoch.rawValue)")
    }

    /// Gives the journal to those that are kept, where everything that came in is in the store, which names no file.
    package func keepJournal(_ retention: JournalRetention) throws(StoreError) {
        precondition(!namesJournal, "a journal that is gone on with stays")
        try journalFolder.keep(before: .max, in: KeptJournals(directory: paths.directory), retention)
    }

    /// Removes the journal: everything that came in is in the store, which names no file.
    package func removeJournal() throws(StoreError) {
        precondition(!namesJournal, "a journal that is gone on with stays")
        try journalFolder.remove()
    }
}
