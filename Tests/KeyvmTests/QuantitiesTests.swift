// What the command line takes for a size, gas, a duration, a name; and what it refuses.

import Testing

import keyvm

@Suite struct QuantitiesTests {
    @Test(arguments: [
        ("0", 0), ("1", 1), ("4096", 4_096), ("4KiB", 4_096), ("1MiB", 1_048_576), ("2GiB", 2_147_483_648),
        ("3TiB", 3_298_534_883_328), ("18446744073709551615", UInt64.max), ("16777215TiB", 16_777_215 << 40),
    ])
    func readsSizes(text: String, bytes: UInt64) throws { #expect(try parsedSize(text) == bytes) }

    @Test(arguments: [
        "", "KiB", "-1", "+1", "1.5MiB", "1 KiB", "1KB", "1kib", "1K", "1MiB ", "0x10", "18446744073709551616",
        "16777216TiB", "1e3", "٣",
    ])
    func refusesWhatIsNoSize(text: String) { #expect(throws: QuantityError.self) { try parsedSize(text) } }

    @Test func aLimitMayBeNone() throws {
        #expect(try parsedLimit("none") == .unlimited)
        #expect(try parsedLimit("1KiB") == .limited(1_024))
        #expect(throws: QuantityError.self) { try parsedLimit("None") }
    }

    @Test(arguments: [("0", 0), ("7", 7), ("50k", 50_000), ("10M", 10_000_000), ("2G", 2_000_000_000)])
    func readsGas(text: String, gas: UInt64) throws { #expect(try parsedGas(text) == gas) }

    @Test(arguments: ["", "k", "50K", "10m", "2g", "1.5M", "-3", "1T", "1kk", "18446744073709551616", "18446744074G"])
    func refusesWhatIsNoGas(text: String) { #expect(throws: QuantityError.self) { try parsedGas(text) } }

    @Test(arguments: [
        ("10ms", Duration.milliseconds(10)), ("5s", .seconds(5)), ("2m", .seconds(120)), ("24h", .seconds(86_400)),
    ])
    func readsDurations(text: String, duration: Duration) throws { #expect(try parsedDuration(text) == duration) }

    @Test(arguments: ["", "5", "0s", "0ms", "-1s", "1.5s", "1d", "s", "5 s", "5S", "24001h", "99999999999999999999s"])
    func refusesWhatIsNoDuration(text: String) { #expect(throws: QuantityError.self) { try parsedDuration(text) } }

    @Test(arguments: ["a", "A.b_c-9", "-", "0", String(repeating: "n", count: 64)])
    func readsNames(text: String) throws { #expect(try parsedName(text) == text) }

    @Test(arguments: ["", "a b", "a/b", "ä", "a\n", "@a", String(repeating: "n", count: 65)])
    func refusesWhatIsNoName(text: String) { #expect(throws: QuantityError.self) { try parsedName(text) } }

    @Test(arguments: ["root", "root/guests", "root/guests/ann"])
    func readsPaths(text: String) throws { #expect(try parsedPath(text) == text) }

    @Test(arguments: ["", "guests", "/root", "root/", "root//ann", "root/a b", "Root"])
    func refusesWhatIsNoPath(text: String) { #expect(throws: QuantityError.self) { try parsedPath(text) } }

    @Test func checkpointsAreNamedWithAnAt() throws {
        #expect(try parsedCheckpointName("@before") == "before")
        for text in ["before", "@", "@a b", ""] {
            #expect(throws: QuantityError.self) { try parsedCheckpointName(text) }
        }
    }

    @Test func variablesHaveANameAndAnEquals() throws {
        #expect(try parsedVariable("A=") == "A=")
        #expect(try parsedVariable("A=b=c") == "A=b=c")
        for text in ["A", "=b", "", "A=\0"] { #expect(throws: QuantityError.self) { try parsedVariable(text) } }
    }

    @Test(arguments: [
        ("hello.wasm", "hello"), ("/a/b.c/hello.wat", "hello"), ("no-suffix", "no-suffix"), (".wasm", ".wasm"),
        ("two words.wasm", "two-words"), ("größe.wasm", "gr--e"), ("a.b.wasm", "a.b"), ("/", "process"),
        ("", "process"),
    ])
    func namesProcessesAfterTheirFile(path: String, name: String) throws {
        #expect(defaultProcessName(path: path) == name)
        #expect(try parsedName(defaultProcessName(path: path)) == name)
    }

    @Test func aLongStemLeavesRoomForANumber() throws {
        let name = defaultProcessName(path: String(repeating: "x", count: 200) + ".wasm")
        #expect(name.count == 60)
        #expect(try parsedName(name + "-99") == name + "-99")
    }
}
