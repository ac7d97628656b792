// Policies of an embedder: who may buy, and how long turns are.

import Foundation
import Testing
import World

struct PolicyTests {
    /// Everybody may buy up to a number of pages in all.
    private struct AtMost: BankPolicy {
        let pages: UInt64
        func room(for banks: [BankView]) -> BankRoom {
            let used = banks.last?.usedPages ?? 0
            return BankRoom(pages: pages > used ? pages - used : 0)
        }
    }

    /// Whoever is named so has turns of three times the gas, twice in a row; "never" has none beside others.
    private struct ByName: QuantumPolicy {
        func turn(of process: ReadyProcess) -> Turn? {
            switch process.name {
            case "never": nil
            case "long": Turn(gas: 3 * process.quantumGas, atATime: 2)
            default: Turn(gas: process.quantumGas, atATime: process.weight)
            }
        }
    }

    private static let fill = """
        (module (memory 1024) (func (export "_start") (local $i i32)
          (loop $again
            (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then (i32.store offset=4 (i32.const 0) (i32.const 7))))
            (i32.store (local.get $i) (i32.const 1))
            (local.set $i (i32.add (local.get $i) (i32.const 4096)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 4000000))))))
        """

    @Test func whatTheBankPolicyRefusesFreezesAndGoesOnWhenItAllows() throws {
        let scratch = try Scratch()
        try World.create(at: scratch.world, limitBytes: nil, seed: 1)
        var world = try World.open(
            at: scratch.world, as: .host, policies: World.Policies(bank: AtMost(pages: 200)))
        try world.run(try Assembler.module(Self.fill), name: "fill")
        try world.bootUntilIdle()
        #expect(try world.row("fill").state == .frozenSpace)
        #expect(try world.bank("root").pages == 200 && world.bank("root").availableBytes == 0)
        let refusal = try worldError {
            try world.run(try Assembler.module(Self.fill), name: "more", arguments: ["more"])
        }
        #expect(refusal?.code == .bankExhausted && refusal?.why.contains("policy") == true, "\(refusal?.why ?? "")")
        #expect(try world.problems() == [])
        try world.close()
        world = try World.open(at: scratch.world, as: .host, policies: World.Policies(bank: AtMost(pages: 5_000)))
        _ = try world.perform(.setBank(path: "root", BankTermsRequest()))
        try world.bootUntilIdle()
        #expect(try world.row("fill").state == .exited)
        try world.close()
    }

    @Test func theQuantumPolicySaysHowLongTurnsAre() throws {
        let scratch = try Scratch()
        try World.create(at: scratch.world, limitBytes: nil, seed: 1)
        let world = try World.open(at: scratch.world, as: .host, policies: World.Policies(quantum: ByName()))
        let spin = try Assembler.program(GasTests.spin)
        for name in ["short", "long", "never"] { try world.run(spin, name: name) }
        try world.boot(steps: 70_000_000)
        let used = try ["short", "long", "never"].map { try world.row($0).gasUsed }
        // Loading takes turns too, of each as many.
        #expect(used[1] > 5 * used[0] && used[1] < 7 * used[0], "\(used)")
        #expect(used[2] == 0)
        _ = try world.perform(.kill(process: "short"))
        _ = try world.perform(.kill(process: "long"))
        try world.boot(steps: 1_000_000)
        #expect(try world.row("never").gasUsed == 1_000_000, "where all pass, the first has its turn")
        try world.close()
    }

    /// The same steps, whole and cut in pieces, with a policy.
    @Test func slicesEndAlikeWithAPolicyToo() throws {
        let cuts: [[UInt64]] = [[5_000_000], [1, 2_499_999, 333, 2_499_667]]
        let hashes = try cuts.map { pieces in
            let scratch = try Scratch()
            try World.create(at: scratch.world, limitBytes: nil, seed: 1)
            var world = try World.open(at: scratch.world, as: .host, policies: World.Policies(quantum: ByName()))
            let spin = try Assembler.program(GasTests.spin)
            for name in ["short", "long", "never"] { try world.run(spin, name: name) }
            for steps in pieces {
                try world.boot(steps: steps)
                try world.close()
                world = try World.open(at: scratch.world, as: .host, policies: World.Policies(quantum: ByName()))
            }
            let hash = try world.hash()
            try world.close()
            return hash
        }
        #expect(hashes[0] == hashes[1])
    }

    /// Where a world is made one for less memory, those that ran longest ago leave until the rest fits.
    @Test func theMemoryOfAWorldIsChangedAndKept() throws {
        let scratch = try Scratch()
        try World.create(at: scratch.world, limitBytes: nil, seed: 1, memoryBytes: 4 << 30)
        var world = try World.open(at: scratch.world, as: .host)
        // Each takes an instance of the 4,800 that 300 MiB allow.
        let spin = try Assembler.program(GasTests.spin)
        for number in 0..<3 { try world.run(spin, name: "p\(number)") }
        try world.boot(steps: 1_000_000)
        #expect(try world.info().loadedProcesses == 3 && world.info().memoryBytes == 4 << 30)
        try world.boot(World.Boot(until: .steps(1_000_000), memoryBytes: 300 << 20))
        try world.close()
        world = try World.open(at: scratch.world, as: .host)
        #expect(try world.info().memoryBytes == 300 << 20 && world.info().loadedByteLimit == 100 << 20)
        #expect(try world.problems() == [])
        let refusal = try worldError { try world.boot(World.Boot(until: .steps(1), memoryBytes: 1 << 20)) }
        #expect(refusal?.code == .usage && refusal?.why.contains("1048576") == true)
        try world.close()
    }

    @Test func theGasOfAQuantumIsSetAndKept() throws {
        let scratch = try Scratch()
        var world = try World.make(scratch)
        let spin = try Assembler.program(GasTests.spin)
        for name in ["a", "b"] { try world.run(spin, name: name) }
        try world.boot(World.Boot(until: .steps(1_000_000), quantumGas: 1_000))
        let used = try ["a", "b"].map { try world.row($0).gasUsed }
        #expect(max(used[0], used[1]) - min(used[0], used[1]) <= 1_000, "\(used)")
        try world.close()
        world = try World.open(at: scratch.world, as: .host)
        try world.boot(World.Boot(until: .steps(1_000_000)))
        let later = try ["a", "b"].map { try world.row($0).gasUsed }
        #expect(max(later[0], later[1]) - min(later[0], later[1]) <= 1_000, "\(later)")
        for gas in [0, 1_000_000_001, .max] as [UInt64] {
            let refusal = try worldError { try world.boot(World.Boot(until: .steps(1), quantumGas: gas)) }
            #expect(refusal?.code == .usage)
        }
        try world.close()
    }
}
