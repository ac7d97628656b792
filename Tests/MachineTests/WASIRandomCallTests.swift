// Random calls with random arguments: nothing that a program asks for traps the host or breaks a record, and a program
// whose caches are dropped at every few instructions gets the same answers, byte by byte.

import Kernel
import Machine
import Objects
import Testing

struct WASIRandomCallTests {
    private static let words: [Int32] = [
        0, 1, 2, 3, 4, 5, 8, 13, 16, 32, 63, 64, 65, 96, 1024, 1025, 4095, 8192, 65488, 65504, 65532, 65535, 65536, -1,
        -8, .min, .max,
    ]
    private static let longs: [Int64] = [0, 1, 64, 1 << 32, 1 << 62, -1, .min, .max]

    private func random(
        _ argument: WASICall.Argument, _ generator: inout SeededGenerator
    ) -> WASICall.Argument {
        if generator.oneIn(2) { return argument }
        switch argument {
        case .long: return .long(Self.longs.randomElement(using: &generator) ?? 0)
        case .descriptor: return .descriptor(Int32.random(in: 0...3, using: &generator))
        case .pointer, .list, .listCount, .word: return .word(Self.words.randomElement(using: &generator) ?? 0)
        }
    }

    /// 200 calls, then a trap, which keeps memory and registers. Answers are added up, so that a wrong one is not lost.
    private func program(_ generator: inout SeededGenerator) -> String {
        var text: [String] = []
        while text.count < 200 {
            guard let call = WASICall.all.randomElement(using: &generator), call.name != "proc_exit" else { continue }
            if call.name == "fd_close" && !generator.oneIn(8) { continue }
            // A signal that ends the process would end the test of what comes after it.
            let signals: [Int32] = [0, 13, 18, 31, -1]
            var arguments = call.arguments.map { random($0, &generator) }
            if call.name == "proc_raise" { arguments = [.word(signals.randomElement(using: &generator) ?? 0)] }
            let asked = WASICall(call.name, arguments, answers: nil)
            text.append(
                """
                (local.set $i (i32.add (i32.mul (local.get $i) (i32.const 31)) \(asked.text())))
                (i32.store (i32.const 60000) (local.get $i))
                """)
        }
        return text.joined(separator: "\n") + "unreachable"
    }

    /// Runs the module, with 3 bytes of input where it waits for some, and time to the moment that it waits for. With
    /// `reloads` the caches are dropped after slices of 1 to 20 gas.
    private func run(_ module: [UInt8], reloads: UInt64?) throws -> (bench: Bench, process: CellID, waits: Int) {
        let bench = try Bench()
        var generator = SeededGenerator(seed: reloads ?? 0)
        let process = try bench.spawn(module, arguments: ["a", "b"], environment: ["c=d"], input: "unread")
        var waits = 0
        for _ in 0..<100 {
            while let running = try bench.kernel.processToRun() {
                let slice = reloads == nil ? .max : UInt64.random(in: 1...20, using: &generator)
                _ = try bench.machine.run(running, gasBound: slice)
                guard reloads != nil else { continue }
                try bench.machine.saveAll()
                bench.machine.forget(process)
            }
            guard try bench.state(process) == .waiting else { break }
            waits += 1
            if try bench.objects.get(process, ProcessRecord.waitsFor) & Waiting.input != 0 {
                try bench.kernel.deliverInput(Array("abc".utf8), ends: false, to: process)
            }
            let deadline = try bench.objects.get(process, ProcessRecord.deadline)
            if deadline > 1 << 60 { break }
            let now = bench.clock.monotonicNow
            try bench.pass(nanoseconds: deadline > now ? deadline - now : 1)
        }
        return (bench, process, waits)
    }

    @Test(arguments: 0..<24 as Range<UInt64>)
    func nothingThatIsAskedForHarmsTheHostOrDependsOnIt(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let module = try WASICall.program(program(&generator))
        let whole = try run(module, reloads: nil)
        try whole.bench.objects.checkRecords()
        let reloaded = try run(module, reloads: seed + 1)
        #expect(reloaded.waits == whole.waits)
        #expect(try reloaded.bench.log(reloaded.process) == whole.bench.log(whole.process))
        guard try whole.bench.state(whole.process) == .faulted else {
            // It waits for a moment that does not come.
            #expect(try whole.bench.objects.get(whole.process, ProcessRecord.deadline) > 1 << 60, "seed \(seed)")
            return
        }
        #expect(try reloaded.bench.gasClock == whole.bench.gasClock, "seed \(seed)")
        #expect(try reloaded.bench.pages() == whole.bench.pages(), "seed \(seed)")
    }
}
