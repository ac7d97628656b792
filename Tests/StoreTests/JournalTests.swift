// The journal's files by themselves: what is written is read, the end is told from damage, and a store goes on with its own journal
// only.

import Foundation
import Store
import Synchronization
import Testing

@Suite struct JournalTests {
    /// What a store says of itself.
    private struct Head {
        var worldID: WorldID
        var epoch: Epoch
        var attributes: [UInt8]
    }

    /// A folder with a journal and no store.
    private final class Bench {
        let scratch: String
        let worldID: WorldID
        var folder: JournalFolder { JournalFolder(directory: scratch) }

        init(worldID: WorldID = WorldID(low: 1, high: 2)) throws {
            self.worldID = worldID
            scratch = NSTemporaryDirectory() + "journal-\(UUID())"
            try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        }

        deinit { _ = Result { try FileManager.default.removeItem(atPath: scratch) } }

        func writer(lastNumber: UInt64 = 0, lastSerial: UInt64 = 0) -> JournalWriter {
            JournalWriter(directory: scratch, worldID: worldID, lastNumber: lastNumber, lastSerial: lastSerial)
        }

        func head(epoch: UInt64, _ mark: JournalMark? = nil) -> Head {
            Head(worldID: worldID, epoch: Epoch(rawValue: epoch), attributes: mark?.attributes ?? [])
        }

        /// Everything that a store of this head goes on with.
        func records(_ head: Head, next: UInt64 = 1) throws -> [JournalRecord] {
            let replay = try folder.replay(
                worldID: head.worldID, epoch: head.epoch, attributes: head.attributes, next: next)
            guard let replay else { return [] }
            var found: [JournalRecord] = []
            while let record = try replay.peek() {
                found.append(record)
                replay.drop()
            }
            return found
        }

        func bytes(of serial: UInt64) throws -> [UInt8] {
            Array(try Data(contentsOf: URL(fileURLWithPath: folder.path(of: serial))))
        }

        func replace(_ serial: UInt64, by bytes: [UInt8]) throws {
            try Data(bytes).write(to: URL(fileURLWithPath: folder.path(of: serial)))
        }
    }

    /// Contents of many lengths, one of them longer than what is allocated at a time.
    private static func contents(_ number: UInt64) -> [UInt8] {
        let count = number == 77 ? 9 << 20 : Int(number * 31 % 200)
        return (0..<count).map { UInt8(truncatingIfNeeded: UInt64($0) &* number) }
    }

    private func append(_ writer: JournalWriter, _ count: Int) -> [JournalRecord] {
        (0..<count).map { _ in
            let number = writer.lastNumber + 1
            let record = JournalRecord(
                number % 5 == 0 ? .tick : .request, number: number, gasClock: number * 1000, turn: number * 3,
                contents: Self.contents(number))
            let given = writer.append(
                record.kind, gasClock: record.gasClock, turn: record.turn, contents: record.contents)
            #expect(given == number)
            return record
        }
    }

    /// Waits until a record is durable.
    private func wait(_ writer: JournalWriter, _ number: UInt64) -> StoreError? {
        let told = DispatchSemaphore(value: 0)
        let failure = Mutex<StoreError?>(nil)
        writer.whenDurable(number) { error in
            failure.withLock { $0 = error }
            told.signal()
        }
        told.wait()
        return failure.withLock { $0 }
    }

    @Test func whatIsAppendedIsReadInOrder() throws {
        let bench = try Bench()
        let writer = bench.writer()
        var expected: [JournalRecord] = []
        var marks: [JournalMark] = []
        for epoch in 4...6 as ClosedRange<UInt64> {
            marks.append(writer.begin(epoch: Epoch(rawValue: epoch)))
            expected += append(writer, 50)
            if epoch == 5 { #expect(wait(writer, 90) == nil) }
        }
        writer.end()
        #expect(try bench.records(bench.head(epoch: 4)) == expected, "as after a halt")
        #expect(try bench.records(bench.head(epoch: 5, marks[1]), next: 51) == Array(expected[50...]))
        #expect(try bench.records(bench.head(epoch: 5, marks[1]), next: 60) == Array(expected[59...]), "in a replay")
        #expect(try bench.records(bench.head(epoch: 6, marks[2]), next: 101) == Array(expected[100...]))
        #expect(try bench.records(bench.head(epoch: 7)) == [], "of a halt that was cut short")
    }

    @Test func filesThatArePublishedGoAndOneIsUsedAgain() throws {
        let bench = try Bench()
        let writer = bench.writer(lastNumber: 7, lastSerial: 3)
        _ = writer.begin(epoch: Epoch(rawValue: 1))
        _ = append(writer, 40)
        _ = writer.begin(epoch: Epoch(rawValue: 2))
        _ = append(writer, 3)
        let last = writer.begin(epoch: Epoch(rawValue: 3))
        writer.discard(before: last)
        #expect(wait(writer, 50) == nil)
        let begun = writer.begin(epoch: Epoch(rawValue: 4))
        try writer.waitUntilBegun(begun)
        #expect(begun.serial == 7 && begun.nonce != last.nonce)
        #expect(try bench.folder.serials() == [6, 7])
        // What the file had before is not taken for its own.
        let after = append(writer, 1)
        writer.end()
        #expect(try bench.records(bench.head(epoch: 4, begun), next: 51) == after)
        let again = bench.writer(lastNumber: 51, lastSerial: 7)
        again.remove()
        #expect(!FileManager.default.fileExists(atPath: bench.scratch + "/journal"))
    }

    /// A crash leaves any of the bytes that were not synced; what was told durable before is whole.
    @Test(arguments: 1...40 as ClosedRange<UInt64>) func aTornEndIsTheEnd(seed: UInt64) throws {
        let bench = try Bench()
        var generator = SeededGenerator(seed: seed)
        let writer = bench.writer()
        let mark = writer.begin(epoch: Epoch(rawValue: 1))
        let durable = append(writer, 20)
        #expect(wait(writer, 20) == nil)
        let safe = 4_096 + durable.reduce(0) { $0 + $1.bytes }
        let before = try bench.bytes(of: 1)
        writer.end()
        // One more write, as the writer makes it; its seal would have been written after its sync.
        let torn = (21...UInt64.random(in: 21...50, using: &generator)).map {
            JournalRecord(.request, number: $0, gasClock: $0, turn: $0, contents: Self.contents($0))
        }
        var written: [UInt8] = []
        for record in torn { record.encode(to: &written, durable: 20, nonce: mark.nonce) }
        let end = safe + written.count
        var bytes = before
        bytes.replaceSubrange(safe..<end, with: written)
        let sector = seed.isMultiple(of: 2) ? 512 : 4_096
        for start in stride(from: safe / sector * sector, to: end, by: sector) where Bool.random(using: &generator) {
            for at in max(start, safe)..<min(start + sector, bytes.count) { bytes[at] = before[at] }
        }
        try bench.replace(1, by: bytes)
        let found = try bench.records(bench.head(epoch: 1))
        #expect(found == Array((durable + torn)[..<found.count]) && found.count >= 20, "\(found.count)")
    }

    /// Wherever a bit is turned in what was durable, it is damage, or the same records come.
    @Test(arguments: 1...60 as ClosedRange<UInt64>) func aTurnedBitIsFound(seed: UInt64) throws {
        let bench = try Bench()
        var generator = SeededGenerator(seed: seed)
        let writer = bench.writer()
        _ = writer.begin(epoch: Epoch(rawValue: 1))
        let records = append(writer, 60)
        #expect(wait(writer, 60) == nil)
        writer.end()
        var bytes = try bench.bytes(of: 1)
        let end = 4_096 + records.reduce(0) { $0 + $1.bytes }
        let at =
            seed.isMultiple(of: 4) ? Int.random(in: 0..<80, using: &generator) : .random(in: 0..<end, using: &generator)
        bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        try bench.replace(1, by: bytes)
        do {
            #expect(try bench.records(bench.head(epoch: 1)) == records, "byte \(at)")
        } catch let error as StoreError {
            switch error {
            case .damaged(let path, _): #expect(path == bench.folder.path(of: 1))
            case .formatTooNew(let path, _, _): #expect(path == bench.folder.path(of: 1))
            default: Issue.record("byte \(at): \(error)")
            }
        }
    }

    @Test func aDamagedRecordIsNamedWithItsPlace() throws {
        let bench = try Bench()
        let writer = bench.writer()
        _ = writer.begin(epoch: Epoch(rawValue: 1))
        let records = append(writer, 9)
        #expect(wait(writer, 9) == nil)
        writer.end()
        var bytes = try bench.bytes(of: 1)
        let place = 4_096 + records[..<5].reduce(0) { $0 + $1.bytes }
        bytes[place + 50] ^= 4
        try bench.replace(1, by: bytes)
        let expected = StoreError.damaged(
            path: bench.folder.path(of: 1),
            Damage(.journalRecord(6, offset: UInt64(place)), .presence, expected: 6, found: 0))
        #expect(throws: expected) { try bench.records(bench.head(epoch: 1)) }
        #expect(
            expected.what == "journal is damaged"
                && expected.suggestion == "keyvm boot -w \(bench.scratch) --without-journal")
        // The last one of all, by the seal alone.
        bytes = try bench.bytes(of: 1)
        bytes[place + 50] ^= 4
        bytes[4_096 + records[..<8].reduce(0) { $0 + $1.bytes } + 50] ^= 4
        try bench.replace(1, by: bytes)
        #expect(throws: StoreError.self) { try bench.records(bench.head(epoch: 1)) }
    }

    /// What a kill leaves after the last acknowledgement: its end is not taken for a torn one.
    @Test func theLastRecordIsKnownToBeDurable() throws {
        let bench = try Bench()
        let writer = bench.writer()
        defer { writer.end() }
        _ = writer.begin(epoch: Epoch(rawValue: 1))
        var end = 4_096
        for number in 1...30 as ClosedRange<UInt64> {
            let record = append(writer, 1)[0]
            #expect(wait(writer, number) == nil)
            let whole = try bench.bytes(of: 1)
            var bytes = whole
            bytes[end + Int(number) % record.bytes] ^= 4
            try bench.replace(1, by: bytes)
            #expect(throws: StoreError.self) { try bench.records(bench.head(epoch: 1)) }
            // Without the seal behind it nobody could tell.
            end += record.bytes
            for at in end..<end + 16 { bytes[at] = 0 }
            try bench.replace(1, by: bytes)
            #expect(try bench.records(bench.head(epoch: 1)).count == Int(number) - 1)
            try bench.replace(1, by: whole)
        }
    }

    /// Wherever a file is cut behind its header, it is damage, unless nothing of the records is gone.
    @Test(arguments: 1...40 as ClosedRange<UInt64>) func aFileThatWasCutShortIsFound(seed: UInt64) throws {
        let bench = try Bench()
        var generator = SeededGenerator(seed: seed)
        let writer = bench.writer()
        _ = writer.begin(epoch: Epoch(rawValue: 1))
        // Every other one grows beyond its first piece.
        let records = append(writer, seed.isMultiple(of: 2) ? 90 : 30)
        #expect(wait(writer, UInt64(records.count)) == nil)
        writer.end()
        let whole = try bench.bytes(of: 1)
        let end = 4_096 + records.reduce(0) { $0 + $1.bytes }
        #expect(whole.count % (4 << 20) == 0 && whole.count >= end + 16)
        for bytes in [Int.random(in: 4_096..<end, using: &generator), end - 1, 4_096] {
            try bench.replace(1, by: Array(whole[..<bytes]))
            #expect(throws: StoreError.self, "\(bytes) of \(end)") { try bench.records(bench.head(epoch: 1)) }
        }
        try bench.replace(1, by: Array(whole[..<(end + 16)]))
        #expect(try bench.records(bench.head(epoch: 1)) == records)
    }

    /// What is kept of a host that was killed has its records, and not what was allocated for more; a damaged file stays whole.
    @Test(arguments: [0, 1, 30, 90]) func aFileThatAHostLeftIsCutWhereItIsKept(count: Int) throws {
        let bench = try Bench()
        let writer = bench.writer()
        let first = writer.begin(epoch: Epoch(rawValue: 1))
        let records = append(writer, count)
        try writer.waitUntilDurable()
        try writer.waitUntilBegun(first)
        // As a kill leaves it: nothing is cut, and the seal of the last may be missing.
        var left = try bench.bytes(of: 1)
        writer.end()
        let end = 4_096 + records.reduce(0) { $0 + $1.bytes }
        if count == 30 { for at in end..<end + 16 { left[at] = 0 } }
        try bench.replace(1, by: left)
        var store = KeptJournals(directory: bench.scratch)
        try store.begin(JournalRetention(bytes: 1 << 30, seconds: 60))
        try bench.folder.keep(
            before: .max, in: &store, JournalKeeping(asked: JournalRetention(bytes: .max, seconds: .max)))
        let kept = try #require(try store.files().first)
        try FileManager.default.moveItem(atPath: kept.path, toPath: bench.folder.path(of: 1))
        #expect(try bench.bytes(of: 1).count == end + 16)
        #expect(try bench.records(bench.head(epoch: 1, first)) == records)
        // Without the seal a first record that is damaged may have been torn.
        guard count == 90 else { return }
        left[4_096 + 50] ^= 1
        try bench.replace(1, by: left)
        try bench.folder.keep(
            before: .max, in: &store, JournalKeeping(asked: JournalRetention(bytes: .max, seconds: .max)))
        #expect(try Data(contentsOf: URL(fileURLWithPath: kept.path)) == Data(left))
    }

    /// Keepers of one small file each do not look at the sizes of all of them, and yet they stay within their bound, and what nobody needs
    /// any more goes at once; what is no file of ours stays.
    @Test func keepersOfOneFileEachStayWithinTheBound() throws {
        let bench = try Bench()
        let file: UInt64 = 4_096 + 16 + 48
        let bound = JournalRetention(bytes: 20 * file, seconds: 600)
        try KeptJournals(directory: bench.scratch).begin(bound)
        let strangers = ["1-01.log", "1-2", "1-99999999999999999999.log", "-.log"].map {
            "\(bench.scratch)/journal.kept/\($0)"
        }
        for path in strangers { try Data([1]).write(to: URL(fileURLWithPath: path)) }
        func keepOne(
            _ number: UInt64, _ bound: JournalRetention?, needed: UInt64? = nil, files: UInt64 = 1
        ) throws -> [UInt64] {
            let kept = KeptJournals(directory: bench.scratch)
            let writer = JournalWriter(
                directory: bench.scratch, worldID: bench.worldID, lastNumber: number, lastSerial: number - files,
                in: kept,
                keeping: bound)
            writer.need(from: needed.map { Epoch(rawValue: $0) })
            for _ in 0..<files {
                _ = writer.begin(epoch: Epoch(rawValue: number))
                _ = writer.append(.tick, gasClock: 0, turn: 0)
            }
            try writer.waitUntilDurable()
            writer.remove()
            return try kept.files().map(\.serial)
        }
        var most = 0
        for number in 1...201 as ClosedRange<UInt64> {
            let left = try keepOne(number, bound)
            #expect(left == Array(number - UInt64(left.count) + 1...number))
            most = max(most, left.count)
        }
        #expect(most == 63, "sizes are looked at where there are 64")
        // From an odd number on, two at a time pass over the multiples.
        for number in stride(from: 203 as UInt64, through: 401, by: 2) {
            let left = try keepOne(number, bound, files: 2)
            #expect(left.last == number && left.count <= 20 + 64)
        }
        // Without a bound that was asked for.
        try FileManager.default.removeItem(atPath: bench.scratch + "/journal.kept/bounds")
        #expect(try keepOne(402, nil, needed: 401) == [400, 401, 402])
        #expect(try keepOne(403, nil) == [])
        #expect(strangers.allSatisfy { FileManager.default.fileExists(atPath: $0) })
    }

    @Test func anotherTimesJournalIsRefused() throws {
        let bench = try Bench()
        let writer = bench.writer()
        let first = writer.begin(epoch: Epoch(rawValue: 10))
        _ = append(writer, 5)
        let second = writer.begin(epoch: Epoch(rawValue: 11))
        _ = append(writer, 5)
        #expect(wait(writer, 10) == nil)
        writer.end()
        func refusal(_ head: Head, next: UInt64) throws -> JournalRefusal? {
            do {
                _ = try bench.records(head, next: next)
                return nil
            } catch StoreError.journalRefused(_, let refusal) {
                return refusal
            }
        }
        #expect(try refusal(bench.head(epoch: 10), next: 1) == nil)
        #expect(try refusal(bench.head(epoch: 9), next: 1) == .laterOnly(epoch: 10, storeEpoch: 9), "yesterday's store")
        let lost = JournalMark(serial: 9, nonce: 5)
        #expect(try refusal(bench.head(epoch: 20, lost), next: 11) == .missing, "yesterday's journal")
        let other = JournalMark(serial: 2, nonce: second.nonce ^ 1)
        #expect(try refusal(bench.head(epoch: 11, other), next: 6) == .otherFile)
        var stranger = bench.head(epoch: 11, second)
        stranger.worldID = WorldID(low: 1, high: 3)
        #expect(try refusal(stranger, next: 6) == .otherWorld)
        #expect(try refusal(bench.head(epoch: 11, second), next: 5) == .gap(expected: 5, found: 6))
        #expect(try refusal(bench.head(epoch: 10, first), next: 13) == .gap(expected: 13, found: 11))
    }

    /// Of three files the one in the middle is missing, or the last is another world's, or of another time.
    @Test func aFileThatDoesNotGoOnFromTheOneBeforeIsRefused() throws {
        func files(_ bench: Bench, epochs: ClosedRange<UInt64>) throws -> JournalMark {
            let writer = bench.writer()
            let marks = epochs.map { epoch in
                defer { _ = append(writer, 5) }
                return writer.begin(epoch: Epoch(rawValue: epoch))
            }
            #expect(wait(writer, writer.lastNumber) == nil)
            writer.end()
            return marks[0]
        }
        let (bench, stranger, other) = (try Bench(), try Bench(worldID: WorldID(low: 1, high: 3)), try Bench())
        let first = try files(bench, epochs: 10...12)
        _ = try files(stranger, epochs: 10...12)
        _ = try files(other, epochs: 10...13)
        func refusal() -> StoreError? {
            do {
                _ = try bench.records(bench.head(epoch: 10, first))
                return nil
            } catch {
                return error as? StoreError
            }
        }
        let (second, third) = (bench.folder.path(of: 2), bench.folder.path(of: 3))
        #expect(refusal() == nil)
        let whole = try bench.bytes(of: 3)
        try bench.replace(3, by: try stranger.bytes(of: 3))
        #expect(refusal() == .journalRefused(path: third, .otherWorld))
        // Of the same world, and of another history: what the numbers alone do not show.
        try bench.replace(3, by: try other.bytes(of: 3))
        #expect(refusal() == .journalRefused(path: third, .otherHistory))
        try bench.replace(3, by: whole)
        try bench.replace(4, by: try other.bytes(of: 4))
        #expect(refusal() == .journalRefused(path: bench.folder.path(of: 4), .otherHistory))
        unlink(third)
        #expect(refusal() == .journalRefused(path: bench.folder.path(of: 4), .gap(expected: 11, found: 16)))
        unlink(bench.folder.path(of: 4))
        try bench.replace(3, by: whole)
        unlink(second)
        #expect(refusal() == .journalRefused(path: third, .gap(expected: 6, found: 11)))
        unlink(bench.folder.path(of: 1))
        #expect(refusal() == .journalRefused(path: bench.folder.path(of: 1), .missing))
    }

    @Test func afterAFailedWriteNobodyIsToldThatItIsDurable() throws {
        let bench = try Bench()
        let failures = Mutex(0)
        let writer = JournalWriter(
            directory: bench.scratch, worldID: bench.worldID, lastNumber: 0, lastSerial: 0,
            failed: { failures.withLock { $0 += 1 } })
        _ = writer.begin(epoch: Epoch(rawValue: 1))
        _ = append(writer, 3)
        try writer.waitUntilDurable()
        #expect(wait(writer, 3) == nil)
        // A file of the folder's name: the next one cannot be made.
        try FileManager.default.removeItem(atPath: bench.scratch + "/journal")
        try Data().write(to: URL(fileURLWithPath: bench.scratch + "/journal"))
        let begun = writer.begin(epoch: Epoch(rawValue: 2))
        _ = append(writer, 1)
        #expect(wait(writer, 4) != nil)
        #expect(throws: StoreError.self) { try writer.waitUntilBegun(begun) }
        _ = append(writer, 1)
        #expect(wait(writer, 5) != nil && writer.error != nil)
        #expect(wait(writer, 3) == nil, "what was durable is so still")
        #expect(throws: StoreError.self) { try writer.waitUntilDurable() }
        writer.remove()
        #expect(failures.withLock { $0 } == 1)
    }
}
