// Clock, entropy, waiting for moments, and giving the turn away.

import Devices
import Kernel
import Objects
import Testing

struct TimeCallTests {
    /// A subscription to clock `id` at `at`, its user word `user`.
    static func clock(_ at: Int, user: Int, id: Int = 1, nanoseconds: Int, isAbsolute: Bool = false) -> String {
        """
        (i64.store (i32.const \(at)) (i64.const \(user))) (i32.store8 (i32.const \(at + 8)) (i32.const 0))
        (i32.store (i32.const \(at + 16)) (i32.const \(id)))
        (i64.store (i32.const \(at + 24)) (i64.const \(nanoseconds)))
        (i32.store16 (i32.const \(at + 40)) (i32.const \(isAbsolute ? 1 : 0)))
        """
    }

    /// A subscription to reading (kind 1) or writing (kind 2) a descriptor.
    static func descriptor(_ at: Int, user: Int, kind: Int = 1, _ descriptor: Int) -> String {
        """
        (i64.store (i32.const \(at)) (i64.const \(user))) (i32.store8 (i32.const \(at + 8)) (i32.const \(kind)))
        (i32.store (i32.const \(at + 16)) (i32.const \(descriptor)))
        """
    }

    /// Polls the subscriptions at 96 and exits with 1,000 × (number of events) + 100 × (first error ≠ 0) + first user word.
    static func poll(_ count: Int) -> String {
        """
        (if (call $poll_oneoff (i32.const 96) (i32.const 1024) (i32.const \(count)) (i32.const 32))
          (then (call $proc_exit (i32.const -1))))
        (call $proc_exit
          (i32.add (i32.mul (i32.load (i32.const 32)) (i32.const 1000))
            (i32.add (i32.mul (i32.load16_u (i32.const 1032)) (i32.const 100)) (i32.load (i32.const 1024)))))
        """
    }

    static func read(_ clock: Int, to at: Int) -> String {
        "(if (call $clock_time_get (i32.const \(clock)) (i64.const 1) (i32.const \(at))) (then unreachable))"
    }

    @Test func theClockIsSampledOnceInAQuantum() throws {
        // Three readings in one quantum are one; the next quantum's is later, and clocks never go back.
        let bench = try Bench()
        bench.time.tick = 1000
        let process = try bench.spawn(
            try Assembler.program(
                """
                \(Self.read(1, to: 64)) \(Self.read(1, to: 72)) \(Self.read(0, to: 80))
                (drop (call $sched_yield))
                \(Self.read(1, to: 88)) \(Self.read(0, to: 96))
                (if (i64.ne (i64.load (i32.const 64)) (i64.load (i32.const 72)))
                  (then (call $proc_exit (i32.const 1))))
                (if (i64.le_u (i64.load (i32.const 88)) (i64.load (i32.const 72)))
                  (then (call $proc_exit (i32.const 2))))
                (if (i64.le_u (i64.load (i32.const 96)) (i64.load (i32.const 80)))
                  (then (call $proc_exit (i32.const 3))))
                (if (i64.lt_u (i64.load (i32.const 80)) (i64.const 1600000000000000000))
                  (then (call $proc_exit (i32.const 4))))
                (call $proc_exit (i32.const 0))
                """))
        let inputs = try bench.objects.world(WorldPage.nextInput)
        try bench.runAll()
        #expect(try bench.exitCode(process) == 0)
        #expect(try bench.objects.world(WorldPage.nextInput) == inputs + 2, "each sample is an input")
    }

    @Test(arguments: [0, 1])
    func clocksCountSingleNanoseconds(_ clock: Int) throws {
        let bench = try Bench()
        let process = try bench.spawn(
            try WASICall.program(
                """
                (i64.store (i32.const 64) (i64.const -1))
                (if (call $clock_res_get (i32.const \(clock)) (i32.const 64)) (then unreachable))
                (call $proc_exit (i64.ne (i64.load (i32.const 64)) (i64.const 1)))
                """))
        try bench.runAll()
        #expect(try bench.state(process) == .exited && bench.exitCode(process) == 0)
    }

    @Test func aMonotonicClockStandsStillWhileNoHostRuns() throws {
        let bench = try Bench()
        _ = try bench.clock.sample()
        let before = try bench.objects.world(WorldPage.clockMonotonic)
        bench.time.now += 3_600_000_000_000
        // The next host's clock begins where this one's last sample left it.
        let next = try Clock(objects: bench.objects, source: bench.time)
        #expect(next.monotonicNow == before)
        bench.time.now += 5
        #expect(next.monotonicNow == before + 5)
    }

    @Test func entropyOfASeedRepeatsItself() throws {
        let body = """
            (if (call $random_get (i32.const 64) (i32.const 100)) (then unreachable))
            (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 100))
            (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
            """
        func bytes(seed: UInt64) throws -> [UInt8] {
            let bench = try Bench(seed: seed)
            let process = try bench.spawn(try Assembler.program(body))
            try bench.runAll()
            return try bench.kernel.readLog(process, since: 0, limitBytes: .max).flatMap(\.bytes)
        }
        let first = try bytes(seed: 7)
        #expect(first.count == 100)
        #expect(Set(first).count > 40, "they are not all alike")
        #expect(try bytes(seed: 7) == first)
        #expect(try bytes(seed: 8) != first)
        // SHA-256 of the key and of block numbers 0, 1, …
        let entropy = try Bench(seed: 7).machine.entropy
        #expect(try entropy.take(32) == Array(first.prefix(32)))
        #expect(try entropy.take(40) == Array(first[32..<72]), "it goes on with the next block")
        #expect(try entropy.take(4) == Array(first[96..<100]), "blocks are used up whole")
    }

    @Test(arguments: [1, 40, 1_000_000_000])
    func aRelativeTimeoutWaitsSoLongWithoutGas(_ nanoseconds: Int) throws {
        let bench = try Bench()
        let process = try bench.spawn(
            try Assembler.program(Self.clock(96, user: 7, nanoseconds: nanoseconds) + Self.poll(1)))
        try bench.runAll()
        #expect(try bench.state(process) == .waiting)
        #expect(try bench.objects.get(process, ProcessRecord.waitsFor) == Waiting.timer)
        let stopped = try bench.gasClock
        try bench.pass(nanoseconds: UInt64(nanoseconds) - 1)
        #expect(try bench.state(process) == .waiting)
        try bench.pass(nanoseconds: 1)
        #expect(try bench.state(process) == .ready)
        #expect(try bench.gasClock == stopped)
        try bench.runAll()
        #expect(try bench.exitCode(process) == 1007)
        #expect(try bench.objects.get(process, ProcessRecord.pollBegun) == 0)
        #expect(try bench.kernel.isTimerArmed == false)
    }

    @Test func aTimeoutOfNothingAndMomentsThatAreOverDoNotWait() throws {
        #expect(try Bench().exitCode(of: Self.clock(96, user: 7, nanoseconds: 0) + Self.poll(1)) == 1007)
        for clock in [0, 1] {
            let code = try Bench().exitCode(
                of: Self.clock(96, user: 7, id: clock, nanoseconds: 0, isAbsolute: true) + Self.poll(1))
            #expect(code == 1007)
        }
    }

    @Test(arguments: [0, 1])
    func anAbsoluteMomentIsWaitedFor(_ clock: Int) throws {
        let bench = try Bench()
        let start = clock == 0 ? bench.time.realtime : bench.clock.monotonicNow
        let process = try bench.spawn(
            try Assembler.program(
                Self.clock(96, user: 7, id: clock, nanoseconds: Int(start) + 500, isAbsolute: true) + Self.poll(1)))
        try bench.runAll()
        #expect(try bench.state(process) == .waiting)
        try bench.pass(nanoseconds: 499)
        #expect(try bench.state(process) == .waiting)
        try bench.pass(nanoseconds: 1)
        try bench.runAll()
        #expect(try bench.exitCode(process) == 1007)
    }

    @Test func theEarliestOfSeveralMomentsComesFirst() throws {
        let bench = try Bench()
        let process = try bench.spawn(
            try Assembler.program(
                Self.clock(96, user: 1, nanoseconds: 300) + Self.clock(144, user: 2, nanoseconds: 200)
                    + Self.clock(192, user: 3, nanoseconds: 200) + Self.poll(3)))
        try bench.runAll()
        try bench.pass(nanoseconds: 200)
        try bench.runAll()
        #expect(try bench.exitCode(process) == 2002, "two are due, and the first of them is 2")
    }

    @Test func waitingForInputOrAMomentEndsWithEither() throws {
        let body = Self.descriptor(96, user: 5, 0) + Self.clock(144, user: 7, nanoseconds: 1000) + Self.poll(2)
        let timed = try Bench()
        let sleeper = try timed.spawn(try Assembler.program(body))
        try timed.runAll()
        #expect(try timed.objects.get(sleeper, ProcessRecord.waitsFor) == Waiting.input | Waiting.timer)
        try timed.pass(nanoseconds: 1000)
        try timed.runAll()
        #expect(try timed.exitCode(sleeper) == 1007)

        let fed = try Bench()
        let reader = try fed.spawn(try Assembler.program(body))
        try fed.runAll()
        try fed.kernel.deliverInput([65], ends: false, to: reader)
        #expect(try fed.kernel.isTimerArmed == false)
        try fed.runAll()
        #expect(try fed.exitCode(reader) == 1005)
        #expect(try fed.kernel.unreadInput(reader) == 1, "it was not read")
    }

    @Test func descriptorsAreReadyAsTheyAre() throws {
        let poll = Self.poll(1)
        #expect(try Bench().exitCode(of: Self.descriptor(96, user: 5, 0) + poll, input: "x") == 1005)
        #expect(try Bench().exitCode(of: Self.descriptor(96, user: 5, 0) + poll, inputEnds: true) == 1005)
        #expect(try Bench().exitCode(of: Self.descriptor(96, user: 5, kind: 2, 1) + poll) == 1005)
        #expect(try Bench().exitCode(of: Self.descriptor(96, user: 5, 9) + poll) == 1805, "EBADF is the event's")
        #expect(try Bench().exitCode(of: Self.clock(96, user: 5, id: 2, nanoseconds: 1) + poll) == 3805)
    }

    @Test func yieldingGivesTheRestOfTheQuantumAway() throws {
        // Two that write and yield take turns; without yielding the first would write both its letters first.
        let body = { (letter: Character) in
            """
            (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 1))
            (i32.store8 (i32.const 64) (i32.const \(letter.asciiValue ?? 0)))
            (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
            (drop (call $sched_yield))
            (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
            """
        }
        let bench = try Bench()
        let first = try bench.spawn(try Assembler.program(body("a")), name: "a")
        let second = try bench.spawn(try Assembler.program(body("b")), name: "b")
        var order: [String] = []
        while let process = try bench.kernel.processToRun() {
            order.append(process == first ? "a" : "b")
            #expect(process == first || process == second)
            _ = try bench.machine.run(process, gasBound: .max)
        }
        #expect(order == ["a", "b", "a", "b"])
        #expect(try bench.log(first) == "aa" && bench.log(second) == "bb")
    }

    @Test(arguments: [0, 1, 7, 255, 256, -1, 2_147_483_647])
    func theExitCodeIsTheOneGiven(_ code: Int32) throws {
        #expect(try Bench().exitCode(of: "(call $proc_exit (i32.const \(code))) unreachable") == code)
    }
}
