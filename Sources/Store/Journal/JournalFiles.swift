// Where the files of a world's journal lie, by their serial numbers: those that a restart needs, and those that are kept besides.

import Glibc

struct JournalFiles: Sendable {
    /// Which of the kept ones are of interest: all but those that are of a time before.
    enum Beginning: Sendable {
        case anywhere
        /// Where no file is named: those that were begun behind this publication, or later.
        case epoch(Epoch)
        /// The file that is named, whatever it was begun behind, and those after it.
        case serial(UInt64)
    }

    private let folder: JournalFolder
    private let kept: KeptJournals
    private let beginning: Beginning
    private var keptPaths: [UInt64: String] = [:]
    /// Ascending.
    private(set) var serials: [UInt64]

    /// Those of a folder that lie in it, of these numbers.
    init(in folder: JournalFolder, serials: [UInt64], from beginning: Beginning = .anywhere) {
        self.folder = folder
        self.beginning = beginning
        kept = KeptJournals(directory: folder.directory)
        self.serials = serials
    }

    /// All that are there, and the kept ones from a beginning on.
    init(everywhereIn directory: String, from beginning: Beginning) throws(StoreError) {
        self.init(in: JournalFolder(directory: directory), serials: [], from: beginning)
        // What is kept meanwhile is in the first of both, or in both.
        let here = try folder.serials()
        try lookForKept()
        serials = Set(here).union(keptPaths.keys).sorted()
    }

    private mutating func lookForKept() throws(StoreError) {
        keptPaths = [:]
        for entry in try kept.entries() where isOfInterest(entry) { keptPaths[entry.serial] = kept.path(entry) }
    }

    private func isOfInterest(_ entry: KeptJournals.Entry) -> Bool {
        switch beginning {
        case .anywhere: true
        case .epoch(let epoch): entry.epoch >= epoch.rawValue
        case .serial(let serial): entry.serial >= serial
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
