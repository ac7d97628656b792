// The figures for monitoring: right, answered while the world runs, and without a trace in it.

import Testing
import World

struct MetricsTests {
    @Test func questionsAndReadersChangeNoHash() throws {
        func make(_ scratch: Scratch) throws -> World {
            let world = try World.make(scratch, limitBytes: 4 << 20)
            try world.run(try Assembler.program("(loop $l (drop (call $sched_yield)) (br $l))"), name: "yields")
            try world.run(
                try Assembler.program(
                    """
                    (loop $l (i32.store (i32.and (local.get $i) (i32.const 0x3ff000)) (local.get $i))
                      (local.set $i (i32.add (local.get $i) (i32.const 4096))) (br $l))
                    """, memory: "64"), name: "fills", gas: 600_000)
            return world
        }
        let (quiet, asked) = (try Scratch(), try Scratch())
        let reference = try make(quiet)
        try reference.boot(steps: 3_000_000)
        let world = try make(asked)
        for _ in 0..<30 {
            try world.boot(steps: 100_000)
            guard case .metrics(let metrics) = try world.perform(.metrics) else {
                Issue.record("another answer than metrics")
                return
            }
            #expect(try metrics.status.gasClock == world.gasClock)
            _ = world.events.events(since: 0)
        }
        #expect(try world.hash() == reference.hash())
        #expect(try world.problems() == [])
        let states = try world.processes().map(\.state)
        guard case .metrics(let metrics) = try world.perform(.metrics) else { return }
        for count in metrics.processes {
            #expect(Int(count.processes) == states.filter { $0 == count.state }.count, "\(count.state)")
        }
        #expect(metrics.processes.reduce(0) { $0 + $1.processes } == 2)
        try world.close()
        try reference.close()
    }

    @Test func metricsAreAnsweredWhileManyAreCounted() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let module = try Assembler.module("(module (func (export \"_start\")))")
        for number in 0..<1_300 { try world.run(module, name: "p\(number)") }
        let booting = Task.detached { try world.boot(.init(until: .stopped)) }
        var answer: Answer?
        // Where the boot has not begun yet the request is refused.
        while answer == nil {
            do { answer = try await world.submit(.metrics) } catch { try await Task.sleep(for: .milliseconds(2)) }
        }
        guard case .metrics(let metrics) = answer else {
            Issue.record("another answer than metrics")
            return
        }
        #expect(metrics.processes.reduce(0) { $0 + $1.processes } == 1_300)
        #expect(metrics.status.state == .running)
        world.stop()
        try await booting.value
        try world.close()
    }
}
