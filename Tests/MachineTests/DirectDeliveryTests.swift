// The short way of a message and the long one: whichever it goes, the same world comes of it, page for page.

import Kernel
import Machine
import Objects
import Testing

@Suite struct DirectDeliveryTests {
    /// What a process does again and again: an invocation or a yield, with the heads of its messages.
    private struct Script {
        private static let (heads, kinds, results, bytes) = (0x4000, 0x2000, 0x3000, 0x8000)
        private static let headBytes = 96
        private static let yields = 3
        static let steps = 60

        var data = ""

        /// Servers wait for a message and reply by register 11; some of them call others in between, and all who are none call.
        init(isServer: Bool, calls: ClosedRange<Int>, _ generator: inout SeededGenerator) {
            for step in 0..<Self.steps {
                let kind = kind(isServer: isServer, calls.isEmpty, &generator)
                var register = kind == InvocationKind.return.rawValue ? 11 : Int.random(in: calls, using: &generator)
                if kind == InvocationKind.return.rawValue, Int.random(in: 0..<60, using: &generator) == 0 {
                    register = 255
                }
                let head = Self.heads + Self.headBytes * step
                word(Self.kinds + 8 * step, UInt32(kind))
                word(Self.kinds + 8 * step + 4, UInt32(register))
                word(head, UInt32(step))
                word(head + 4, registers(in: [6, 10, 12, 13, 14, 15, 255], last: nil, &generator))
                for index in 0..<3 { word(head + 8 + 8 * index, .random(in: 0...9, using: &generator)) }
                place(head + 32, &generator)
                word(head + 52, registers(in: [12, 13, 14, 15, 16, 255], last: 11, &generator))
                place(head + 80, &generator)
            }
        }

        private func kind(isServer: Bool, _ callsNobody: Bool, _ generator: inout SeededGenerator) -> UInt8 {
            let dice = Int.random(in: 0..<20, using: &generator)
            if isServer, dice < 15 || callsNobody { return InvocationKind.return.rawValue }
            return dice == 19 ? 0 : dice == 18 ? InvocationKind.send.rawValue : InvocationKind.call.rawValue
        }

        private func registers(in some: [UInt8], last: UInt8?, _ generator: inout SeededGenerator) -> UInt32 {
            var word: UInt32 = 0
            for index in 0..<4 {
                var register = some[Int.random(in: some.indices, using: &generator)]
                // A resume key that is put elsewhere keeps its caller waiting until that is overwritten.
                if index == 3, let last {
                    let dice = Int.random(in: 0..<60, using: &generator)
                    register = dice == 0 ? register : dice < 6 ? 255 : last
                }
                word |= UInt32(register) << UInt32(8 * index)
            }
            return word
        }

        /// Bytes: mostly none, else few, in one page or in two.
        private mutating func place(_ at: Int, _ generator: inout SeededGenerator) {
            let count = Int.random(in: 0..<3, using: &generator) > 0 ? 0 : Int.random(in: 1...300, using: &generator)
            let isAcross = Int.random(in: 0..<4, using: &generator) == 0
            word(at, UInt32(Self.bytes + 4096 * Int.random(in: 1...5, using: &generator) - (isAcross ? 40 : 600)))
            word(at + 4, UInt32(count))
        }

        private mutating func word(_ at: Int, _ value: UInt32) {
            let text = (0..<4).map { "\\" + String(0x100 + Int(value >> UInt32(8 * $0) & 0xFF), radix: 16).dropFirst() }
            data += "(data (i32.const \(at)) \"\(text.joined())\")\n"
        }

        /// What each invocation answers is noted.
        static let body = """
            (loop $l
              (local.set $n (i32.load (i32.add (i32.const \(kinds)) (i32.shl (local.get $i) (i32.const 3)))))
              (i32.store (i32.add (i32.const \(results)) (i32.shl (local.get $i) (i32.const 2)))
                (if (result i32) (i32.eqz (local.get $n)) (then (call $yield)) (else
                  (if (result i32) (i32.eq (local.get $n) (i32.const 1)) (then (call $call \(arguments) \(received))) (else
                    (if (result i32) (i32.eq (local.get $n) (i32.const 2)) (then (call $send \(arguments))) (else
                      (call $return \(arguments) \(received)))))))))
              (local.set $i (i32.rem_u (i32.add (local.get $i) (i32.const 1)) (i32.const \(steps))))
              (br $l))
            """
        private static let arguments = """
            (i32.load (i32.add (i32.const \(kinds + 4)) (i32.shl (local.get $i) (i32.const 3)))) \
            (i32.add (i32.const \(heads)) (i32.mul (local.get $i) (i32.const \(headBytes))))
            """
        private static let received = """
            (i32.add (i32.const \(heads + 48)) (i32.mul (local.get $i) (i32.const \(headBytes))))
            """
    }

    /// A world of servers, servers that call them, and callers; in registers 6 to 9 of each are keys to those before it.
    private static func bench(seed: UInt64, deliversDirectly: Bool) throws -> Bench {
        var generator = SeededGenerator(seed: seed)
        let bench = try Bench(deliversDirectly: deliversDirectly)
        let bank = try bench.kernel.rootBank
        var servers: [CellID] = []
        for number in 0..<12 {
            let isServer = number < 5
            let script = Script(isServer: isServer, calls: number < 3 ? 10...10 : 6...10, &generator)
            let process = try bench.spawn(
                try InvocationTests.program(Script.body, data: script.data), name: "p\(number)",
                // Some have little, and freeze and go on.
                gas: number == 7 ? 300_000 : nil)
            for register in 6..<10 where !servers.isEmpty {
                let server = servers[Int.random(in: servers.indices, using: &generator)]
                var key = Key.start(
                    try bench.objects.get(server, ProcessRecord.id), badge: .random(in: 0...9, using: &generator))
                if register == 9 {
                    let forwarder = try bench.objects.buyCell(.forwarder, bank: bank)
                    try bench.objects.mutableCell(forwarder).store(key, at: NodeRecord.keys)
                    key = Key(
                        .forwarder, generation: try bench.objects.get(forwarder, CellHeader.generation),
                        id: forwarder.rawValue)
                }
                try bench.kernel.setRegister(register, of: process, to: key)
            }
            for register in [10, 12, 13] {
                try bench.kernel.setRegister(register, of: process, to: Key(.number, id: UInt64(number)))
            }
            if isServer { servers.append(process) }
        }
        return bench
    }

    private static func run(_ bench: Bench, gas: UInt64, slice: UInt64 = .max, isCold: Bool = false) throws {
        let end = try bench.gasClock + gas
        while try bench.gasClock < end, let process = try bench.kernel.processToRun() {
            _ = try bench.machine.run(process, gasBound: min(slice, end - bench.gasClock))
            if isCold { try bench.kernel.forEachProcess { try bench.machine.deactivate($0) } }
        }
    }

    @Test(arguments: 1...12) func theSameWorldComesOfBothWays(seed: UInt64) throws {
        let gas: UInt64 = 2_000_000
        let long = try Self.bench(seed: seed, deliversDirectly: false)
        try Self.run(long, gas: gas)
        let expected = try long.pages()
        #expect(long.machine.directDeliveries == 0)
        for (slice, isCold) in [(UInt64.max, false), (4_001, false), (997, true)] {
            let short = try Self.bench(seed: seed, deliversDirectly: true)
            try Self.run(short, gas: gas, slice: slice, isCold: isCold)
            #expect(try short.gasClock == long.gasClock)
            #expect(try short.pages() == expected, "slices of \(slice)")
            if !isCold { #expect(short.machine.directDeliveries > 100) }
        }
    }

    /// Cut just where a message was delivered, whatever the host keeps.
    @Test(arguments: [3, 7]) func theSameWorldIsCutAtEachDelivery(seed: UInt64) throws {
        let hot = try Self.bench(seed: seed, deliversDirectly: true)
        let cold = try Self.bench(seed: seed, deliversDirectly: true)
        let long = try Self.bench(seed: seed, deliversDirectly: false)
        for bench in [hot, cold, long] { try Self.run(bench, gas: 60_000) }
        var cuts = 0
        for _ in 0..<40_000 {
            let before = hot.machine.directDeliveries
            try Self.run(hot, gas: 1)
            try Self.run(cold, gas: 1, isCold: true)
            try Self.run(long, gas: 1)
            guard hot.machine.directDeliveries != before else { continue }
            cuts += 1
            let expected = try hot.pages()
            #expect(try cold.pages() == expected && long.pages() == expected)
        }
        #expect(cuts > 5)
    }
}
