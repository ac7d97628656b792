// A process's log and unread input: rings of bytes in spaces of its own, paid by its bank, bounded by its record.
// Positions count bytes from the beginning; a byte's place is its position modulo the bound.
//
// STREAM-1  Log: tail − head ≤ bound; records follow each other without gaps from head to tail, sequence numbers from
//           `logOldest` to `logNext` − 1.
// STREAM-2  Input: write − read ≤ bound.

import Objects
import Store

package enum LogStream: UInt8, Sendable {
    case output = 1
    case error = 2
}

package struct LogEntry: Sendable {
    package var sequence: UInt64
    package var stream: LogStream
    package var bytes: [UInt8]
}

extension Kernel {
    static let logHeaderBytes = 16

    /// The most that one record of the log may hold, so that the ring keeps several.
    package func longestLogRecord(_ process: CellID) throws -> Int {
        Int(try objects.get(process, ProcessRecord.streamBound) / 4) - Self.logHeaderBytes
    }

    /// Buys what a record of `count` bytes needs. Refused when the process's bank is full; nothing can be seen of it.
    package func prepareLog(_ process: CellID, count: Int) throws {
        let record = try objects.cell(process)
        try buyRing(
            Space(.log, of: process), bank: CellID(rawValue: record.load(ProcessRecord.bank)),
            position: record.load(ProcessRecord.logTail), count: count + Self.logHeaderBytes,
            bound: record.load(ProcessRecord.streamBound))
    }

    /// Appends a record whose pages `prepareLog` bought; the oldest records make room.
    package func appendLog(_ process: CellID, _ stream: LogStream, _ bytes: [UInt8]) throws {
        let need = UInt64(bytes.count + Self.logHeaderBytes)
        let record = try objects.mutableCell(process)
        let bound = record.load(ProcessRecord.streamBound)
        let tail = record.load(ProcessRecord.logTail)
        precondition(need <= bound)
        let sequence = record.load(ProcessRecord.logNext)
        while record.load(ProcessRecord.logTail) + need - record.load(ProcessRecord.logHead) > bound {
            let head = record.load(ProcessRecord.logHead)
            let length = try logHeader(process, at: head, bound: bound).length
            record.store(head + UInt64(Self.logHeaderBytes + length), ProcessRecord.logHead)
            record.store(record.load(ProcessRecord.logOldest) + 1, ProcessRecord.logOldest)
        }
        var header = withUnsafeBytes(of: sequence.littleEndian) { Array($0) }
        header += withUnsafeBytes(of: UInt32(bytes.count).littleEndian) { Array($0) }
        header += [stream.rawValue, 0, 0, 0]
        try writeRing(Space(.log, of: process), header + bytes, at: tail, bound: bound)
        let after = try objects.mutableCell(process)
        after.store(tail + need, ProcessRecord.logTail)
        after.store(sequence + 1, ProcessRecord.logNext)
    }

    /// Records from `since` on, until about `limitBytes` of text; always at least one where there is one.
    package func readLog(_ process: CellID, since: UInt64, limitBytes: Int) throws -> [LogEntry] {
        let record = try objects.cell(process)
        let bound = record.load(ProcessRecord.streamBound)
        let head = record.load(ProcessRecord.logHead)
        let tail = record.load(ProcessRecord.logTail)
        var position = head
        if let place = logPlaces[process], place.sequence <= since, (head...tail).contains(place.position) {
            position = place.position
        }
        var entries: [LogEntry] = []
        var total = 0
        while position < tail && (entries.isEmpty || total < limitBytes) {
            let header = try logHeader(process, at: position, bound: bound)
            if header.sequence >= since {
                let bytes = try readRing(
                    Space(.log, of: process), at: position + UInt64(Self.logHeaderBytes), count: header.length,
                    bound: bound)
                entries.append(LogEntry(sequence: header.sequence, stream: header.stream, bytes: bytes))
                total += bytes.count
            }
            position += UInt64(Self.logHeaderBytes + header.length)
            // Whoever follows asks next for what comes after this.
            logPlaces[process] = (header.sequence + 1, position)
        }
        return entries
    }

    private func logHeader(
        _ process: CellID, at position: UInt64, bound: UInt64
    ) throws -> (sequence: UInt64, length: Int, stream: LogStream) {
        let bytes = try readRing(
            Space(.log, of: process), at: position, count: Self.logHeaderBytes, bound: bound)
        let fields = bytes.withUnsafeBytes { raw in
            (
                UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt32.self)), raw[12]
            )
        }
        guard let stream = LogStream(rawValue: fields.2), UInt64(fields.1) <= bound else {
            throw ObjectsError.damaged(
                invariant: "STREAM-1", object: "log of \(process)", text: "no record begins at position \(position)")
        }
        return (fields.0, Int(fields.1), stream)
    }

    // MARK: Input

    package func unreadInput(_ process: CellID) throws -> UInt64 {
        let record = try objects.cell(process)
        return record.load(ProcessRecord.inputWrite) - record.load(ProcessRecord.inputRead)
    }

    /// Appends to a process's unread input, all or nothing, at the cost of its bank.
    func appendInput(_ bytes: [UInt8], to process: CellID) throws {
        let record = try objects.cell(process)
        let bound = record.load(ProcessRecord.inputBound)
        let write = record.load(ProcessRecord.inputWrite)
        let unread = write - record.load(ProcessRecord.inputRead)
        guard UInt64(bytes.count) <= bound - unread else {
            throw KernelError.inputFull(
                process: record.load(ProcessRecord.name), boundBytes: bound, unreadBytes: unread,
                askedBytes: UInt64(bytes.count))
        }
        let space = Space(.input, of: process)
        try buyRing(
            space, bank: CellID(rawValue: record.load(ProcessRecord.bank)), position: write, count: bytes.count,
            bound: bound)
        try writeRing(space, bytes, at: write, bound: bound)
        try objects.set(process, ProcessRecord.inputWrite, write + UInt64(bytes.count))
    }

    /// An input arrives for a process: bytes, or the end. What waits for it becomes ready.
    package func deliverInput(_ bytes: [UInt8], ends: Bool, to process: CellID) throws {
        let record = try objects.cell(process)
        let name = record.load(ProcessRecord.name)
        let state = try state(of: process)
        guard state != .exited && state != .faulted else { throw KernelError.processOver(name) }
        guard record.load(ProcessRecord.inputEnded) == 0 else { throw KernelError.inputEnded(process: name) }
        if !bytes.isEmpty { try appendInput(bytes, to: process) }
        if ends { try objects.set(process, ProcessRecord.inputEnded, 1) }
        try objects.setWorld(WorldPage.nextInput, try objects.world(WorldPage.nextInput) + 1)
        let waits = try objects.get(process, ProcessRecord.waitsFor)
        if state == .waiting && waits & Waiting.input != 0 { try setState(of: process, to: .ready) }
    }

    /// The next unread bytes, left where they are.
    package func peekInput(_ process: CellID, count: Int) throws -> [UInt8] {
        let record = try objects.cell(process)
        let read = record.load(ProcessRecord.inputRead)
        let unread = record.load(ProcessRecord.inputWrite) - read
        return try readRing(
            Space(.input, of: process), at: read, count: min(count, Int(unread)),
            bound: record.load(ProcessRecord.inputBound))
    }

    /// Takes bytes that `peekInput` gave. When all was read, positions begin again at 0, so that a process that keeps up
    /// never buys more than the pages of what it has not read.
    package func consumeInput(_ process: CellID, count: Int) throws {
        let record = try objects.mutableCell(process)
        let read = record.load(ProcessRecord.inputRead) + UInt64(count)
        let isEmpty = read == record.load(ProcessRecord.inputWrite)
        record.store(isEmpty ? 0 : read, ProcessRecord.inputRead)
        if isEmpty { record.store(0, ProcessRecord.inputWrite) }
    }

    // MARK: Rings

    private func buyRing(_ space: Space, bank: CellID, position: UInt64, count: Int, bound: UInt64) throws {
        try objects.buy(bytes: pieces(position, count, bound), of: space, bank: bank)
    }

    private func writeRing(_ space: Space, _ bytes: [UInt8], at position: UInt64, bound: UInt64) throws {
        var done = 0
        for (place, piece) in pieces(position, bytes.count, bound) {
            try objects.write(Array(bytes[done..<done + piece]), to: space, at: place)
            done += piece
        }
    }

    private func readRing(_ space: Space, at position: UInt64, count: Int, bound: UInt64) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for (place, piece) in pieces(position, count, bound) {
            bytes += try objects.bytes(of: space, at: place, count: piece)
        }
        return bytes
    }

    /// The one or two runs of places that `count` bytes from a position on take up.
    private func pieces(
        _ position: UInt64, _ count: Int, _ bound: UInt64
    ) -> [(position: UInt64, count: Int)] {
        let place = position % bound
        let first = min(UInt64(count), bound - place)
        if first == UInt64(count) { return [(place, count)] }
        return [(place, Int(first)), (0, count - Int(first))]
    }
}

/// What a process waits for, as bits of `ProcessRecord.waitsFor`.
package enum Waiting {
    package static let input: UInt8 = 1
    package static let timer: UInt8 = 2
    /// To be called by the embedder; alone.
    package static let call: UInt8 = 4
    /// For the reply to its call; alone.
    package static let reply: UInt8 = 8
    /// Until its start key is invoked; alone.
    package static let message: UInt8 = 16
    /// Until the process that it invokes is available; alone.
    package static let turn: UInt8 = 32
    /// For its keeper's answer; alone.
    package static let keeper: UInt8 = 64
    /// Until all that came before is durable; alone.
    package static let durable: UInt8 = 128
}
