// Programs whose code does not fit into the working set together: they give turns to be loaded, by turns, and whoever is
// beside them has what is its own.

import Interpreter
import Kernel
import Objects
import Testing

struct WorkingSetTests {
    /// A program that loops for ever, and has so many instructions that are never executed.
    private static func loop(nops: Int) -> [UInt8] {
        func leb(_ number: Int) -> [UInt8] { (0..<5).map { UInt8(number >> (7 * $0) & 127) | ($0 < 4 ? 128 : 0) } }
        func section(_ id: UInt8, _ contents: [UInt8]) -> [UInt8] { [id] + leb(contents.count) + contents }
        let loop: [UInt8] = [0, 0x03, 0x40, 0x0C, 0, 0x0B, 0x0B]
        let rest: [UInt8] = [0] + [UInt8](repeating: 0x01, count: nops) + [0x0B]
        return Array("\0asm".utf8) + [1, 0, 0, 0] + section(1, [1, 0x60, 0, 0]) + section(3, [2, 0, 0])
            + section(7, [1, 6] + Array("_start".utf8) + [0, 0])
            + section(10, [2] + leb(loop.count) + loop + leb(rest.count) + rest)
    }

    private func bench() throws -> (bench: Bench, large: [CellID], neighbour: CellID) {
        let bench = try Bench()
        let large = try [5_000_000, 5_000_001].map { try bench.spawn(Self.loop(nops: $0), name: "large-\($0)") }
        return (bench, large, try bench.spawn(Self.loop(nops: 0), name: "neighbour"))
    }

    @Test func programsThatDoNotFitTogetherTakeTurnsToBeThere() throws {
        let (bench, large, neighbour) = try bench()
        for program in large {
            #expect(try bench.kernel.loadPrice(of: program) > 1_000 * Kernel.defaultQuantumGas)
            #expect(try bench.kernel.loadPrice(of: program) > bench.kernel.workingSetBounds.footprint)
        }
        var loads = 0
        var before = try large.map { try bench.kernel.isLoaded($0) }
        while try bench.gasClock < 500_000_000 {
            try bench.run(gas: 1_000_000)
            let now = try large.map { try bench.kernel.isLoaded($0) }
            loads += zip(before, now).filter { !$0 && $1 }.count
            before = now
            #expect(now != [true, true], "they do not fit together")
        }
        #expect(loads >= 3, "one was loaded again after it had made room")
        let used = try (large + [neighbour]).map { try bench.gasUsed($0) }
        #expect(used[0] > 50_000_000 && used[1] > 50_000_000, "both go on")
        #expect(used[2] > 200_000_000, "the neighbour had a turn for each of theirs, those that they gave included")
    }

    @Test func whereHostsSliceExecutionMakesNoDifferenceToLoading() throws {
        let whole = try bench().bench
        try whole.run(gas: 250_000_000)
        let sliced = try bench().bench
        var generator = SeededGenerator(seed: 5)
        while try sliced.gasClock < 250_000_000 {
            let gas = min(UInt64.random(in: 1...5_000_000, using: &generator), 250_000_000 - (try sliced.gasClock))
            try sliced.run(gas: gas, slice: .random(in: 30_000...200_000, using: &generator))
            if gas % 16 == 0 {
                try sliced.machine.saveAll()
                try sliced.kernel.forEachProcess { sliced.machine.forget($0) }
            }
        }
        #expect(try sliced.pages() == whole.pages())
    }
}
