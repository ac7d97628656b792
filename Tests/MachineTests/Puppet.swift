// A process that invokes what a test tells it to: so a test speaks of keys and orders, and still everything goes through a program's
// memory and registers.

import Kernel
import Machine
import Objects
import Testing

struct Puppet {
    /// What came back.
    struct Reply: Equatable {
        var code: Int32
        var words: [UInt64] = [0, 0, 0]
        var bytes: [UInt8] = []
        var keys: [Key] = [.void, .void, .void, .void]

        static func refused(_ code: ReplyCode) -> Int32 { code.rawValue }
    }

    private static let module = """
        (module
          (import "keyvm" "call" (func $call (param i32 i32 i32) (result i32)))
          (import "keyvm" "send" (func $send (param i32 i32) (result i32)))
          (import "keyvm" "return" (func $return (param i32 i32 i32) (result i32)))
          (import "keyvm" "copy" (func $copy (param i32 i32) (result i32)))
          (import "keyvm" "move" (func $move (param i32 i32) (result i32)))
          (import "keyvm" "clear" (func $clear (param i32) (result i32)))
          (import "keyvm" "map" (func $map (param i32 i32) (result i32)))
          (import "keyvm" "unmap" (func $unmap (param i32 i32) (result i32)))
          (memory 2)
          (func (export "poke") (param i32 i64) (i64.store (local.get 0) (local.get 1)))
          (func (export "peek") (param i32) (result i64) (i64.load (local.get 0)))
          (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 7) (local.get 1)))
          (func (export "divide") (param i32) (result i32) (i32.div_u (i32.const 6) (local.get 0)))
          (func (export "spin") (param i32) (result i32)
            (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 5))
          (func (export "map") (param i32 i32) (result i32) (call $map (local.get 0) (local.get 1)))
          (func (export "unmap") (param i32 i32) (result i32) (call $unmap (local.get 0) (local.get 1)))
          (func (export "copy") (param i32 i32) (result i32) (call $copy (local.get 0) (local.get 1)))
          (func (export "move") (param i32 i32) (result i32) (call $move (local.get 0) (local.get 1)))
          (func (export "clear") (param i32) (result i32) (call $clear (local.get 0)))
          (func (export "call") (param i32) (result i32) (call $call (local.get 0) (i32.const 0) (i32.const 64)))
          (func (export "send") (param i32) (result i32) (call $send (local.get 0) (i32.const 0)))
          (func (export "return") (param i32) (result i32) (call $return (local.get 0) (i32.const 0) (i32.const 64))))
        """
    /// Where its bytes go out from and come in to, and how many those are at most.
    private static let (outgoing, incoming, room): (UInt64, UInt64, UInt64) = (1 << 14, 1 << 16, 1 << 12)

    let bench: StoredBench
    let name: String

    /// In a bank that is there, or in the root.
    init(_ bench: StoredBench, _ name: String, bank: CellID? = nil) throws {
        self.bench = bench
        self.name = name
        _ = try bench.makeCalled(try Assembler.module(Self.module), name: name, bank: bank)
        try run()
    }

    var process: CellID { get throws { try bench.kernel.process(name) } }

    /// Runs until nothing is ready.
    func run() throws {
        while let next = try bench.kernel.processToRun() { _ = try bench.machine.run(next, gasBound: .max) }
    }

    /// Calls one of its functions, and goes on until nothing is ready.
    func enter(_ function: String, _ arguments: [UInt64] = []) throws {
        let process = try process
        let index = try bench.machine.function(function, of: 0, in: process).index
        try bench.machine.call(process, instance: 0, function: index, arguments: arguments)
        try run()
    }

    func poke(_ address: UInt64, _ word: UInt64) throws { try enter("poke", [address, word]) }

    func peek(_ address: UInt64) throws -> UInt64 {
        try enter("peek", [address])
        return try bench.machine.results(of: try process)[0]
    }

    /// Invokes a key by the import of this name, with others from its registers 16 to 19, and goes on until nothing is ready. Nil where it
    /// does not come back. What comes is in registers 8 to 11.
    func begin(
        _ key: Key, _ order: UInt32, _ words: [UInt64] = [], keys: [Key] = [], bytes: [UInt8] = [],
        by kind: String = "call"
    ) throws {
        let process = try process
        try bench.kernel.setRegister(6, of: process, to: key)
        for index in 0..<4 {
            try bench.kernel.setRegister(16 + index, of: process, to: index < keys.count ? keys[index] : .void)
            try bench.kernel.setRegister(8 + index, of: process, to: .void)
        }
        try begin(register: 6, order, words, from: [16, 17, 18, 19], into: [8, 9, 10, 11], bytes: bytes, by: kind)
    }

    /// The same with what its registers hold: key `register` is invoked, keys go out from and come in to those that are named.
    func begin(
        register: Int, _ order: UInt32, _ words: [UInt64] = [], from: [UInt8], into: [UInt8], bytes: [UInt8] = [],
        by kind: String = "call"
    ) throws {
        func word(_ registers: [UInt8]) -> UInt64 {
            (0..<4).reduce(0) { $0 | UInt64($1 < registers.count ? registers[$1] : 255) << UInt64(32 + 8 * $1) }
        }
        try poke(0, UInt64(order) | word(from))
        for index in 0..<3 { try poke(8 + 8 * UInt64(index), index < words.count ? words[index] : 0) }
        try poke(32, Self.outgoing | UInt64(bytes.count) << 32)
        for start in stride(from: 0, to: bytes.count, by: 8) {
            let piece = bytes[start..<min(start + 8, bytes.count)]
            try poke(Self.outgoing + UInt64(start), piece.reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
        try poke(64, word(into))
        for address in [72, 80, 88, 104] as [UInt64] { try poke(address, 0) }
        try poke(96, Self.incoming | Self.room << 32)
        try enter(kind, [UInt64(register)])
    }

    /// The code of what was begun, which is over.
    func code() throws -> Int32 { Int32(truncatingIfNeeded: try bench.machine.results(of: try process)[0]) }

    /// What came back of what was begun, which is over.
    func finish() throws -> Reply {
        let process = try process
        var reply = Reply(code: try code())
        reply.keys = try (0..<4).map { try bench.objects.register(8 + $0, of: process) }
        reply.words = try (0..<3).map { try peek(72 + 8 * $0) }
        let count = try peek(104) & 0xFFFF_FFFF
        for start in stride(from: 0, to: min(count, Self.room), by: 8) {
            let word = try peek(Self.incoming + start)
            reply.bytes += (0..<min(8, count - start)).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
        }
        return reply
    }

    @discardableResult
    func call(
        _ key: Key, _ order: UInt32, _ words: [UInt64] = [], keys: [Key] = [], bytes: [UInt8] = []
    ) throws -> Reply {
        try begin(key, order, words, keys: keys, bytes: bytes)
        return try finish()
    }

    /// Orders by their names.
    @discardableResult
    func call<Order: RawRepresentable<UInt32>>(
        _ key: Key, _ order: Order, _ words: [UInt64] = [], keys: [Key] = [], bytes: [UInt8] = []
    ) throws -> Reply {
        try call(key, order.rawValue, words, keys: keys, bytes: bytes)
    }

    func refusal<Order: RawRepresentable<UInt32>>(
        _ key: Key, _ order: Order, _ words: [UInt64] = [], keys: [Key] = [], bytes: [UInt8] = []
    ) throws -> ReplyCode? {
        let reply = try call(key, order, words, keys: keys, bytes: bytes)
        #expect(reply.code <= 0 && (reply.code == 0 || reply.keys == [.void, .void, .void, .void]))
        return reply.code == 0 ? nil : ReplyCode(rawValue: reply.code)
    }
}
