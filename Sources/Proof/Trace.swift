// The record that tools/lib/proof/recorder.c writes: calls that change files, syncs, and what the program told
// (specs/proof.md, The record).

import Glibc

/// One call, or what the program told.
struct TraceEvent {
    enum Kind: UInt32 {
        case begin = 1
        case open, close, write, truncate, allocate, syncBegins, syncEnds, rename, unlink, makeFolder, removeFolder,
            note
        case failed, unknown
    }

    struct Flags: OptionSet {
        let rawValue: UInt32
        static let created = Flags(rawValue: 1)
        static let emptied = Flags(rawValue: 2)
        static let synchronous = Flags(rawValue: 4)
        static let folder = Flags(rawValue: 8)
    }

    /// Flags of a sync's beginning: of the data alone.
    static let dataSync: UInt32 = 1

    let kind: Kind
    let descriptor: Int32
    let offset: UInt64
    let inode: UInt64
    /// Flags, or the number of what failed.
    let flags: UInt32
    let path: String
    let data: ArraySlice<UInt8>

    var text: String { String(decoding: data, as: UTF8.self) }
}

/// A record that does not hold.
struct TraceError: Error, CustomStringConvertible {
    let description: String
}

struct Trace {
    let events: [TraceEvent]

    private static let headerBytes = 40

    init(file: String) throws {
        let bytes = try contents(of: file)
        var events: [TraceEvent] = []
        var at = 0
        while at < bytes.count {
            guard bytes.count - at >= Self.headerBytes else { throw TraceError(description: "\(file) is cut short") }
            func number<Number: FixedWidthInteger>(_ offset: Int, _: Number.Type) -> Number {
                bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at + offset, as: Number.self) }
            }
            guard let kind = TraceEvent.Kind(rawValue: number(0, UInt32.self)) else {
                throw TraceError(description: "\(file) has no event at byte \(at)")
            }
            let length = Int(number(16, UInt64.self))
            let pathEnd = at + Self.headerBytes + Int(number(36, UInt32.self))
            guard pathEnd + length <= bytes.count else { throw TraceError(description: "\(file) is cut short") }
            if kind == .unknown {
                let name = String(decoding: bytes[at + Self.headerBytes..<pathEnd], as: UTF8.self)
                throw TraceError(description: "the recorder does not know what \(name) does to a file")
            }
            events.append(
                TraceEvent(
                    kind: kind, descriptor: number(4, Int32.self), offset: number(8, UInt64.self),
                    inode: number(24, UInt64.self), flags: number(32, UInt32.self),
                    path: String(decoding: bytes[at + Self.headerBytes..<pathEnd], as: UTF8.self),
                    data: bytes[pathEnd..<pathEnd + length]))
            at = pathEnd + length
        }
        self.events = events
    }
}
