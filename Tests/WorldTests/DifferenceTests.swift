// What changed between two states: beside what was done in between.

import Foundation
import Testing
import World

@Suite struct DifferenceTests {
    private func difference(
        _ world: World, _ from: String, _ to: String? = nil, pages: Bool = false, page: UInt64? = nil
    ) throws -> DifferenceAnswer {
        let answer = try world.perform(
            .difference(DifferenceRequest(from: from, to: to, listsPages: pages, page: page)))
        guard case .difference(let found) = answer else { throw Asking.anotherAnswer(answer) }
        return found
    }

    private func changes<Row>(_ list: [DifferenceAnswer.Change<Row>], _ name: (Row) -> String) -> [String] {
        list.map { change in
            "\(change.before == nil ? "+" : change.after == nil ? "-" : "~")\((change.after ?? change.before).map(name) ?? "")"
        }
    }

    @Test func whatWasDoneIsWhatDiffers() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        try world.run(try Programs.c("echo"), name: "echo")
        _ = try world.perform(.createBank(path: "root/old", BankTermsRequest()))
        _ = try world.perform(.createMeter(CreateMeterRequest(path: "root/dim", gas: 10)))
        try world.boot(steps: 10_000)
        _ = try world.perform(.checkpoint(name: "a"))
        // Nothing happened.
        var found = try difference(world, "@a")
        #expect(found.processes == [] && found.banks == [] && found.meters == [] && found.keys == [])
        #expect(found.modules == [] && found.pages == [] && found.to == nil && found.from.name == "a")

        try world.boot(steps: 500)
        try world.send("hi\n", to: "echo")
        try world.bootBriefly()
        _ = try world.perform(.createBank(path: "root/new", BankTermsRequest()))
        _ = try world.perform(.setBank(path: "root/old", BankTermsRequest(limitBytes: .limited(1 << 20))))
        _ = try world.perform(.destroyMeter(path: "root/dim"))
        try world.run(try Assembler.program(CheckpointTests.rewrite, memory: "64"), name: "rewrite", bank: "root/new")
        _ = try world.perform(.kill(process: "spin"))
        found = try difference(world, "@a")
        #expect(
            changes(found.processes.map(\.row), \.name) == ["~spin", "~echo", "+rewrite"], "\(found.processes)")
        let spin = try #require(found.processes.first)
        #expect(spin.row.before?.state == .ready && spin.row.after?.state == .exited)
        #expect(spin.row.after?.gasUsed ?? 0 > spin.row.before?.gasUsed ?? .max)
        let echo = found.processes[1]
        #expect(echo.pages > 0 && echo.row.after?.pages ?? 0 > echo.row.before?.pages ?? .max)
        #expect(changes(found.banks, \.path) == ["~root", "+root/new", "~root/old"])
        #expect(found.banks[2].before?.limitBytes == nil && found.banks[2].after?.limitBytes == 1 << 20)
        #expect(changes(found.meters, \.path) == ["~root", "-root/dim"])
        #expect(found.modules.count == 1 && found.modules.first?.before == nil)
        // What a program is given at its beginning.
        #expect(found.keys.filter { $0.holder == "rewrite" }.map(\.after).contains("console output"))
        #expect(found.keys.allSatisfy { $0.holder == "rewrite" && $0.before == nil })
        let all = found.pages.reduce(0) { $0 + $1.changed + $1.made + $1.gone }
        #expect(found.pages.map(\.use).contains("records") && found.pages.map(\.use).contains("log"))

        // The other way round it is the same, undone; and between two checkpoints the same as now.
        _ = try world.perform(.checkpoint(name: "b"))
        #expect(try difference(world, "@a", "@b").processes == found.processes)
        let listed = try difference(world, "@a", "@b", pages: true)
        #expect(UInt64(listed.pageItems?.count ?? 0) == all && listed.pages == found.pages)
        #expect(listed.pageItems?.contains { $0.owner == "echo" && $0.use == "memory" } == true)
        _ = try world.perform(.rollback(checkpoint: "@a", overHeld: false))
        let back = try difference(world, "@b")
        #expect(changes(back.processes.map(\.row), \.name) == ["~spin", "~echo", "-rewrite"])
        #expect(changes(back.meters, \.path) == ["~root", "+root/dim"])
        #expect(back.processes.map(\.pages) == found.processes.map(\.pages))
        try world.close()
    }

    /// A page's bytes are those that the program wrote.
    @Test func aPageIsComparedByteByByte() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let program = """
            (i32.store (i32.const 4096) (i32.const 1))
            (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))
            (i32.store (i32.const 4100) (i32.const 0x01020304))
            (loop $e (br $e))
            """
        try world.run(try Assembler.program(program), name: "p")
        try world.boot(steps: 500)
        _ = try world.perform(.checkpoint(name: "a"))
        try world.boot(steps: 100_000)
        let listed = try difference(world, "@a", pages: true)
        let page = try #require(listed.pageItems?.first { $0.use == "memory" })
        #expect(page.owner == "p" && page.offset == 4096 && page.kind == .changed)
        let bytes = try #require(try difference(world, "@a", page: page.id).bytes)
        let (before, after) = (Array(try #require(bytes.before)), Array(try #require(bytes.after)))
        #expect(Array(before[0..<8]) == [1, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(after[0..<8]) == [1, 0, 0, 0, 4, 3, 2, 1])
        #expect(before.dropFirst(8) == after.dropFirst(8))
        #expect(try worldError { _ = try difference(world, "@a", page: 1 << 40) }?.code == .noSuchThing)
        #expect(try worldError { _ = try difference(world, "@b") }?.code == .noSuchThing)
        _ = try world.perform(.checkpoint(name: "b"))
        #expect(try worldError { _ = try difference(world, "@b", "@a") }?.code == .usage)
        #expect(
            try worldError {
                _ = try world.perform(.past(checkpoint: "@b", request: .difference(DifferenceRequest(from: "@a"))))
            }?.code == .usage)
        try world.close()
    }

    /// Beside a world that runs, and of one that was killed: with what came in since the last checkpoint.
    @Test(.timeLimit(.minutes(1))) func itIsOfWhatIsSoNow() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let running = RunningWorld(world, every: .seconds(3_600))
        _ = await running.ask(.checkpoint(name: "a"))
        let module = Data(try Assembler.program(GasTests.spin))
        _ = await running.ask(.run(RunRequest(module: module, defaultName: "spin")))
        guard case .difference(let found) = await running.ask(.difference(DifferenceRequest(from: "@a"))) else {
            Issue.record("it cannot be asked")
            return
        }
        #expect(changes(found.processes.map(\.row), \.name) == ["+spin"])
        _ = await running.ask(.run(RunRequest(module: module, defaultName: "spin")))
        let copy = try scratch.copyWorld()
        await running.stop()
        try world.close()
        let killed = try World.open(at: copy, as: .reader)
        #expect(changes(try difference(killed, "@a").processes.map(\.row), \.name) == ["+spin", "+spin-2"])
        try killed.close()
    }
}

extension World {
    /// Runs a little.
    fileprivate func bootBriefly() throws { try boot(steps: 5_000_000) }
}
