// Where the files of a world's journal lie, by their serial numbers: those that a restart needs, and those that are kept besides.

import Glibc

struct JournalFiles: Sendable {
    private let folder: JournalFolder
    private let kept: KeptJournals
    /// Kept ones of lower epochs are of no interest.
    private let lowest: Epoch
    private var keptPaths: [UInt64: String] = [:]
    /// Ascending.
    private(set) var serials: [UInt64]

    /// Those of a folder that lie in it, of these numbers.
    init(in folder: JournalFolder, serials: [UInt64], from lowest: Epoch = Epoch(rawValue: 0)) {
        self.folder = folder
        self.lowest = lowest
        kept = KeptJournals(directory: folder.directory)
        self.serials = serials
    }

    /// All that are there, and kept ones of this epoch and later ones.
    init(everywhereIn directory: String, from lowest: Epoch) throws(StoreError) {
        self.init(in: JournalFolder(directory: directory), serials: [], from: lowest)
        // What is kept meanwhile is in the first of both, or in both.
        let here = try folder.serials()
        try lookForKept()
        serials = Set(here).union(keptPaths.keys).sorted()
    }

    private mutating func lookForKept() throws(StoreError) {
        keptPaths = [:]
        for entry in try kept.entries() where entry.epoch >= lowest.rawValue {
            keptPaths[entry.serial] = kept.path(entry)
        }
    }

    /// Opens a file, wherever it lies by now: a host that runs keeps files while they are read.
    mutating func open(_ serial: UInt64) throws(StoreError) -> JournalFileReader {
        for _ in 0..<3 {
            for path in [keptPaths[serial], folder.path(of: serial)].compactMap(\.self) where access(path, F_OK) == 0 {
                do throws(StoreError) {
                    return try JournalFileReader(path)
                } catch {
                    guard case .ioError(_, _, ENOENT) = error else { throw error }
                }
            }
            try lookForKept()
        }
        return try JournalFileReader(folder.path(of: serial))
    }

    mutating func drop(before serial: UInt64) { serials.removeAll { $0 < serial } }
}
