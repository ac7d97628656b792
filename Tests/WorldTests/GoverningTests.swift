// Banks and meters over whole programs: what freezes and is refilled computes what it would have computed, and what fills a
// bank, or asks for more and more, takes nothing from who is outside of it.

import Foundation
import Testing
import World

struct GoverningTests {
    /// Sums over memory, a table of functions, a frame and a global, writes a line now and then, and exits.
    private static let program = """
        (module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory 1) (data (i32.const 0) "\\10\\00\\00\\00\\04\\00\\00\\00") (global $sum (mut i64) (i64.const 7))
          (table funcref (elem $double $triple))
          (func $double (param i64) (result i64) (i64.mul (local.get 0) (i64.const 2)))
          (func $triple (param i64) (result i64) (i64.mul (local.get 0) (i64.const 3)))
          (func $line (i32.store (i32.const 16)
              (i32.or (i32.const 0x0a202020) (i32.and (i32.wrap_i64 (global.get $sum)) (i32.const 0x0f0f0f))))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
          (func (export "_start") (local $i i32)
            (loop $again
              (global.set $sum (i64.add (i64.load (i32.mul (local.get $i) (i32.const 64)))
                (call_indirect (param i64) (result i64) (global.get $sum) (i32.and (local.get $i) (i32.const 1)))))
              (i64.store (i32.mul (local.get $i) (i32.const 512)) (global.get $sum))
              (memory.fill (i32.const 4096) (i32.wrap_i64 (global.get $sum)) (i32.const 600))
              (if (i32.eqz (i32.and (local.get $i) (i32.const 7))) (then (call $line)))
              (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40))))
            (call $exit (i32.wrap_i64 (i64.and (global.get $sum) (i64.const 63))))))
        """

    private struct Ending: Equatable {
        var output: String
        var exitCode: Int32?
        var gasUsed: UInt64
        var hash: String
    }

    /// Runs the program on a meter that gets `first` gas, then `each` as often as it freezes, and in the end has as much left
    /// as one that was given `all` at once.
    private func run(_ module: [UInt8], first: UInt64, each: UInt64, all: UInt64) throws -> (Ending, freezes: Int) {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        _ = try world.perform(.createMeter(CreateMeterRequest(path: "root/m", gas: first)))
        try world.run(module, name: "p", meter: "root/m")
        try world.bootUntilIdle()
        var given = first
        var freezes = 0
        while try world.row("p").state == .frozenGas {
            freezes += 1
            #expect(try world.row("p").gasUsed == given)
            _ = try world.perform(.refillMeter(path: "root/m", gas: each))
            given += each
            try world.bootUntilIdle()
        }
        if given < all { _ = try world.perform(.refillMeter(path: "root/m", gas: all - given)) }
        let row = try world.row("p")
        let ending = Ending(
            output: try world.output("p"), exitCode: row.exitCode, gasUsed: row.gasUsed, hash: try world.hash())
        try world.close()
        return (ending, freezes)
    }

    /// One freeze at each of the first thousand units of gas, and freezes at every k-th.
    @Test func frozenAndRefilledAnywhereItComesToTheSameEnd() throws {
        let module = try Assembler.module(Self.program)
        let all: UInt64 = 1_000_000
        let reference = try run(module, first: all, each: 0, all: all)
        #expect(reference.freezes == 0 && reference.0.gasUsed > 1_000 && !reference.0.output.isEmpty)
        for gas in 1...1_000 as ClosedRange<UInt64> {
            let ran = try run(module, first: gas, each: all - gas, all: all)
            #expect(ran.freezes == 1 && ran.0 == reference.0, "frozen at \(gas)")
        }
        for gas in [7, 13, 64, 333] as [UInt64] {
            let ran = try run(module, first: gas, each: gas, all: all)
            #expect(ran.freezes > 5 && ran.0 == reference.0, "frozen at every \(gas)")
        }
    }

    /// A bomb of processes and one of memory, in one small bank beside a victim.
    @Test func bombsInASmallBankTakeNothingFromAVictim() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch, limitBytes: 256 << 20)
        let spin = try Assembler.program(GasTests.spin)
        let fill = try Assembler.module(
            """
            (module (memory 1024) (func (export "_start") (local $i i32)
              (loop $again
                (drop (memory.grow (i32.const 1)))
                (i32.store (local.get $i) (i32.const 1))
                (local.set $i (i32.add (local.get $i) (i32.const 4096)))
                (br $again))))
            """)
        try world.run(spin, name: "victim")
        let before = try world.bank("root")
        _ = try world.perform(
            .createBank(path: "root/small", BankTermsRequest(limitBytes: .limited(2 << 20), limitCells: .limited(60))))
        try world.run(fill, name: "memory", bank: "root/small")
        var bombs = 0
        var refusal: WorldError?
        while refusal == nil {
            refusal = try worldError { try world.run(spin, name: "bomb\(bombs)", bank: "root/small") }
            if refusal == nil { bombs += 1 }
            #expect(bombs < 100)
        }
        #expect(refusal?.code == .bankExhausted && bombs > 20)
        // They go on making processes, which go on being refused or made, whenever there is room.
        let steps: UInt64 = 30_000_000
        for round in 0..<30 {
            try world.boot(steps: steps / 30)
            _ = try worldError { try world.run(spin, name: "later\(round)", bank: "root/small") }
        }
        #expect(try world.row("memory").state == .frozenSpace)
        let share = steps / UInt64(bombs + 1)
        let used = try world.row("victim").gasUsed
        // It has more than its share where bombs are frozen too.
        #expect(used >= share * 9 / 10, "\(used) of a share of \(share)")
        #expect(try world.bank("root/small").availableBytes == 0)

        _ = try world.perform(.destroyBank(path: "root/small", .reclaim))
        #expect(try world.processes().map(\.name) == ["victim"])
        try world.boot(steps: 1_000_000)
        #expect(try world.row("victim").gasUsed == used + 1_000_000, "it has the world for itself")
        // But for the pages of the kernel's tables into which the next strip and process go.
        let after = try world.bank("root")
        #expect(after.cells == before.cells && after.pages <= before.pages + 2)
        #expect(try world.problems() == [])
        try world.close()
    }

    /// Interrupted by kills wherever its checkpoints stand, a destruction ends as one that was not.
    @Test func aDestructionGoesOnAfterKills() throws {
        let scratch = try Scratch()
        var world = try World.make(scratch)
        let spin = try Assembler.program(GasTests.spin)
        _ = try world.perform(.createBank(path: "root/g", BankTermsRequest()))
        for number in 0..<4_000 { try world.run(spin, name: "p\(number)", bank: "root/g") }
        try world.run(spin, name: "stays")
        _ = try world.perform(.destroyBank(path: "root/g", .reclaim))
        _ = try world.perform(.checkpoint(name: nil))
        var pending: [UInt64] = []
        for _ in 0..<3 {
            world.abandon()
            world = try World.open(at: scratch.world, as: .host)
            #expect(try world.processes().map(\.name) == ["stays"])
            #expect(try world.problems() == [])
            guard case .fsck(let fsck) = try world.perform(.fsck) else { return }
            pending += fsck.pending.map(\.cells)
            try world.boot(steps: 100_000)
            _ = try world.perform(.checkpoint(name: nil))
        }
        #expect(pending.count == 3 && pending[0] > pending[1] && pending[1] > pending[2], "\(pending)")
        while case .status(let status) = try world.perform(.status), status.pendingBanks > 0 {
            try world.boot(steps: 10_000_000)
        }
        guard case .fsck(let fsck) = try world.perform(.fsck) else { return }
        #expect(fsck.problems == [] && fsck.pending == [])
        #expect(try world.bank("root").cells < 10)
        try world.close()
    }
}
