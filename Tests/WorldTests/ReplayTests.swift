// What a killed world is when it is opened again: the one that it was, with every input that was acknowledged, once.

import Foundation
import Objects
import Store
import Testing
import World

@Suite struct ReplayTests {
    private func orders(_ count: Int, _ running: RunningWorld, _ generator: inout SeededGenerator) async throws {
        var banks = ["root"]
        var meters = ["root"]
        let echo = Data(try Programs.c("echo"))
        let naps = Data(try Programs.c("naps"))
        let work = Data(try Programs.c("work"))
        for number in 0..<count {
            let names = await running.processes.map(\.name)
            let name = names.randomElement(using: &generator) ?? "none"
            let bank = banks.randomElement(using: &generator) ?? "root"
            let meter = meters.randomElement(using: &generator) ?? "root"
            switch Int.random(in: 0..<22, using: &generator) {
            case 0..<8:
                let text = String(repeating: "line \(number) ", count: Int.random(in: 1...9, using: &generator))
                _ = await running.ask(
                    .send(process: name, data: Data((text + "\n").utf8), ends: generator.next() % 9 == 0))
            case 8: _ = await running.ask(.kill(process: name))
            case 9: _ = await running.ask(.remove(process: name))
            case 10: _ = await running.ask(.stop(process: name))
            case 11, 12: _ = await running.ask(.resume(process: name))
            case 13:
                let path = "\(bank)/b\(number)"
                let terms = BankTermsRequest(
                    limitBytes: .limited(4 << 20), reserveBytes: number % 2 == 0 ? 65_536 : nil)
                if await running.ask(.createBank(path: path, terms)) != nil { banks.append(path) }
            case 14:
                guard bank != "root" else { break }
                banks.removeAll { $0 == bank || $0.hasPrefix(bank + "/") }
                _ = await running.ask(.destroyBank(path: bank, number % 2 == 0 ? .reclaim : .returnToParent))
                banks = ["root"]
            case 15: _ = await running.ask(.moveProcess(process: name, bank: bank))
            case 16:
                let path = "\(meter)/m\(number)"
                let made = CreateMeterRequest(path: path, gas: 1_000_000, weight: 3, bank: bank)
                if await running.ask(.createMeter(made)) != nil { meters.append(path) }
            case 17: _ = await running.ask(.refillMeter(path: meter, gas: 500_000))
            case 18: _ = await running.ask(.checkpoint(name: nil))
            default:
                let kind = Int.random(in: 0..<4, using: &generator)
                let module = kind == 0 ? work : kind == 1 ? naps : echo
                let letter = kind == 0 ? "w" : kind == 1 ? "n" : "e"
                _ = await running.ask(
                    .run(
                        RunRequest(
                            module: module, name: "\(letter)\(number)", defaultName: "p", arguments: ["p", "a"],
                            bank: bank,
                            meter: meter, gas: kind == 0 ? 3_000_000 : nil,
                            limitBytes: number % 3 == 0 ? 2 << 20 : nil)))
            }
            if number % 10 == 0 { try await Task.sleep(for: .milliseconds(Int.random(in: 0...20, using: &generator))) }
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func aWorldThatIsKilledIsTheOneThatItWas(seed: UInt64) async throws {
        let scratch = try Scratch()
        var generator = SeededGenerator(seed: seed)
        let world = try World.make(scratch, limitBytes: 64 << 20)
        // Whatever is sold is looked at because of it, though it cannot go on.
        try world.run(try Assembler.program(SpaceTests.touch, memory: "64"), name: "hog", limitBytes: 1 << 20)
        let running = RunningWorld(world, every: .seconds(600))
        var replayed: UInt64 = 0
        for life in 0..<3 {
            try await orders(60, running, &generator)
            try await running.standsStill()
            let (outputs, hash) = (await running.outputs, try #require(await running.hash))
            let copy = try scratch.copyWorld(to: "copy-\(life)")
            #expect(World.condition(at: copy) == .crashed)

            let reader = try World.open(at: copy, as: .reader)
            #expect(try reader.hash() == hash, "seed \(seed), life \(life)")
            #expect(try reader.problems() == [])
            for (name, items) in outputs { #expect(try reader.records(name) == items, "\(name)") }
            let status = try reader.perform(.status)
            guard case .status(let status) = status else { throw Asking.anotherAnswer(status) }
            #expect(status.state == .crashed && status.journal.replayed == status.journal.records)
            replayed += status.journal.records
            try reader.close()

            let host = try World.open(at: copy, as: .host)
            #expect(try host.hash() == hash)
            #expect(try host.problems() == [])
            try host.close()
            #expect(World.condition(at: copy) == .halted)
            #expect(!FileManager.default.fileExists(atPath: copy + "/journal"))
            let again = try World.open(at: copy, as: .reader)
            #expect(try again.hash() == hash)
            try again.close()
        }
        #expect(replayed > 30, "\(replayed) records were taken in again")
        await running.stop()
        let end = try world.hash()
        try world.close()
        #expect(!FileManager.default.fileExists(atPath: scratch.world + "/journal"))
        let halted = try World.open(at: scratch.world, as: .reader)
        #expect(try halted.hash() == end)
        try halted.close()
    }

    /// A host that is killed again and again, while somebody sends it numbers: whoever was told that a number was taken finds it, once
    /// and in its place.
    @Test(arguments: [11, 12, 13] as [UInt64])
    func whatWasAcknowledgedIsThereOnce(seed: UInt64) async throws {
        let scratch = try Scratch()
        var generator = SeededGenerator(seed: seed)
        let world = try World.make(scratch)
        try world.run(try Programs.c("echo"), name: "echo")
        try world.close()
        var acknowledged = 0
        for life in 0..<6 {
            let microseconds = UInt32.random(in: 20_000...120_000, using: &generator)
            let interval = life % 2 == 0 ? 600_000 : 7
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [
                    path = scratch.world as String, microseconds = microseconds as UInt32,
                    acknowledged = acknowledged as Int, interval = interval as Int
                ] in
                let world = try World.open(at: path, as: .host)
                let running = RunningWorld(world, every: .milliseconds(interval))
                let told = open(path + ".told", O_WRONLY | O_CREAT | O_APPEND, 0o644)
                let killer = Thread {
                    usleep(microseconds)
                    kill(getpid(), SIGKILL)
                }
                killer.start()
                var number = acknowledged
                while true {
                    number += 1
                    _ = try await running.world.submit(
                        .send(process: "echo", data: Data("number \(number)\n".utf8), ends: false), id: "n\(number)")
                    let line = Array("\(number)\n".utf8)
                    _ = write(told, line, line.count)
                }
            }
            let lines = try? String(contentsOfFile: scratch.world + ".told", encoding: .utf8)
            let told = lines?.split(separator: "\n").last.flatMap { Int($0) } ?? 0
            // Another one may have been on its way.
            let again = try World.open(at: scratch.world, as: .host)
            let ids = again.replayedRequests.map(\.id)
            try again.bootUntilIdle()
            let output = try again.output("echo").split(separator: "\n").filter { !$0.hasPrefix("argument") }
            let expected = (1...max(1, output.count)).map { "\($0): number \($0)" }
            #expect(output.map(String.init) == (output.isEmpty ? [] : expected), "seed \(seed), life \(life)")
            // Of one that was on its way before and came, nobody was told.
            let known = max(told, acknowledged)
            #expect(
                output.count == known || output.count == known + 1,
                "seed \(seed), life \(life): \(output.count) came, \(told) were told")
            #expect(try again.problems() == [])
            // Whoever asks what became of them is told of all that no checkpoint has.
            let last = (output.count - ids.count)..<output.count
            #expect(ids == last.map { "n\($0 + 1)" }, "seed \(seed), life \(life)")
            #expect(interval < 1_000 || ids.count == output.count - acknowledged, "seed \(seed), life \(life)")
            acknowledged = output.count
            try again.close()
        }
        #expect(acknowledged > 5, "\(acknowledged)")
    }

    /// What was changed while nobody ran the world, or by the boot itself, is no less safe than what comes in.
    @Test(arguments: [false, true]) func aBootThatIsKilledAtOnceHasWhatWasAcknowledged(isCrashed: Bool) async throws {
        let scratch = try Scratch()
        try World.make(scratch).close()
        for round in 0..<4 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = scratch.world as String, round = round as Int] in
                let world = try World.open(at: path, as: .host)
                try world.run(try Programs.c("echo"), name: "echo-\(round)")
                let boot = World.Boot(every: .seconds(600), quantumGas: UInt64(10_000 + round))
                let thread = Thread { try? world.boot(boot) }
                thread.start()
                while true {
                    let line = Request.send(process: "echo-\(round)", data: Data("hello\n".utf8), ends: false)
                    if (try? await world.submit(line)) != nil { kill(getpid(), SIGKILL) }
                }
            }
            if isCrashed { continue }
            let again = try World.open(at: scratch.world, as: .host)
            #expect(try again.info().quantumGas == UInt64(10_000 + round))
            #expect(try again.problems() == [])
            try again.close()
        }
        let end = try World.open(at: scratch.world, as: .host)
        try end.bootUntilIdle()
        for round in 0..<4 { #expect(try end.output("echo-\(round)").hasSuffix("1: hello\n")) }
        try end.close()
    }

    /// More pages than the host may have in memory are changed since the last checkpoint: it is replayed through others.
    @Test func aReplayOfMoreThanFitsIntoMemoryComesToTheSame() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let running = RunningWorld(world, every: .seconds(600))
        for number in 0..<4 {
            let run = RunRequest(
                module: Data(try Assembler.program(SpaceTests.touch, memory: "64")), name: "touch\(number)",
                defaultName: "t")
            _ = try await world.submit(.run(run))
        }
        try await running.standsStill()
        _ = await running.outputs
        // Something comes in behind all that, so that it is run again.
        _ = try await world.submit(.createBank(path: "root/b", BankTermsRequest()))
        let hash = try #require(await running.hash)
        let copy = try scratch.copyWorld()
        let small = try World.open(at: copy, as: .host, budgetPages: 256)
        #expect(try small.hash() == hash)
        #expect(try small.checkpoints().count > 5, "it went through several")
        try small.close()
        await running.stop()
        try world.close()
    }

    @Test func aJournalThatDoesNotBelongToTheStoreIsRefused() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("echo"), name: "echo")
        let running = RunningWorld(world, every: .seconds(600))
        _ = await running.ask(.checkpoint(name: nil))
        _ = await running.ask(.send(process: "echo", data: Data("a\n".utf8), ends: false))
        let yesterday = try scratch.copyWorld(to: "yesterday")
        _ = await running.ask(.checkpoint(name: nil))
        _ = await running.ask(.send(process: "echo", data: Data("b\n".utf8), ends: false))
        let today = try scratch.copyWorld(to: "today")
        await running.stop()
        try world.close()
        let files = FileManager.default
        // Each opens by itself; with the other's journal neither does, and nothing is changed.
        for (store, journal) in [(yesterday, today), (today, yesterday)] {
            let mixed = scratch.path + "/mixed"
            try files.copyItem(atPath: store, toPath: mixed)
            try files.removeItem(atPath: mixed + "/journal")
            let without = try worldError { try World.open(at: mixed, as: .host).close() }
            #expect(without?.code == .storeDamaged && without?.what == "store and journal do not go together")
            try files.copyItem(atPath: journal + "/journal", toPath: mixed + "/journal")
            for access in [World.Access.reader, .host] {
                let refused = try worldError { try World.open(at: mixed, as: access).close() }
                #expect(refused?.code == .storeDamaged && refused?.what == "store and journal do not go together")
            }
            try files.removeItem(atPath: mixed + "/journal")
            try files.copyItem(atPath: store + "/journal", toPath: mixed + "/journal")
            let whole = try World.open(at: mixed, as: .host)
            #expect(try whole.output("echo").contains(store == today ? "2: b" : "1: a") == false, "it was not run yet")
            try whole.bootUntilIdle()
            #expect(try whole.output("echo").contains(store == today ? "2: b" : "1: a"))
            try whole.close()
            try files.removeItem(atPath: mixed)

            // Whoever gives up what came in since the checkpoint says so, and has the journal still.
            try files.copyItem(atPath: store, toPath: mixed)
            let given = try World.open(at: mixed, as: .host, withoutJournal: true)
            #expect(given.lostJournal.map { files.fileExists(atPath: $0) } == true)
            try given.bootUntilIdle()
            #expect(try given.output("echo").contains(store == today ? "2: b" : "1: a") == false)
            #expect(try given.problems() == [])
            try given.close()
            try World.open(at: mixed, as: .host).close()
            try files.removeItem(atPath: mixed)
        }
    }

    /// Whoever was shown something else than what a replay comes to is told both texts.
    @Test(arguments: ["1: a\n", "1: b\n"]) func aReplayComparesWhatWasShown(shown: String) async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("echo"), name: "echo")
        let running = RunningWorld(world, every: .seconds(600))
        _ = await running.ask(.send(process: "echo", data: Data("a\n".utf8), ends: false))
        try await running.standsStill()
        let outputs = try #require(await running.outputs["echo"])
        let id = try #require(await running.processes.first?.id)
        let copy = try scratch.copyWorld()
        await running.stop()
        try world.close()

        let whole = try World.open(at: copy, as: .reader)
        #expect(try whole.records("echo") == outputs)
        let position = try whole.position
        try whole.close()
        // A further file of the journal says what somebody was shown where the world stands now.
        let store = try Store.open(at: copy, mode: .reader)
        let serials = try JournalFolder(directory: copy).serials()
        let writer = JournalWriter(
            directory: copy, worldID: store.worldID, lastNumber: position.records,
            lastSerial: try #require(serials.last),
            behind: try JournalFolder(directory: copy).mark(of: try #require(serials.last)).nonce)
        _ = writer.begin(epoch: store.epoch)
        let last = try #require(outputs.last)
        var claimed = last
        claimed.data = Data(shown.utf8)
        _ = writer.append(
            .output, gasClock: position.gasClock, turn: position.turn,
            contents: ReleasedOutput(processID: id, records: [claimed]).encoded())
        writer.end()
        try store.close()

        let isSame = Data(shown.utf8) == last.data
        for access in [World.Access.reader, .host] {
            let refused = try worldError { try World.open(at: copy, as: access).close() }
            #expect((refused == nil) == isSame, "\(refused?.why ?? "it opens")")
            guard let refused else { continue }
            #expect(refused.what == "the world does not come to where its journal says that it was")
            #expect(refused.why.contains("'echo' writes \"1: a\\n\" as its record"))
            #expect(refused.why.contains("had shown \"1: b\\n\""))
        }
    }

    /// What is shown again, or is in the last checkpoint, is not written down again.
    @Test func whatIsShownIsInTheJournalOnce() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("echo"), name: "echo")
        let running = RunningWorld(world, every: .seconds(600))
        func outputs() throws -> [ReleasedOutput] {
            let store = try Store.open(at: try scratch.copyWorld(to: UUID().uuidString), mode: .reader)
            defer { _ = Result { try store.close() } }
            var found: [ReleasedOutput] = []
            let objects = Objects(store: store, budgetPages: 4096, residentBound: 4096)
            let next = try objects.world(WorldPage.journalNumber) + 1
            guard let replay = try store.replay(next: next) else { return [] }
            while let record = try replay.peek() {
                if record.kind == .output { found.append(try ReleasedOutput(decoding: record.contents)) }
                replay.drop()
            }
            return found
        }
        for line in ["a", "b"] {
            _ = await running.ask(.send(process: "echo", data: Data("\(line)\n".utf8), ends: false))
            try await running.standsStill()
            for _ in 0..<3 { _ = await running.outputs }
        }
        let found = try outputs().flatMap(\.records).map { String(decoding: $0.data, as: UTF8.self) }
        #expect(found.joined().hasSuffix("1: a\n2: b\n"))
        #expect(Set(found).count == found.count)
        _ = await running.ask(.checkpoint(name: nil))
        _ = await running.outputs
        _ = await running.ask(.send(process: "echo", data: Data("c\n".utf8), ends: false))
        try await running.standsStill()
        _ = await running.outputs
        #expect(try outputs().flatMap(\.records).map { String(decoding: $0.data, as: UTF8.self) } == ["3: c\n"])
        await running.stop()
        try world.close()
    }

    /// A host that was killed while its first checkpoint was under way leaves a file of the next epoch, without a record. Nothing that
    /// comes later is taken for its continuation.
    @Test func filesWithoutRecordsDoNotOutliveTheirEpoch() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("echo"), name: "echo")
        try world.bootUntilIdle()
        let next = try world.position.records
        try world.close()
        let store = try Store.open(at: scratch.world, mode: .reader)
        let writer = JournalWriter(
            directory: scratch.world, worldID: store.worldID, lastNumber: next, lastSerial: 0,
            behind: JournalMark.origin(of: store.attributes))
        _ = writer.begin(epoch: store.epoch)
        _ = writer.begin(epoch: Epoch(rawValue: store.epoch.rawValue + 1))
        writer.end()
        try store.close()
        let files = FileManager.default
        let (folder, left) = (scratch.world + "/journal", scratch.path + "/left")
        try files.copyItem(atPath: folder, toPath: left)

        let host = try World.open(at: scratch.world, as: .host)
        let running = RunningWorld(host, every: .seconds(600))
        _ = await running.ask(.send(process: "echo", data: Data("a\n".utf8), ends: false))
        try await running.standsStill()
        let hash = try #require(await running.hash)
        await running.stop()
        try host.close()
        // That files are removed may be lost with the machine.
        try files.copyItem(atPath: left, toPath: folder)
        let again = try World.open(at: scratch.world, as: .host)
        #expect(try again.hash() == hash)
        try again.close()
    }
}
