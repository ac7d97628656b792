// A world that is made of a backup, or brought on by one (specs/backup.md, Restoring).
//
// BACK-2  It has the hash of the state that was streamed.

import Backup
import Glibc
import Objects
import Store

extension World {
    /// Makes the world of a whole backup in `directory`, which is not there or an empty folder; brings a restored world there on by a
    /// difference. `name` is the backup's, for messages; `descriptor` is read to its end, and twice where it is a file.
    /// Throws with `.storeDamaged` where it is no backup that was made, `.formatTooNew`, `.failed` where it does not fit what is there.
    public static func restore(
        _ name: String, from descriptor: Int32, to directory: String
    ) throws(WorldError) -> RestoreAnswer {
        try WorldError.translating(directory) {
            defer { progress.end() }
            do {
                return try restored(from: descriptor, to: directory)
            } catch let error as BackupError {
                throw WorldError(error, backup: name)
            }
        }
    }

    private static func restored(from descriptor: Int32, to directory: String) throws -> RestoreAnswer {
        var status = stat()
        let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        if isFile {
            let start = lseek(descriptor, 0, SEEK_CUR)
            _ = try BackupReader.check(FileBytes(descriptor: descriptor))
            lseek(descriptor, start, SEEK_SET)
        }
        var pages: UInt64 = 0
        let reader = try BackupReader(FileBytes(descriptor: descriptor)) { done in progress.set(done, of: pages) }
        let header = reader.header
        pages = header.pages
        guard header.objectsFormat == WorldPage.formatNumber else {
            throw WorldError(
                .formatTooNew, what: "backup of a world of another format",
                why: "its objects have format \(header.objectsFormat), this program knows \(WorldPage.formatNumber)",
                try: "keyvm --version")
        }
        let isWritten: Bool
        do {
            isWritten = try header.base == nil ? makeWorld(of: reader, in: directory) : goOn(by: reader, in: directory)
        } catch {
            throw reader.failure ?? error
        }
        return RestoreAnswer(
            directory: directory, world: header.worldID.text, checkpoint: header.epoch.rawValue, name: header.name,
            since: header.base?.rawValue, gasClock: header.gasClock, pages: isWritten ? header.pages : 0)
    }

    /// Removes what this process has made so far of a world at `directory`, when it is ended on the way.
    public static func removeUnfinished(at directory: String) { Store.removeUnfinished(at: directory) }

    private static func makeWorld(of reader: BackupReader, in directory: String) throws -> Bool {
        let header = reader.header
        var history = WorldAttributes(header.attributes).history
        history.beginRestored(header.epoch)
        try namingFolder {
            // Digests say that it is what was written, and not that a world was.
            var failure: (any Error)?
            do {
                try Store.create(
                    at: directory, worldID: header.worldID, first: publication(of: reader, history)
                ) { aside throws(StoreError) in
                    do {
                        try World.open(at: aside, as: .reader).close()
                    } catch {
                        failure = error
                        throw .sourceFailed(path: aside, .world)
                    }
                }
            } catch {
                throw failure ?? error
            }
        }
        return true
    }

    private static func publication(of reader: BackupReader, _ history: WorldHistory) -> Publication {
        let header = reader.header
        let attributes = WorldAttributes(
            journal: JournalMark.nothing(), retention: WorldAttributes(header.attributes).retention, history: history)
        return Publication(
            epoch: header.epoch, pages: [], freed: reader.freed, attributes: attributes.bytes,
            checkpoint: CheckpointNote(
                name: nil, wallTimeNanoseconds: header.wallTimeNanoseconds, gasClock: header.gasClock,
                dirtyPages: header.pages, freezeMicroseconds: 0),
            source: reader)
    }

    /// Returns whether there was something to bring on.
    private static func goOn(by reader: BackupReader, in directory: String) throws -> Bool {
        let (header, stream) = (reader.header, WorldAttributes(reader.header.attributes).history)
        if World.condition(at: directory) == .absent {
            throw WorldError(
                .noSuchThing, what: "the backup is a difference, and nothing is there that it leads on from",
                why: "it begins at checkpoint \(header.base?.rawValue ?? 0); \(directory) does not exist",
                try: "keyvm restore WHOLE \(quotedForShell(directory))")
        }
        // Looked at first: what it does not fit is not recovered for it.
        let found = try World.open(at: directory, as: .reader)
        do {
            try found.checkTakes(header, stream)
        } catch {
            found.abandon()
            throw error
        }
        try found.close()
        let world = try World.open(at: directory, as: .host)
        let result = Result { try world.bringOn(by: reader, stream) }
        // A stream that ends early changed nothing.
        if case .failure(let error) = result {
            if reader.failure != nil { world.letGoAsFound() } else { world.abandon() }
            throw error
        }
        try world.close()
        return try result.get()
    }

    /// Publishes the difference; returns whether there was something to bring on.
    private func bringOn(by reader: BackupReader, _ stream: WorldHistory) throws -> Bool {
        try checkTakes(reader.header, stream)
        guard store.epoch < reader.header.epoch else { return false }
        var history = stream
        history.begin(.init(id: cycle.history.branch, from: reader.header.epoch, first: reader.header.epoch))
        history.isKeyDue = true
        _ = try store.adopt(try store.publish(Self.publication(of: reader, history)))
        try beginAnew()
        return true
    }

    /// A folder that is missing is one for the world, and no world.
    static func namingFolder<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch StoreError.missing(let folder) {
            throw WorldError(
                .noSuchThing, what: "no folder for the world", why: "\(folder) does not exist",
                try: "mkdir -p \(quotedForShell(folder))")
        }
    }

    /// Throws where a difference does not lead on from here.
    private func checkTakes(_ header: BackupHeader, _ stream: WorldHistory) throws {
        func refuse(_ why: String) -> WorldError {
            WorldError(
                .failed, what: "the backup is a difference that does not fit this world", why: why,
                try: "keyvm info -w \(quotedForShell(directory))")
        }
        guard store.worldID == header.worldID else {
            throw refuse("it is of world \(header.worldID.text), and this is \(store.worldID.text)")
        }
        guard let last = cycle.history.branches.last, last.first == last.from, last.from == store.epoch,
            !mustPublish, store.highestEpoch <= store.epoch
        else { throw refuse("the world was not restored, or went on since") }
        let base = header.base?.rawValue ?? 0
        guard base <= store.epoch.rawValue, store.epoch <= header.epoch else {
            throw refuse(
                "it leads from checkpoint \(base) to \(header.epoch.rawValue), and this world is as of \(store.epoch.rawValue)"
            )
        }
        let before = cycle.history.branches.dropLast().last?.id ?? 0
        guard stream.branches.last(where: { $0.first <= store.epoch })?.id ?? 0 == before else {
            throw refuse("checkpoint \(store.epoch.rawValue) of this world is of another branch")
        }
    }
}

extension WorldError {
    init(_ error: BackupError, backup name: String) {
        let name = name == "-" ? "standard input" : quotedForShell(name)
        switch error {
        case .notABackup:
            self.init(.storeDamaged, what: "\(name) is no backup", why: "\(error)", try: "keyvm backup FILE")
        case .formatTooNew:
            self.init(.formatTooNew, what: "\(name) is of a newer format", why: "\(error)", try: "keyvm --version")
        case .cut, .goesOn, .altered:
            self.init(
                .storeDamaged, what: "\(name) is not as it was made", why: "\(error)", try: "keyvm backup FILE")
        case .unreadable(_, EISDIR):
            self.init(.usage, what: "a backup is a file", why: "\(name) is a folder", try: "ls -l \(name)")
        case .unreadable(_, let number):
            self.init(
                number == EACCES ? .noAuthority : .failed, what: "\(name) cannot be read",
                why: "\(error): \(String(cString: strerror(number)))", try: "dmesg | tail")
        }
    }
}
