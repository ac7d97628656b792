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

    /// Writes what comes in from now on, behind the record of this number. `behind`: what the first file goes on from; nil: the head,
    /// which names none. `failed` is called, on another thread, when that is not possible any more. Throws what the system says where
    /// the world's journal cannot be looked at.
    package func journal(
        lastNumber: UInt64, behind: UInt64? = nil, keeping retention: JournalRetention?,
        failed: @escaping @Sendable () -> Void
    ) throws(StoreError) -> JournalWriter {
        let named = JournalMark(attributes: attributes)?.serial ?? 0
        // What is kept of other times has serial numbers too.
        var kept = KeptJournals(directory: paths.directory)
        let keptSerial = kept.highestSerial
        return JournalWriter(
            directory: paths.directory, worldID: worldID, lastNumber: lastNumber,
            lastSerial: max(named, try journalFolder.serials().last ?? 0, keptSerial),
            behind: behind ?? JournalMark.origin(of: attributes), in: kept, keeping: retention, failed: failed)
    }

    /// The highest epoch that the world or a file of its journal has. What is published next is behind it, so that no file that a host
    /// leaves is ever taken for one that goes on from there. A journal that cannot be read is told of where it is replayed.
    package var highestEpoch: Epoch {
        let found = Result { () throws(StoreError) in try journalFolder.highestEpoch() }
        return if case .success(let highest) = found { max(epoch, highest) } else { epoch }
    }

    /// Whether the last publication goes on in a journal.
    package var namesJournal: Bool { JournalMark(attributes: attributes) != nil }

    /// Gives the journal another name, so that the store goes on without what it has. Returns its path; nil where there is none.
    package func setJournalAside() throws(StoreError) -> String? {
        try journalFolder.setAside(in: paths.directory, as: "journal.lost-\(epoch.rawValue)")
    }

    /// How much of the journal a user asked to keep; nil: nobody has.
    package var keptJournalBounds: JournalRetention? { KeptJournals(directory: paths.directory).bounds }

    /// From now on files of the journal are kept that no restart needs. Throws what the system says where that is not possible.
    package func beginKeepingJournal(_ retention: JournalRetention) throws(StoreError) {
        try KeptJournals(directory: paths.directory).begin(retention)
    }

    /// Everything that came in is in the store, which names no file: what a host left goes to what is kept, where that was asked for
    /// once or a kept checkpoint of epoch `needed` or later goes on with it, and is removed otherwise. Nothing depends on it: where it
    /// fails, files stay that the next host gets rid of.
    package func endJournal(needed: Epoch?) {
        precondition(!namesJournal, "a journal that is gone on with stays")
        _ = Result { () throws(StoreError) in
            var kept = KeptJournals(directory: paths.directory)
            try journalFolder.keep(before: .max, in: &kept, JournalKeeping(asked: kept.bounds, needed: needed))
            try journalFolder.remove()
        }
    }
}
