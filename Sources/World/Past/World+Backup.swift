// Streaming a state of the world: what is so now, or a kept checkpoint (specs/backup.md).

import Backup
import Kernel
import Objects
import Store

extension World {
    /// Streams to `sink`, here and now, while no boot runs. As reader only of a world that was halted.
    public func backup(_ request: BackupRequest, to sink: any BackupSink) throws(WorldError) -> BackupAnswer {
        precondition(!isBooting && !isClosed, "a world that runs is asked through `submit`")
        return try WorldError.translating(directory) {
            let place = try place(of: request)
            if access == .host {
                try finishSession()
            } else if place.at == nil, objects.hasChanges {
                throw WorldError(
                    .failed, what: "the world was not halted",
                    why: "what came in since its last checkpoint is in no store",
                    try: "keyvm halt -w \(quotedForShell(directory))")
            }
            return try Self.stream(place, of: store, to: sink, stop: nil)
        }
    }

    /// From any thread, while the world is booted: streams to `sink` on the thread of the past, and returns when all of it was taken.
    public func submit(_ request: BackupRequest, to sink: any BackupSink) async throws(WorldError) -> BackupAnswer {
        guard case .backup(let answer) = try await submit(.backup(request), sink: sink) else {
            throw WorldError(
                .failed, what: "the world's answer is of another kind", why: "a backup was asked",
                try: "keyvm --version")
        }
        return answer
    }

    /// Has it streamed by the thread of the past: by the kernel's thread, which makes what is so now durable first.
    func askBackup(
        _ request: BackupRequest, to sink: any BackupSink, _ stop: StopFlag,
        _ reply: @escaping @Sendable (Result<Answer, WorldError>) -> Void
    ) {
        let place: BackupPlace
        do {
            place = try self.place(of: request)
        } catch {
            return reply(.failure(WorldError(error, directory: directory)))
        }
        askSettled(place.at == nil, stop, reply) { [store] in
            .backup(try Self.stream(place, of: store, to: sink, stop: stop))
        }
    }

    /// What is streamed.
    private struct BackupPlace: Sendable {
        var since: Epoch?
        var at: Epoch?
        var level: Int
    }

    private func place(of request: BackupRequest) throws -> BackupPlace {
        guard BackupRequest.levels.contains(request.level) else {
            throw WorldError(
                .usage, what: "there is no level \(request.level)",
                why: "it is 1 to 19, 19 being the smallest and slowest",
                try: "keyvm backup --level 9 FILE")
        }
        let kept = try keptCheckpoints()
        let since = try request.since.map { try find($0, in: kept) }
        let at = try request.at.map { try find($0, in: kept) }
        if let since, let at, since.epoch >= at.epoch {
            throw WorldError(
                .usage, what: "\(since.title) is not before \(at.title)",
                why: "a difference leads from an earlier checkpoint to a later one",
                try: since.epoch == at.epoch
                    ? "keyvm checkpoint ls -w \(quotedForShell(directory))"
                    : "keyvm backup -w \(quotedForShell(directory)) --since \(at.title) --at \(since.title) FILE")
        }
        return BackupPlace(since: since?.epoch, at: at?.epoch, level: request.level)
    }

    private static func stream(
        _ place: BackupPlace, of store: Store, to sink: any BackupSink, stop: StopFlag?
    ) throws -> BackupAnswer {
        let past = try place.at.map { try store.past($0) } ?? store.committed()
        defer { past.abandon() }
        let writer = try BackupWriter(past, since: place.since, objectsFormat: WorldPage.formatNumber)
        defer { progress.end() }
        var pacing = Pacing(until: stop)
        let bytes = try writer.write(level: place.level) { done in
            try pacing.pause()
            progress.set(done, of: writer.header.pages)
        } to: { bytes in
            try sink.write(bytes) { stop?.isSet == true }
        }
        let header = writer.header
        return BackupAnswer(
            world: header.worldID.text, checkpoint: header.epoch.rawValue, name: header.name,
            since: header.base?.rawValue, gasClock: header.gasClock, pages: header.pages, freed: header.freed,
            bytes: bytes)
    }
}

extension WorldID {
    /// 32 hexadecimal digits.
    var text: String {
        hexadecimal([high, low].flatMap { word in withUnsafeBytes(of: word.bigEndian, Array.init) })
    }

    /// One that no world has.
    static func drawn() -> WorldID { WorldID(low: .random(in: 0...UInt64.max), high: .random(in: 0...UInt64.max)) }
}
