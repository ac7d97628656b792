// The example of an embedder, tools/examples/embed: its two policies hold in the world that it makes.

import Testing

@Suite struct EmbedTests {
    private static let embed = Shell.binary.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/embed"

    @Test func guestsLeaveAQuarterToTheHouseWhichHasLongerTurns() throws {
        let shell = try Shell()
        _ = try shell.sh("cp spin.wasm house-spin.wasm; for n in 1 2 3; do cp fill.wasm fill-$n.wasm; done")
        let ran = try shell.sh("'\(Self.embed)' w spin.wasm house-spin.wasm fill-1.wasm fill-2.wasm fill-3.wasm")
        #expect(ran.code == 0, "\(ran.text)\(ran.errorText)")
        var found: [String: (state: String, gas: Double, pages: Double)] = [:]
        for line in ran.text.split(separator: "\n") {
            let words = line.split(separator: " ")
            try #require(words.count == 6, "\(line)")
            found[String(words[0])] = (String(words[1]), Double(words[2]) ?? 0, Double(words[4]) ?? 0)
        }
        // Each would fill 1,024 of the root's 4,096 pages.
        let guests = found.filter { $0.key.hasPrefix("fill-") }.map(\.value)
        #expect(guests.count == 3 && guests.contains { $0.state == "frozen-space" }, "\(guests)")
        #expect((2_900...3_072).contains(guests.reduce(0) { $0 + $1.pages }), "\(guests)")
        let ratio = try #require(found["house-spin"]).gas / (try #require(found["spin"])).gas
        #expect((9...11).contains(ratio), "\(ratio)")
        // The world is one as any other.
        #expect(try shell.done("bank", "show", "-w", "w", "root/guests", "--json").json()["processes"] == .number(4))
        #expect(try shell.sh("'\(Self.embed)' w").code == 64)
    }
}
