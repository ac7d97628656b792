// What came in after a kept checkpoint, as far as the journal is kept.

extension Store {
    /// The records behind a kept state, `next` being the number of the first that it does not have, over all sessions since; nil where
    /// no file is of it. A host may write to the last file meanwhile: what is asked for was durable before.
    /// Throws `journalRefused` where a file of its middle is missing, `damaged`, and what the system says.
    package func pastReplay(next: UInt64) throws(StoreError) -> JournalReplay? {
        precondition(isPast)
        let named = JournalMark(attributes: attributes)?.serial
        var files = try JournalFiles(
            everywhereIn: paths.directory, from: named.map { .serial($0) } ?? .epoch(epoch))
        guard let first = try firstFile(of: &files) else { return nil }
        files.drop(before: first)
        return try JournalReplay(files: files, worldID: worldID, next: next, endsWithHistory: true)
    }

    /// The file that the state names, or that a boot began behind it.
    private func firstFile(of files: inout JournalFiles) throws(StoreError) -> UInt64? {
        if let mark = JournalMark(attributes: attributes) {
            guard files.serials.contains(mark.serial) else { return nil }
            // Another of its number is of a time after the journal was lost.
            let header = try files.open(mark.serial).header
            return header.worldID == worldID && header.mark == mark ? mark.serial : nil
        }
        for serial in files.serials {
            let header = try files.open(serial).header
            // Later ones too: what is said of checkpoints is published, and the state stays the same.
            let goesOn = header.behind.map { $0 == JournalMark.origin(of: attributes) && header.epoch >= epoch }
            if header.worldID == worldID, goesOn ?? (header.epoch == epoch) { return serial }
        }
        return nil
    }
}
