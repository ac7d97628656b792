// A request as bytes of the journal (specs/journal.md, Request): every field in its order, nothing left out.

import FoundationEssentials

/// Bytes that are no request.
package struct RequestDecodingError: Error, Equatable {
    /// Where it is seen.
    package var offset: Int
}

extension Request {
    /// Bytes of the files, inputs and texts that it carries, about.
    var carriedBytes: Int {
        switch self {
        case .run(let run):
            run.module.count + run.links.reduce(0) { $0 + $1.module.count } + (run.input?.count ?? 0)
                + (run.arguments + run.environment).reduce(0) { $0 + $1.utf8.count + 4 }
        case .send(_, let data, _): data.count
        default: 0
        }
    }

    /// The bytes of a request that changes the world. Not for `halt` and what is said of checkpoints, which do not.
    package func encoded() -> [UInt8] {
        var bytes = RequestBytes()
        switch self {
        case .run(let run): bytes.append(run)
        case .send(let process, let data, let ends):
            bytes.append(byte: 2)
            bytes.append(process)
            bytes.append(ends)
            bytes.append(data)
        case .kill(let process): bytes.append(3, process)
        case .stop(let process): bytes.append(4, process)
        case .resume(let process): bytes.append(5, process)
        case .remove(let process): bytes.append(6, process)
        case .createBank(let path, let terms):
            bytes.append(7, path)
            bytes.append(terms)
        case .setBank(let path, let terms):
            bytes.append(8, path)
            bytes.append(terms)
        case .moveProcess(let process, let bank): bytes.append(9, process, bank)
        case .destroyBank(let path, let disposition):
            bytes.append(10, path)
            bytes.append(disposition == .returnToParent)
        case .createMeter(let meter):
            bytes.append(11, meter.path)
            bytes.append(meter.gas) { $0.append($1) }
            bytes.append(UInt64(meter.weight))
            bytes.append(meter.bank)
        case .refillMeter(let path, let gas):
            bytes.append(12, path)
            bytes.append(gas)
        case .setMeter(let path, let terms):
            bytes.append(13, path)
            bytes.append(terms.gas) { $0.append($1) }
            bytes.append(terms.weight) { $0.append(UInt64($1)) }
        case .moveToMeter(let process, let meter): bytes.append(14, process, meter)
        case .destroyMeter(let path): bytes.append(15, path)
        case .grantKey(let process, let register, let key):
            bytes.append(16, process)
            bytes.append(register)
            bytes.append(key)
        case .revokeKey(let process, let register):
            bytes.append(17, process)
            bytes.append(register)
        case .status, .info, .processes, .metrics, .inspect, .logs, .ending, .removal, .checkpoint, .checkpoints,
            .removeCheckpoint, .holdCheckpoint, .releaseCheckpoint, .retainCheckpoints, .retention, .rollback,
            .rollbackPreview, .past, .moment, .difference, .fork, .backup,
            .banks, .bank, .destruction, .consumers, .meters, .meter, .meterDestruction, .holders, .graph, .fsck, .hash,
            .halt:
            preconditionFailure("a request that changes nothing is not journaled")
        }
        return bytes.bytes
    }

    /// Reads a request; `reader` stands behind it then.
    package init(from reader: inout RequestReader) throws(RequestDecodingError) {
        let start = reader.offset
        switch try reader.byte() {
        case 1: self = .run(try reader.run())
        case 18:
            var run = try reader.run()
            run.grants = try reader.list { reader throws(RequestDecodingError) in
                KeyGrant(register: try reader.number(), key: try reader.text())
            }
            self = .run(run)
        case 2:
            let process = try reader.text()
            let ends = try reader.flag()
            self = .send(process: process, data: try reader.data(), ends: ends)
        case 3: self = .kill(process: try reader.text())
        case 4: self = .stop(process: try reader.text())
        case 5: self = .resume(process: try reader.text())
        case 6: self = .remove(process: try reader.text())
        case 7: self = .createBank(path: try reader.text(), try reader.terms())
        case 8: self = .setBank(path: try reader.text(), try reader.terms())
        case 9: self = .moveProcess(process: try reader.text(), bank: try reader.text())
        case 10: self = .destroyBank(path: try reader.text(), try reader.flag() ? .returnToParent : .reclaim)
        case 11:
            let path = try reader.text()
            let gas = try reader.optional { reader throws(RequestDecodingError) in try reader.number() }
            let weight = try reader.smallNumber()
            self = .createMeter(CreateMeterRequest(path: path, gas: gas, weight: weight, bank: try reader.text()))
        case 12: self = .refillMeter(path: try reader.text(), gas: try reader.number())
        case 13:
            let path = try reader.text()
            let gas = try reader.optional { reader throws(RequestDecodingError) in try reader.limit() }
            let weight = try reader.optional { reader throws(RequestDecodingError) in try reader.smallNumber() }
            self = .setMeter(path: path, MeterTermsRequest(gas: gas, weight: weight))
        case 14: self = .moveToMeter(process: try reader.text(), meter: try reader.text())
        case 15: self = .destroyMeter(path: try reader.text())
        case 16:
            let process = try reader.text()
            let register = try reader.number()
            self = .grantKey(process: process, register: register, key: try reader.text())
        case 17: self = .revokeKey(process: try reader.text(), register: try reader.number())
        default: throw RequestDecodingError(offset: start)
        }
    }
}

/// Fields behind each other.
struct RequestBytes {
    private(set) var bytes: [UInt8] = []

    mutating func append(byte: UInt8) { bytes.append(byte) }
    mutating func append(_ flag: Bool) { bytes.append(flag ? 1 : 0) }
    mutating func append(_ number: UInt64) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
    mutating func append(_ text: String) { append(Data(text.utf8)) }

    mutating func append(_ data: Data) {
        withUnsafeBytes(of: UInt32(data.count).littleEndian) { bytes += $0 }
        bytes += data
    }

    mutating func append(_ limit: Limit) { append(limit.value) { $0.append($1) } }

    mutating func append<Value>(_ value: Value?, _ body: (inout RequestBytes, Value) -> Void) {
        append(value != nil)
        if let value { body(&self, value) }
    }

    mutating func append(_ list: [String]) {
        withUnsafeBytes(of: UInt32(list.count).littleEndian) { bytes += $0 }
        for text in list { append(text) }
    }

    /// A kind of request, and texts.
    mutating func append(_ kind: UInt8, _ texts: String...) {
        append(byte: kind)
        for text in texts { append(text) }
    }

    mutating func append(_ terms: BankTermsRequest) {
        append(terms.limitBytes) { $0.append($1) }
        append(terms.limitCells) { $0.append($1) }
        append(terms.reserveBytes) { $0.append($1) }
    }

    mutating func append(_ run: RunRequest) {
        append(byte: run.grants == nil ? 1 : 18)
        append(run.module)
        withUnsafeBytes(of: UInt32(run.links.count).littleEndian) { bytes += $0 }
        for link in run.links {
            append(link.name)
            append(link.module)
        }
        append(run.name) { $0.append($1) }
        append(run.defaultName)
        append(run.arguments)
        append(run.environment)
        append(run.invoke) { $0.append($1) }
        append(run.bank)
        append(run.meter)
        append(run.gas) { $0.append($1) }
        append(run.limitBytes) { $0.append($1) }
        append(run.logBytes)
        append(run.input) { $0.append($1) }
        append(run.inputEnds)
        guard let grants = run.grants else { return }
        withUnsafeBytes(of: UInt32(grants.count).littleEndian) { bytes += $0 }
        for grant in grants {
            append(grant.register)
            append(grant.key)
        }
    }
}

/// Reads what `RequestBytes` has written; every length is checked before anything is taken.
package struct RequestReader {
    private let bytes: [UInt8]
    package private(set) var offset = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var isAtEnd: Bool { offset == bytes.count }

    private mutating func take(_ count: Int) throws(RequestDecodingError) -> ArraySlice<UInt8> {
        guard count <= bytes.count - offset else { throw RequestDecodingError(offset: offset) }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    private mutating func integer(_ count: Int) throws(RequestDecodingError) -> UInt64 {
        try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    package mutating func byte() throws(RequestDecodingError) -> UInt8 { UInt8(try integer(1)) }

    mutating func flag() throws(RequestDecodingError) -> Bool {
        let value = try byte()
        guard value <= 1 else { throw RequestDecodingError(offset: offset - 1) }
        return value == 1
    }

    mutating func number() throws(RequestDecodingError) -> UInt64 { try integer(8) }

    mutating func smallNumber() throws(RequestDecodingError) -> UInt32 {
        guard let small = UInt32(exactly: try number()) else { throw RequestDecodingError(offset: offset - 8) }
        return small
    }

    mutating func data() throws(RequestDecodingError) -> Data { Data(try take(Int(try integer(4)))) }

    package mutating func text() throws(RequestDecodingError) -> String {
        let start = offset
        guard let text = String(validating: try take(Int(try integer(4))), as: UTF8.self) else {
            throw RequestDecodingError(offset: start)
        }
        return text
    }

    mutating func optional<Value>(
        _ body: (inout RequestReader) throws(RequestDecodingError) -> Value
    ) throws(RequestDecodingError) -> Value? {
        try flag() ? try body(&self) : nil
    }

    /// As many as are said to be there, each of them of a byte at least.
    mutating func list<Value>(
        _ body: (inout RequestReader) throws(RequestDecodingError) -> Value
    ) throws(RequestDecodingError) -> [Value] {
        let start = offset
        let count = Int(try integer(4))
        guard count <= bytes.count - offset else { throw RequestDecodingError(offset: start) }
        var found: [Value] = []
        for _ in 0..<count { found.append(try body(&self)) }
        return found
    }

    mutating func limit() throws(RequestDecodingError) -> Limit {
        try flag() ? .limited(try number()) : .unlimited
    }

    mutating func terms() throws(RequestDecodingError) -> BankTermsRequest {
        let limitBytes = try optional { reader throws(RequestDecodingError) in try reader.limit() }
        let limitCells = try optional { reader throws(RequestDecodingError) in try reader.limit() }
        let reserve = try optional { reader throws(RequestDecodingError) in try reader.number() }
        return BankTermsRequest(limitBytes: limitBytes, limitCells: limitCells, reserveBytes: reserve)
    }

    mutating func run() throws(RequestDecodingError) -> RunRequest {
        let module = try data()
        let links = try list { reader throws(RequestDecodingError) in
            LinkedModule(name: try reader.text(), module: try reader.data())
        }
        let name = try optional { reader throws(RequestDecodingError) in try reader.text() }
        let defaultName = try text()
        let arguments = try list { reader throws(RequestDecodingError) in try reader.text() }
        let environment = try list { reader throws(RequestDecodingError) in try reader.text() }
        let invoke = try optional { reader throws(RequestDecodingError) in try reader.text() }
        let bank = try text()
        let meter = try text()
        let gas = try optional { reader throws(RequestDecodingError) in try reader.number() }
        let limitBytes = try optional { reader throws(RequestDecodingError) in try reader.number() }
        let logBytes = try number()
        let input = try optional { reader throws(RequestDecodingError) in try reader.data() }
        return RunRequest(
            module: module, links: links, name: name, defaultName: defaultName, arguments: arguments,
            environment: environment, invoke: invoke, bank: bank, meter: meter, gas: gas, limitBytes: limitBytes,
            logBytes: logBytes, input: input, inputEnds: try flag())
    }
}
