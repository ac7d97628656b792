// What came in after a kept checkpoint, as far as the journal is kept.

extension Store {
    /// The records behind a kept state, `next` being the number of the first that it does not have: those of the boot that went on from
    /// there; nil where no file is of it. A host may write to the last file meanwhile: what is asked for was durable before.
    /// Throws `journalRefused` where a file of its middle is missing, `damaged`, and what the system says.
    package func pastReplay(next: UInt64) throws(StoreError) -> JournalReplay? {
        precondition(isPast)
        var files = try JournalFiles(everywhereIn: paths.directory)
        guard let first = try firstFile(of: &files) else { return nil }
        files.drop(before: first)
        return try JournalReplay(files: files, worldID: worldID, next: next, endsWithBoot: true)
    }

    /// The file that the state names, or that a boot began behind it.
    private func firstFile(of files: inout JournalFiles) throws(StoreError) -> UInt64? {
        if let mark = JournalMark(attributes: attributes) {
            guard files.serials.contains(mark.serial) else { return nil }
            let file = try files.open(mark.serial)
            guard file.header.worldID == worldID, file.header.mark == mark else {
                throw .journalRefused(path: file.path, .otherFile)
            }
            return mark.serial
        }
        for serial in files.serials {
            let header = try files.open(serial).header
            if header.epoch == epoch, header.worldID == worldID,
                header.behind.map({ $0 == JournalMark.origin(of: attributes) }) ?? true
            {
                return serial
            }
        }
        return nil
    }
}
