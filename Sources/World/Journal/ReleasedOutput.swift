// What programs wrote and somebody was shown, in the journal: a replay writes it again, to the byte, or stops (specs/journal.md).

import FoundationEssentials
import Kernel
import Objects
import Store

/// Records of one process's log that were shown.
package struct ReleasedOutput: Equatable {
    package var processID: UInt64
    /// They follow each other.
    package var records: [LogRecord]

    package init(processID: UInt64, records: [LogRecord]) {
        self.processID = processID
        self.records = records
    }

    /// The contents of a record of the journal.
    package func encoded() -> [UInt8] {
        var bytes = RequestBytes()
        bytes.append(processID)
        bytes.append(records.first?.sequence ?? 0)
        bytes.append(UInt64(records.count))
        for record in records {
            bytes.append(byte: record.stream == .stdout ? 0 : 1)
            bytes.append(record.data)
        }
        return bytes.bytes
    }

    package init(decoding contents: [UInt8]) throws(RequestDecodingError) {
        var reader = RequestReader(contents)
        processID = try reader.number()
        let first = try reader.number()
        let count = try reader.number()
        records = []
        // A count that is wrong is found where the bytes end.
        while UInt64(records.count) < count {
            let stream: LogRecord.Stream = try reader.flag() ? .stderr : .stdout
            let sequence = first &+ UInt64(records.count)
            records.append(LogRecord(sequence: sequence, stream: stream, data: try reader.data()))
        }
        guard reader.isAtEnd else { throw RequestDecodingError(offset: reader.offset) }
    }
}

/// Which records of each process's log are in the journal as shown; for one boot.
struct ReleasedRanges {
    /// More processes than this are not remembered: what they wrote may be written down twice.
    private static let bound = 4_096
    private var ranges: [UInt64: Range<UInt64>] = [:]

    /// Those of `items` that are not in it yet, which now are.
    mutating func add(_ items: [LogRecord], of process: UInt64) -> [LogRecord] {
        guard let first = items.first, let last = items.last else { return [] }
        let shown = first.sequence..<last.sequence + 1
        let known = ranges[process] ?? shown.lowerBound..<shown.lowerBound
        guard shown.lowerBound >= known.lowerBound, shown.lowerBound <= known.upperBound else {
            ranges[process] = shown
            return items
        }
        if ranges.count >= Self.bound { ranges = [:] }
        ranges[process] = known.lowerBound..<max(known.upperBound, shown.upperBound)
        return items.filter { $0.sequence >= known.upperBound }
    }
}

extension World {
    /// What of an answer a replay would come to anew, and the journal has not yet; nil: nothing.
    func unreleased(_ logs: LogsAnswer, of process: CellID) throws -> ReleasedOutput? {
        let durable = try publishedLogEnd(of: process)
        let id = try objects.get(process, ProcessRecord.id)
        let records = journal.released.add(logs.items.filter { $0.sequence >= durable }, of: id)
        return records.isEmpty ? nil : ReleasedOutput(processID: id, records: records)
    }

    /// The first record that the last publication has not.
    private func publishedLogEnd(of process: CellID) throws -> UInt64 {
        guard let pot = try store.page(process.pot) else { return 0 }
        let cell = pot + Pot.headerBytes + process.slot * CellClass.process.bytes
        // Before it was made another cell may have been there.
        guard cell.load(CellHeader.kind) == CellKind.process.rawValue,
            cell.load(ProcessRecord.id) == (try objects.get(process, ProcessRecord.id))
        else { return 0 }
        return cell.load(ProcessRecord.logNext)
    }

    /// Whether a process has written again what somebody was shown.
    func compare(_ record: JournalRecord) throws {
        let output: ReleasedOutput
        do throws(RequestDecodingError) {
            output = try ReleasedOutput(decoding: record.contents)
        } catch {
            throw ReplayDivergence(record, "its byte \(error.offset) cannot be read")
        }
        // Whoever was shown it may have removed the process since, but not before this record came in.
        guard let process = try kernel.process(id: output.processID), let first = output.records.first else {
            throw ReplayDivergence(record, "there is no process \(output.processID), whose output was shown")
        }
        let bytes = output.records.reduce(0) { $0 + $1.data.count }
        let found = try kernel.readLog(process, since: first.sequence, limitBytes: bytes + 1)
        let oldest = try objects.get(process, ProcessRecord.logOldest)
        for (index, shown) in output.records.enumerated() where shown.sequence >= oldest {
            let place = Int(shown.sequence - max(first.sequence, oldest))
            let again = place < found.count ? found[place] : nil
            let isSame =
                again?.sequence == shown.sequence && again.map { Data($0.bytes) } == shown.data
                && (again?.stream == .output) == (shown.stream == .stdout)
            guard !isSame else { continue }
            throw ReplayDivergence(
                record,
                "'\(try objects.name(process, ProcessRecord.name))' writes \(Self.quoted(again?.bytes ?? [])) as its record "
                    + "\(output.records[index].sequence), and had shown \(Self.quoted(shown.data))")
        }
    }

    /// A text as it stands in an error: the first of it, on one line.
    private static func quoted(_ bytes: some Collection<UInt8>) -> String {
        let text = String(decoding: bytes.prefix(200), as: UTF8.self)
        return text.debugDescription + (bytes.count > 200 ? "…" : "")
    }
}
