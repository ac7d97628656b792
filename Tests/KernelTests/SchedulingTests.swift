// The ready queue and the timers against plain arrays, and the order in which processes have their turns.

import Kernel
import Objects
import Testing

@Suite struct SchedulingTests {
    /// A list through the records, from a field of the world page, followed forwards with its links back checked.
    private func list(_ world: TestWorld, from field: Field<UInt64>) throws -> [CellID] {
        var found: [CellID] = []
        var each = CellID(rawValue: try world.objects.world(field))
        var before = CellID.none
        while !each.isNone && found.count < 1000 {
            #expect(try world.objects.link(each, ProcessRecord.queuePrevious) == before)
            found.append(each)
            before = each
            each = try world.objects.link(each, ProcessRecord.queueNext)
        }
        return found
    }

    private func queue(_ world: TestWorld) throws -> [CellID] {
        let found = try list(world, from: WorldPage.readyFirst)
        #expect(try world.objects.world(WorldPage.readyLast) == found.last?.rawValue ?? 0)
        return found
    }

    @Test func processesHaveTheirTurnsInOrder() throws {
        let world = try TestWorld()
        let processes = try ["a", "b", "c"].map { try world.makeProcess($0) }
        for turn in 0..<9 {
            let process = try #require(try world.kernel.processToRun())
            #expect(process == processes[turn % 3])
            #expect(try world.kernel.processToRun() == process, "a quantum under way goes on")
            #expect(try world.kernel.isRunning(process))
            #expect(try world.objects.get(process, ProcessRecord.quantumLeft) == Kernel.defaultQuantumGas)
            if turn == 4 {
                try world.checkpoint()
                try world.killAndReopen()
                #expect(try world.kernel.processToRun() == process, "the turn is state")
            }
            try world.kernel.endQuantum()
            #expect(try world.objects.get(process, ProcessRecord.quantumLeft) == 0)
            #expect(try !world.kernel.isRunning(process))
        }
    }

    @Test func aNewQuantumKeepsWhatIsLeftAndSamplesTheClockAnew() throws {
        let world = try TestWorld()
        let process = try world.makeProcess("a")
        _ = try world.kernel.processToRun()
        try world.objects.set(process, ProcessRecord.quantumLeft, 5)
        try world.objects.setWorld(WorldPage.clockSampled, 1)
        _ = try world.kernel.processToRun()
        #expect(try world.objects.get(process, ProcessRecord.quantumLeft) == 5)
        #expect(try world.objects.world(WorldPage.clockSampled) == 1)
        try world.kernel.endQuantum()
        _ = try world.kernel.processToRun()
        #expect(try world.objects.world(WorldPage.clockSampled) == 0)
    }

    @Test func deadlinesExpireInTheirOrderThenById() throws {
        let world = try TestWorld()
        let processes = try (0..<6).map { try world.makeProcess("p\($0)") }
        for (process, deadline) in zip(processes, [30, 10, 20, 10, 40, 20] as [UInt64]) {
            try world.kernel.wait(process, input: false, deadline: deadline)
        }
        #expect(try world.kernel.processToRun() == nil)
        #expect(try world.kernel.earliestDeadline() == 10)
        try world.kernel.expireTimers(now: 9)
        #expect(try queue(world).isEmpty)
        try world.kernel.expireTimers(now: 30)
        #expect(try queue(world) == [1, 3, 2, 5, 0].map { processes[$0] })
        #expect(try world.kernel.earliestDeadline() == 40)
        #expect(try world.kernel.isTimerArmed)
        try world.kernel.expireTimers(now: .max)
        #expect(try world.kernel.earliestDeadline() == nil)
        #expect(try !world.kernel.isTimerArmed)
    }

    @Test func inputEndsAWaitForEitherAndTakesTheTimerOff() throws {
        let world = try TestWorld()
        let process = try world.makeProcess("a")
        let sleeper = try world.makeProcess("b")
        _ = try world.kernel.processToRun()
        try world.kernel.wait(process, input: true, deadline: 50)
        try world.kernel.endQuantum()
        try world.kernel.wait(sleeper, input: false, deadline: 60)
        try world.kernel.deliverInput([1], ends: false, to: sleeper)
        #expect(try world.kernel.state(of: sleeper) == .waiting, "it does not wait for input")
        try world.kernel.deliverInput([1], ends: false, to: process)
        #expect(try world.kernel.state(of: process) == .ready)
        #expect(try list(world, from: WorldPage.timerFirst) == [sleeper])
        #expect(try world.kernel.earliestDeadline() == 60)
        #expect(try queue(world) == [process])
        #expect(try world.objects.get(process, ProcessRecord.waitsFor) == 0)
    }

    private enum Model { case ready, stopped, waiting(input: Bool, deadline: UInt64?), over }

    /// READY-1 and TIMER-1 whatever happens.
    @Test(arguments: [31, 32, 33, 34] as [UInt64]) func queueAndTimersEqualTheirModel(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let world = try TestWorld()
        let processes = try (0..<12).map { try world.makeProcess("p\($0)") }
        var states = Dictionary(uniqueKeysWithValues: processes.map { ($0, Model.ready) })
        var ready = processes
        var running: CellID?
        var now: UInt64 = 0
        for step in 0..<3000 {
            let process = try #require(processes.randomElement(using: &generator))
            switch Int.random(in: 0..<9, using: &generator) {
            case 0, 1:
                if running == nil, !ready.isEmpty { running = ready.removeFirst() }
                #expect(try world.kernel.processToRun() == running)
            case 2:
                guard let ended = running else { continue }
                try world.kernel.endQuantum()
                running = nil
                if case .ready = states[ended] { ready.append(ended) }
            case 3, 4:
                guard case .ready = states[process] else { continue }
                let (input, timer) = (generator.oneIn(2), generator.oneIn(2))
                guard input || timer else { continue }
                let deadline = timer ? now + .random(in: 0...50, using: &generator) : nil
                try world.kernel.wait(process, input: input, deadline: deadline)
                states[process] = .waiting(input: input, deadline: deadline)
                ready.removeAll { $0 == process }
            case 5:
                now += .random(in: 0...20, using: &generator)
                try world.kernel.expireTimers(now: now)
                var due: [(UInt64, Int)] = []
                for (number, each) in processes.enumerated() {
                    if case .waiting(_, let deadline?) = states[each], deadline <= now {
                        due.append((deadline, number))
                    }
                }
                for (_, number) in due.sorted(by: <) {
                    states[processes[number]] = .ready
                    if processes[number] != running { ready.append(processes[number]) }
                }
            case 6:
                guard let state = states[process] else { continue }
                if case .over = state { continue }
                try world.kernel.deliverInput([], ends: false, to: process)
                if case .waiting(input: true, _) = state {
                    states[process] = .ready
                    if process != running { ready.append(process) }
                }
            case 7:
                guard let state = states[process] else { continue }
                switch state {
                case .over: continue
                case .ready, .waiting:
                    try world.kernel.setState(of: process, to: .stopped)
                    states[process] = .stopped
                    ready.removeAll { $0 == process }
                case .stopped:
                    try world.kernel.setState(of: process, to: .ready)
                    states[process] = .ready
                    if process != running { ready.append(process) }
                }
            default:
                guard generator.oneIn(120), process != running, let state = states[process] else { continue }
                if case .over = state { continue }
                try world.kernel.end(process, as: .faulted, exitCode: 1)
                states[process] = .over
                ready.removeAll { $0 == process }
            }
            let timers = Set(processes.filter { if case .waiting(_, .some) = states[$0] { true } else { false } })
            let listed = try list(world, from: WorldPage.timerFirst)
            #expect(try queue(world) == ready, "seed \(seed), step \(step)")
            #expect(Set(listed) == timers && listed.count == timers.count, "seed \(seed), step \(step)")
            var least: UInt64?
            for case .waiting(_, let deadline?) in states.values { least = min(least ?? .max, deadline) }
            #expect(try world.kernel.earliestDeadline() == least, "seed \(seed), step \(step)")
            if generator.oneIn(300) {
                try world.checkpoint()
                try world.killAndReopen()
            }
        }
    }
}
