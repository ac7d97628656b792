// poll_oneoff with several subscriptions: which events come, when, in which order, and what is in each of their bytes.

import Kernel
import Objects
import Testing

struct WASIPollTests {
    /// An event as it lies in memory.
    struct Event: Equatable {
        let user: UInt64
        var errno: UInt16 = 0
        let kind: UInt8
        var bytes: UInt64 = 0
        var flags: UInt16 = 0
    }

    private static let clock = TimeCallTests.clock
    private static let stream = TimeCallTests.descriptor

    /// Where subscription `index` lies.
    private static func at(_ index: Int) -> Int { 96 + 48 * index }

    /// Polls `count` subscriptions, with ones where the events come and 32 bytes beyond, and writes all of that to the
    /// log behind how many there are; exits with the call's answer.
    private static func poll(_ count: Int, events: Int = 8192) -> String {
        """
        (memory.fill (i32.const \(events)) (i32.const 255)
          (select (i32.const 0) (i32.const \(32 * count + 32)) (i32.lt_u (i32.const \(events)) (i32.const 8192))))
        (local.set $i
          (call $poll_oneoff (i32.const 96) (i32.const \(events)) (i32.const \(count)) (i32.const 32)))
        (i32.store (i32.const 0) (i32.const 32)) (i32.store (i32.const 4) (i32.const 4))
        (i32.store (i32.const 8) (i32.const \(events))) (i32.store (i32.const 12) (i32.const \(32 * count + 32)))
        (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 2) (i32.const 40)))
        (if (local.get $i) (then (call $proc_exit (local.get $i))))

        """
    }

    private func spawn(
        _ bench: Bench, _ subscriptions: [String], input: String = "", inputEnds: Bool = false
    ) throws -> CellID {
        let body = subscriptions.joined(separator: "\n") + Self.poll(subscriptions.count)
        return try bench.spawn(try WASICall.program(body), input: input, inputEnds: inputEnds)
    }

    /// The events of poll `number`; checks that padding is zero and that nothing was written behind them.
    private func events(_ bench: Bench, _ process: CellID, poll number: Int = 0) throws -> [Event] {
        let polls = try bench.kernel.readLog(process, since: 0, limitBytes: .max)
        let bytes = try #require(polls.dropFirst(number).first).bytes
        func integer(_ at: Int, _ width: Int) -> UInt64 {
            bytes[at..<at + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        let count = Int(integer(0, 4))
        #expect(bytes.dropFirst(4 + 32 * count).allSatisfy { $0 == 255 }, "beyond the last event")
        return (0..<count).map { index in
            let at = 4 + 32 * index
            #expect(integer(at + 11, 5) == 0 && integer(at + 26, 6) == 0, "padding")
            return Event(
                user: integer(at, 8), errno: UInt16(integer(at + 8, 2)), kind: bytes[at + 10],
                bytes: integer(at + 16, 8), flags: UInt16(integer(at + 24, 2)))
        }
    }

    /// The events of a poll that does not wait.
    private func events(_ subscriptions: [String], input: String = "", inputEnds: Bool = false) throws -> [Event] {
        let bench = try Bench()
        let process = try spawn(bench, subscriptions, input: input, inputEnds: inputEnds)
        try bench.runAll()
        #expect(try bench.state(process) == .exited)
        #expect(try bench.exitCode(process) == 0)
        #expect(try bench.objects.get(process, ProcessRecord.pollBegun) == 0)
        return try events(bench, process)
    }

    // MARK: What comes at once

    @Test func eventsComeInTheOrderOfTheSubscriptions() throws {
        let subscriptions = [
            Self.stream(Self.at(0), 11, 2, 1), Self.clock(Self.at(1), 12, 1, 0, false),
            Self.stream(Self.at(2), 13, 1, 0), Self.clock(Self.at(3), 14, 0, 0, false),
            Self.stream(Self.at(4), 15, 2, 2),
        ]
        #expect(
            try events(subscriptions, input: "xyz") == [
                Event(user: 11, kind: 2, bytes: 65536), Event(user: 12, kind: 0),
                Event(user: 13, kind: 1, bytes: 3), Event(user: 14, kind: 0),
                Event(user: 15, kind: 2, bytes: 65536),
            ])
    }

    @Test func onlyWhatHasHappenedHasAnEvent() throws {
        let subscriptions = [
            Self.stream(Self.at(0), 1, 1, 0), Self.clock(Self.at(1), 2, 1, 1000, false),
            Self.stream(Self.at(2), 3, 2, 1), Self.clock(Self.at(3), 4, 0, 1, true),
            Self.clock(Self.at(4), 5, 1, 1 << 62, true),
        ]
        #expect(try events(subscriptions) == [Event(user: 3, kind: 2, bytes: 65536), Event(user: 4, kind: 0)])
    }

    @Test func equalSubscriptionsHaveAnEventEach() throws {
        let input = Self.stream
        #expect(
            try events(
                [input(Self.at(0), 7, 1, 0), input(Self.at(1), 7, 1, 0), Self.clock(Self.at(2), 7, 1, 0, false)]
                    + [Self.clock(Self.at(3), 7, 1, 0, false)], input: "x")
                == [
                    Event(user: 7, kind: 1, bytes: 1), Event(user: 7, kind: 1, bytes: 1), Event(user: 7, kind: 0),
                    Event(user: 7, kind: 0),
                ])
    }

    @Test func whatIsWrongWithOneIsInItsEvent() throws {
        let wrong: [(String, Event)] = [
            (Self.stream(Self.at(1), 5, 1, 3), Event(user: 5, errno: 8, kind: 1)),
            (Self.stream(Self.at(1), 5, 2, -1), Event(user: 5, errno: 8, kind: 2)),
            (Self.stream(Self.at(1), 5, 2, 0), Event(user: 5, errno: 76, kind: 2)),
            (Self.stream(Self.at(1), 5, 1, 1), Event(user: 5, errno: 76, kind: 1)),
            (Self.stream(Self.at(1), 5, 1, 2), Event(user: 5, errno: 76, kind: 1)),
            (Self.clock(Self.at(1), 5, 2, 0, false), Event(user: 5, errno: 28, kind: 0)),
            (Self.clock(Self.at(1), 5, -1, 0, true), Event(user: 5, errno: 28, kind: 0)),
        ]
        for (subscription, event) in wrong {
            // Beside one that waits: the error does not.
            let waits = Self.clock(Self.at(0), 1, 1, 1000, false)
            #expect(try events([waits, subscription]) == [event])
            // Beside one that has happened.
            let happened = Self.clock(Self.at(0), 1, 1, 0, false)
            #expect(try events([happened, subscription]) == [Event(user: 1, kind: 0), event])
        }
    }

    @Test func aClosedDescriptorIsItsEventsError() throws {
        let close = "(drop (call $fd_close (i32.const 0)))"
        #expect(
            try events([close + Self.stream(Self.at(0), 5, 1, 0), Self.stream(Self.at(1), 6, 2, 1)], input: "x")
                == [Event(user: 5, errno: 8, kind: 1), Event(user: 6, kind: 2, bytes: 65536)])
    }

    @Test func withoutTheTimersKeyClocksAreRefusedAndStreamsAreNot() throws {
        let bench = try Bench()
        let process = try spawn(
            bench, [Self.clock(Self.at(0), 1, 1, 1000, false), Self.stream(Self.at(1), 2, 1, 0)], input: "x")
        try bench.objects.setRegister(5, of: process, to: .device(.clock))
        try bench.runAll()
        #expect(
            try events(bench, process) == [Event(user: 1, errno: 76, kind: 0), Event(user: 2, kind: 1, bytes: 1)])
        #expect(try bench.objects.world(WorldPage.clockSampled) == 0, "and the clock is not read")
    }

    @Test func theEndOfTheInputIsTheFlagForHangingUpWhenAllIsRead() throws {
        let subscription = Self.stream(Self.at(0), 5, 1, 0)
        #expect(try events([subscription], inputEnds: true) == [Event(user: 5, kind: 1, flags: 1)])
        #expect(try events([subscription], input: "ab", inputEnds: true) == [Event(user: 5, kind: 1, bytes: 2)])
    }

    @Test func anOutputSaysHowMuchOneWriteTakes() throws {
        let bench = try Bench()
        let body = Self.stream(Self.at(0), 5, 2, 1) + Self.poll(1)
        let process = try bench.spawn(try WASICall.program(body), streamBytes: 8192)
        try bench.runAll()
        #expect(try events(bench, process) == [Event(user: 5, kind: 2, bytes: 8192 / 4 - 16)])
    }

    @Test func kindsAndFlagsThatThereAreNotAreInvalid() throws {
        let good = Self.clock(Self.at(0), 1, 1, 0, false)
        for wrong in [
            "(i32.store8 (i32.const \(Self.at(1) + 8)) (i32.const 3))",
            "(i32.store8 (i32.const \(Self.at(1) + 8)) (i32.const 255))",
            Self.clock(Self.at(1), 2, 1, 0, false) + "(i32.store16 (i32.const \(Self.at(1) + 40)) (i32.const 2))",
            Self.clock(Self.at(1), 2, 1, 0, false) + "(i32.store16 (i32.const \(Self.at(1) + 40)) (i32.const 256))",
        ] {
            let bench = try Bench()
            let process = try spawn(bench, [good, wrong])
            try bench.runAll()
            #expect(try bench.exitCode(process) == 28)
            #expect(try events(bench, process) == [], "nothing was written")
        }
    }

    @Test func asManyAsACallMayHave() throws {
        let subscriptions = (0..<64).map { Self.clock(Self.at($0), 100 + $0, $0 % 2, 0, false) }
        #expect(try events(subscriptions) == (0..<64).map { Event(user: 100 + $0, kind: 0) })
    }

    @Test func eventsMayLieOverTheirSubscriptions() throws {
        let bench = try Bench()
        let body =
            (0..<3).map { Self.clock(Self.at($0), 20 + $0, 1, 0, false) }.joined() + Self.poll(3, events: 96)
                + """
                (call $proc_exit (i32.add (i32.load (i32.const 32))
                  (i32.add (i32.mul (i32.load (i32.const 96)) (i32.load (i32.const 128))) (i32.load (i32.const 160)))))
                """
        let process = try bench.spawn(try WASICall.program(body))
        try bench.runAll()
        #expect(try bench.exitCode(process) == 3 + 20 * 21 + 22)
    }

    // MARK: Waiting

    @Test func clocksOfAllSortsComeAtTheSameMoment() throws {
        let bench = try Bench()
        let (realtime, monotonic) = (Int(bench.time.realtime), Int(bench.clock.monotonicNow))
        let process = try spawn(
            bench,
            [
                Self.clock(Self.at(0), 1, 0, realtime + 500, true), Self.clock(Self.at(1), 2, 0, 500, false),
                Self.clock(Self.at(2), 3, 1, monotonic + 500, true), Self.clock(Self.at(3), 4, 1, 500, false),
                Self.clock(Self.at(4), 5, 1, 501, false), Self.stream(Self.at(5), 6, 1, 0),
            ])
        try bench.runAll()
        #expect(try bench.objects.get(process, ProcessRecord.waitsFor) == Waiting.input | Waiting.timer)
        try bench.pass(nanoseconds: 499)
        #expect(try bench.state(process) == .waiting)
        try bench.pass(nanoseconds: 1)
        try bench.runAll()
        #expect(try events(bench, process) == (1...4).map { Event(user: $0, kind: 0) })
    }

    @Test func inputAndAMomentThatCameMeanwhileComeTogether() throws {
        let bench = try Bench()
        let process = try spawn(
            bench, [Self.clock(Self.at(0), 1, 1, 500, false), Self.stream(Self.at(1), 2, 1, 0)])
        try bench.runAll()
        bench.time.now += 600
        try bench.kernel.deliverInput([65, 66], ends: false, to: process)
        try bench.runAll()
        #expect(try events(bench, process) == [Event(user: 1, kind: 0), Event(user: 2, kind: 1, bytes: 2)])
    }

    @Test func aCallThatIsMadeAgainWaitsForTheSameMoment() throws {
        let bench = try Bench()
        let process = try spawn(
            bench, [Self.clock(Self.at(0), 1, 1, 500, false), Self.stream(Self.at(1), 2, 1, 0)])
        try bench.runAll()
        let deadline = try bench.objects.get(process, ProcessRecord.deadline)
        for _ in 0..<3 {
            // Input of no bytes wakes it, and there is nothing to read; another host may have it by then.
            try bench.machine.saveAll()
            bench.machine.forget(process)
            bench.time.now += 100
            try bench.kernel.deliverInput([], ends: false, to: process)
            #expect(try bench.state(process) == .ready)
            try bench.runAll()
            #expect(try bench.state(process) == .waiting)
            #expect(try bench.objects.get(process, ProcessRecord.deadline) == deadline)
        }
        try bench.pass(nanoseconds: 200)
        try bench.runAll()
        #expect(try events(bench, process) == [Event(user: 1, kind: 0)])
    }

    @Test func theNextCallBeginsAnew() throws {
        let bench = try Bench()
        let once = Self.clock(Self.at(0), 1, 1, 500, false) + Self.poll(1)
        let process = try bench.spawn(try WASICall.program(once + once))
        try bench.runAll()
        try bench.pass(nanoseconds: 500)
        try bench.runAll()
        #expect(try bench.state(process) == .waiting, "the second")
        try bench.pass(nanoseconds: 499)
        #expect(try bench.state(process) == .waiting)
        try bench.pass(nanoseconds: 1)
        try bench.runAll()
        #expect(try bench.state(process) == .exited)
        #expect(try events(bench, process, poll: 0) == events(bench, process, poll: 1))
    }

    @Test(arguments: [(0, true), (0, false), (1, true), (1, false)])
    func noMomentIsTooFar(_ id: Int, _ isAbsolute: Bool) throws {
        // The run loop adds moments to the host's own time.
        for timeout in [-1, Int.min, Int.max] {
            let bench = try Bench()
            let process = try spawn(bench, [Self.clock(Self.at(0), 1, id, timeout, isAbsolute)])
            try bench.runAll()
            #expect(try bench.state(process) == .waiting)
            #expect(try bench.objects.get(process, ProcessRecord.deadline) <= UInt64(Int64.max))
            #expect(try bench.objects.get(process, ProcessRecord.deadline) > UInt64(Int64.max) / 2)
        }
    }

    @Test func notWaitingIsForReadingAndNotForPolling() throws {
        let bench = try Bench()
        let body =
            "(drop (call $fd_fdstat_set_flags (i32.const 0) (i32.const 4)))" + Self.stream(Self.at(0), 5, 1, 0)
            + Self.poll(1)
        let process = try bench.spawn(try WASICall.program(body))
        try bench.runAll()
        #expect(try bench.state(process) == .waiting)
        try bench.kernel.deliverInput([], ends: true, to: process)
        try bench.runAll()
        #expect(try events(bench, process) == [Event(user: 5, kind: 1, flags: 1)])
    }

    @Test func eventsThatThereIsNoSpaceForFreezeTheCallBeforeItBegins() throws {
        // The page that the events come to was never written; the bank has what the process needs besides.
        let body =
            Self.clock(Self.at(0), 1, 1, 500, false) + """
                (drop (call $poll_oneoff (i32.const 96) (i32.const 8192) (i32.const 1) (i32.const 32)))
                """
        let module = try WASICall.program(body)
        var frozen = 0
        for limit in UInt64(3)..<16 {
            let bench = try Bench()
            guard let process = try? bench.spawn(module, limitPages: limit) else { continue }
            try bench.runAll()
            guard try bench.state(process) == .frozenSpace else { continue }
            frozen += 1
            #expect(try bench.objects.get(process, ProcessRecord.pollBegun) == 0)
            #expect(try bench.kernel.isTimerArmed == false)
        }
        #expect(frozen > 0)
    }
}
