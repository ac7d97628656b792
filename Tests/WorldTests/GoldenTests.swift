// A world that was made once and is kept as a file: what was written by an earlier build is opened, checked, hashed and
// run to its end by this one. When this fails, a format or the semantics of a running program have changed, and worlds
// that people have are lost: the file is not to be made again, `specs/golden.md` says what to do.

import Foundation
import Testing
import World

struct GoldenTests {
    /// The state of the world as it lies there.
    static let hash = "c7e0f452062731a9f76a2238d27defece6afc28d4463acf42b3f8578ed93b588"
    static let gasClock: UInt64 = 100_000
    /// Its state when its program has ended.
    static let finalHash = "3550eaec67a906204feb230d441c4d32cd748aec658bcf736df135e737923f4a"
    static let finalGasClock: UInt64 = 243_699
    static let input = "a line of input\n"

    private func copy(_ scratch: Scratch, format: Int = 6) throws {
        try FileManager.default.createDirectory(atPath: scratch.world, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: Programs.file("Golden/world-\(format).mdb"), to: URL(fileURLWithPath: scratch.world + "/store.mdb"))
        try Data().write(to: URL(fileURLWithPath: scratch.world + "/lock"))
    }

    @Test func theGoldenWorldIsSoundAndIsWhatItWas() throws {
        let scratch = try Scratch()
        try copy(scratch)
        #expect(World.condition(at: scratch.world) == .halted)
        let world = try World.open(at: scratch.world, as: .reader)
        #expect(try world.problems() == [])
        #expect(try world.hash() == Self.hash)
        #expect(try world.gasClock == Self.gasClock)
        #expect(try world.checkpoints().compactMap(\.name) == ["golden"])
        let golden = try world.inspect("golden")
        #expect(golden.process.state == .ready)
        #expect(golden.process.bank == "root/golden" && golden.process.meter == "root/golden")
        #expect(golden.arguments == ["golden", "line"])
        #expect(golden.callStack.contains { $0.name == "_start" } && golden.callStack.count > 2)
        try world.close()
    }

    /// Format 1 had one module to a process, in its record; format 2 did not count pages; format 3 kept what was not in use; format 4
    /// had no keepers; format 5 nobody who waits until something is durable.
    @Test(arguments: [World.Access.reader, .host], [1, 2, 3, 4, 5])
    func aWorldOfAnEarlierFormatIsRefusedAsSuch(access: World.Access, format: Int) throws {
        let scratch = try Scratch()
        try copy(scratch, format: format)
        let before = try Data(contentsOf: URL(fileURLWithPath: scratch.world + "/store.mdb"))
        let refusal = #expect(throws: WorldError.self) { try World.open(at: scratch.world, as: access) }
        #expect(refusal?.code == .formatTooNew)
        #expect(refusal?.why.contains("format \(format)") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.world + "/store.mdb")) == before)
    }

    @Test func theGoldenWorldRunsToItsEnd() throws {
        let scratch = try Scratch()
        try copy(scratch)
        let world = try World.open(at: scratch.world, as: .host)
        let expected = String(decoding: try Data(contentsOf: Programs.file("Golden/world-6.log")), as: UTF8.self)
        let begun = try world.output("golden")
        #expect(!begun.isEmpty && begun != expected && expected.hasPrefix(begun), "it stands in the middle")
        try world.bootUntilIdle()
        #expect(try world.row("golden").state == .waiting)
        try world.send(Self.input, to: "golden", ends: true)
        try world.bootUntilIdle()
        #expect(try world.output("golden") == expected)
        #expect(try world.row("golden").exitCode == 7)
        #expect(try world.gasClock == Self.finalGasClock)
        #expect(try world.hash() == Self.finalHash)
        #expect(try world.problems() == [])
        try world.close()
    }

    /// How the file was made: with `KEYVM_GOLDEN` naming a folder that is not there, this makes the world in it.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["KEYVM_GOLDEN"] != nil))
    func make() throws {
        let path = try #require(ProcessInfo.processInfo.environment["KEYVM_GOLDEN"])
        try World.create(at: path, limitBytes: 64 << 20, seed: 20_261_121)
        let world = try World.open(at: path, as: .host)
        try world.run(
            try Programs.c("golden"), name: "golden", arguments: ["golden", "line"], environment: ["KIND=gold"],
            gas: 1 << 40, limitBytes: 4 << 20)
        try world.boot(steps: Self.gasClock - 1)
        _ = try world.perform(.checkpoint(name: "golden"))
        try world.boot(steps: 1)
        #expect(try world.problems() == [])
        print("hash", try world.hash())
        try world.close()

        // And what it comes to, on a copy.
        try FileManager.default.copyItem(atPath: path, toPath: path + "-run")
        let copy = try World.open(at: path + "-run", as: .host)
        try copy.bootUntilIdle()
        try copy.send(Self.input, to: "golden", ends: true)
        try copy.bootUntilIdle()
        print("final hash", try copy.hash(), "gas clock", try copy.gasClock)
        print(try copy.output("golden"), terminator: "")
        try copy.close()
    }
}
