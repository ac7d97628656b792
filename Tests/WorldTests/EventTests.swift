// A host's events: numbered, bounded, and no part of the world.

import Testing
import World

struct EventTests {
    private func event(_ name: String) -> WorldEvent {
        WorldEvent(.bankChanged, time: 1, gasClock: 2, name: name, path: "root/\(name)")
    }

    @Test func eventsAreNumberedAndReadFromAnyNumber() {
        let log = EventLog()
        for number in 0..<10 { log.record(event("b\(number)")) }
        let all = log.events(since: 0)
        #expect(all.events.map(\.sequence) == Array(0..<10) && all.next == 10 && !all.isEnded)
        #expect(log.events(since: 7).events.map(\.name) == ["b7", "b8", "b9"])
        let some = log.events(since: 2, limit: 3)
        #expect(some.events.map(\.sequence) == [2, 3, 4] && some.next == 5)
        let beyond = log.events(since: 99)
        #expect(beyond.events.isEmpty && beyond.next == 99)
        log.end()
        #expect(!log.events(since: 2, limit: 3).isEnded, "there is more")
        #expect(log.events(since: 7).isEnded && log.events(since: 99).isEnded)
        #expect(log.checkInvariants())
    }

    @Test func whatIsNoLongerKeptIsCounted() {
        let log = EventLog()
        for number in 0..<(EventLog.bound + 100) {
            log.record(event("b\(number)"))
            if number % 1_000 == 0 { #expect(log.checkInvariants()) }
        }
        #expect(log.checkInvariants() && log.count == EventLog.bound + 100)
        let batch = log.events(since: 30, limit: 4)
        #expect(batch.events.map(\.kind) == [.eventsDropped, .bankChanged, .bankChanged, .bankChanged])
        #expect(batch.events.first?.dropped == 70 && batch.events.first?.sequence == 30)
        #expect(batch.events.dropFirst().map(\.sequence) == [100, 101, 102] && batch.next == 103)
        #expect(log.events(since: 100).events.first?.kind == .bankChanged, "nothing of it is missing")
    }

    @Test func longPathsTakeTheirPlaceFromOthers() {
        let log = EventLog()
        let long = String(repeating: "x", count: EventLog.textBound / 4)
        for _ in 0..<10 {
            log.record(event(long))
            #expect(log.checkInvariants())
        }
        // Each has it twice, as name and path.
        #expect(log.events(since: 0).events.first?.dropped == 9)
        for _ in 0..<100 { log.record(event("b")) }
        #expect(log.events(since: 0).events.first?.dropped == 9, "there is room for what is short")
    }

    private func events(_ world: World) -> [WorldEvent] { world.events.events(since: 0, limit: 10_000).events }

    @Test func aBootIsTold() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Assembler.program("(call $proc_exit (i32.const 3))"), name: "three")
        // A boot begins with a checkpoint where something is not durable yet.
        _ = try world.perform(.checkpoint(name: nil))
        #expect(events(world).isEmpty, "no host runs it yet")
        try world.bootUntilIdle()
        let told = events(world)
        #expect(told.map(\.kind) == [.worldBooted, .processExited, .worldHalting, .checkpointDurable])
        #expect(told[1].name == "three" && told[1].exitCode == 3 && told[1].id == 1)
        let last = try #require(try world.checkpoints().last)
        #expect(told[3].id == last.id && told[3].bytesWritten == last.bytesWritten)
        #expect(told[3].commitMilliseconds == last.commitMilliseconds)
        #expect(try told[2].gasClock == world.gasClock && told[0].gasClock == 0)
        #expect(world.events.events(since: 4).isEnded)
        try world.run(try Assembler.program("(unreachable)"), name: "trap")
        _ = try world.perform(.checkpoint(name: nil))
        try world.bootUntilIdle()
        let more = events(world).dropFirst(4)
        #expect(more.map(\.kind) == [.worldBooted, .processFaulted, .worldHalting, .checkpointDurable])
        #expect(try more.dropFirst().first?.fault == world.inspect("trap").fault)
        #expect(more.map(\.sequence) == Array(4..<8), "a host counts on")
        try world.close()
    }
}
