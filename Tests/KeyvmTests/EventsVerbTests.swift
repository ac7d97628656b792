// keyvm events: what happens in a running world, in order, until it halts.

import Control
import FoundationEssentials
import Glibc
import Testing
import World

@Suite struct EventsVerbTests {
    private func shell() throws -> Shell {
        let shell = try Shell()
        try shell.done("init", "w")
        try shell.done("boot", "-w", "w", "--detach")
        return shell
    }

    /// The lines of a run, each an object of the right form.
    private func events(_ text: String) throws -> [[String: Anything]] {
        try text.split(separator: "\n").map { line in
            #expect(line.hasPrefix(#"{"schema": "keyvm.events", "version": 1, "sequence": "#), "\(line)")
            let event = try JSONDecoder().decode([String: Anything].self, from: Data(line.utf8))
            #expect(event["time"]?.number ?? 0 > 1e9 && event["gasClock"]?.number != nil && event["kind"]?.text != nil)
            return event
        }
    }

    private func state(_ shell: Shell, _ process: String) throws -> String? {
        try shell.done("inspect", "-w", "w", process, "--json").json()["state"]?.text
    }

    @Test func aProcesssLifeIsToldInOrder() throws {
        let shell = try shell()
        try shell.done("meter", "create", "-w", "w", "root/m", "--gas", "50k")
        try shell.done("run", "-w", "w", "--meter", "root/m", "spin.wasm")
        try shell.until("it is frozen") { try state(shell, "spin") == "frozen-gas" }
        try shell.done("stop", "-w", "w", "spin")
        try shell.done("resume", "-w", "w", "spin")
        try shell.until("it is frozen again") { try state(shell, "spin") == "frozen-gas" }
        try shell.done("meter", "refill", "-w", "w", "root/m", "10k")
        try shell.until("it has used that") { try state(shell, "spin") == "frozen-gas" }
        try shell.done("kill", "-w", "w", "spin")
        try shell.done("rm", "-w", "w", "spin")
        let told = try events(try shell.done("events", "-w", "w", "--json").text)
        #expect(told.map { $0["sequence"]?.number } == (0..<told.count).map { Double($0) })
        #expect(told.first?["kind"] == .text("world-booted"))
        let all = told.filter { $0["kind"] != .text("checkpoint-durable") }.dropFirst()
        #expect(
            all.map { $0["kind"]?.text } == [
                "meter-made", "process-made", "process-frozen-gas", "process-stopped", "process-resumed",
                "process-frozen-gas", "meter-refilled", "process-ready", "process-frozen-gas", "process-exited",
                "process-removed",
            ])
        for event in all {
            let isMeter = event["kind"]?.text?.hasPrefix("meter") == true
            #expect(event["name"] == .text(isMeter ? "m" : "spin"))
            #expect(event["path"] == (isMeter ? .text("root/m") : nil) && event["id"] == (isMeter ? nil : .number(1)))
        }
        #expect(all.last { $0["kind"] == .text("process-exited") }?["exitCode"] == .number(137))
        #expect(all.last { $0["kind"] == .text("meter-refilled") }?["gas"] == .number(10_000))
        let made = all.first { $0["kind"] == .text("process-made") }
        #expect(made?["bank"] == .text("root") && made?["meter"] == .text("root/m"))
        #expect(try events(try shell.done("events", "-w", "w", "--since", "3").text) == Array(told.dropFirst(3)))
        #expect(try shell.done("events", "-w", "w", "--since", "99999").output.isEmpty)
    }

    @Test func endsSpaceBanksAndCheckpointsAreTold() throws {
        let shell = try shell()
        try shell.done("bank", "create", "-w", "w", "root/guests", "--limit", "1MiB")
        try shell.done("run", "-w", "w", "--bank", "root/guests", "fill.wasm")
        try shell.until("it is frozen") { try state(shell, "fill") == "frozen-space" }
        try shell.done("bank", "set", "-w", "w", "root/guests", "limit=2MiB")
        for name in ["trap", "hello"] { try shell.done("run", "-w", "w", "\(name).wasm") }
        try shell.until("they have ended") {
            try state(shell, "hello") == "exited" && state(shell, "trap") == "faulted"
        }
        try shell.until("it is frozen again") { try state(shell, "fill") == "frozen-space" }
        let made = try shell.done("checkpoint", "create", "@here", "-w", "w", "--json").json()
        let told = try events(try shell.done("events", "-w", "w").text)
        func kinds(of name: String) -> [String?] {
            told.filter { $0["name"] == .text(name) }.map { $0["kind"]?.text }
        }
        #expect(kinds(of: "guests") == ["bank-made", "bank-changed"])
        #expect(kinds(of: "hello") == ["process-made", "process-exited"])
        #expect(kinds(of: "trap") == ["process-made", "process-faulted"])
        let filling = kinds(of: "fill")
        #expect(filling.prefix(4) == ["process-made", "process-frozen-space", "process-ready", "process-frozen-space"])
        #expect(told.last { $0["name"] == .text("hello") }?["exitCode"] == .number(3))
        let fault = try shell.done("inspect", "-w", "w", "trap", "--json").json()["fault"]
        #expect(fault?.text != nil && told.last { $0["name"] == .text("trap") }?["fault"] == fault)
        let durable = try #require(told.last { $0["name"] == .text("here") })
        #expect(durable["kind"] == .text("checkpoint-durable") && durable["id"] == made["id"])
        #expect(durable["bytesWritten"] == made["bytesWritten"])
        #expect(durable["commitMilliseconds"] == made["commitMilliseconds"])
    }

    @Test func followingEndsWithTheHalt() throws {
        let shell = try shell()
        let following = try shell.start(["events", "-f", "-w", "w"])
        try shell.until("it follows") { following.text.contains("world-booted") }
        try shell.done("run", "-w", "w", "hello.wasm")
        try shell.until("the end is shown") { following.text.contains("process-exited") }
        try shell.done("halt", "-w", "w")
        let ran = try following.wait()
        #expect(ran.code == 0 && ran.errorText == "the world is no longer running\n", "\(ran.errorText)")
        let kinds = try events(ran.text).map { $0["kind"]?.text }
        #expect(kinds.suffix(2) == ["world-halting", "checkpoint-durable"], "what halting made durable, too: \(kinds)")
    }

    @Test func followingEndsWithAHostThatIsKilled() throws {
        let shell = try shell()
        let following = try shell.start(["events", "-f", "-w", "w"])
        try shell.until("it follows") { following.text.contains("world-booted") }
        kill(try #require(try shell.hostProcess()), SIGKILL)
        let ran = try following.wait()
        #expect(ran.code == 0 && ran.errorText == "the world is no longer running\n", "\(ran.errorText)")
    }

    @Test func anInterruptOrAReaderThatGoesAwayEndsFollowing() throws {
        let shell = try shell()
        let following = try shell.start(["events", "-f", "-w", "w"])
        try shell.until("it follows") { following.text.contains("world-booted") }
        following.signal(SIGINT)
        #expect(try following.wait().code == 130)
        let piped = try shell.sh(
            """
            ( ( $KEYVM events -f -w w; echo $? >code ) 2>said | head -n 1 >first ) &
            while [ ! -s first ]; do sleep 0.02; done
            $KEYVM run -w w hello.wasm >made
            wait; cat code said
            """)
        #expect(piped.text == "1\n", "\(piped.text)")
    }

    @Test func aWorldThatDoesNotRunHasNoEvents() throws {
        let shell = try Shell()
        try shell.done("init", "w")
        let none = try shell.keyvm("events", "-w", "w")
        #expect(none.code == 0 && none.output.isEmpty && none.errorText.contains("no host runs the world"))
        let ran = try shell.keyvm("events", "-f", "-w", "w")
        #expect(ran.code == 1 && ran.output.isEmpty)
        let lines = ran.errorText.split(separator: "\n")
        #expect(lines.count == 3 && lines[0].contains("not running") && lines[2].hasPrefix("try: keyvm boot"))
        let json = try shell.keyvm("events", "-f", "-w", "w", "--json")
        #expect(json.code == 1 && json.errorText.hasPrefix(#"{"schema": "keyvm.error", "version": 1, "code": 1"#))
        #expect(try shell.keyvm("events", "-w", "nowhere").code == 3)
        #expect(try shell.keyvm("events", "-w", "w", "--since", "x").code == 64)
    }

    @Test func whoComesLateIsToldHowManyWereDropped() async throws {
        let shell = try shell()
        let made = 8_300
        try shell.done("meter", "create", "-w", "w", "root/m", "--gas", "50k")
        let client = try ControlClient(directory: "\(shell.folder)/w")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    for _ in 0..<made / 10 {
                        _ = try await client.ask(.setMeter(path: "root/m", MeterTermsRequest(weight: 2)))
                    }
                }
            }
            try await group.waitForAll()
        }
        let told = try events(try shell.done("events", "-w", "w").text)
        let gap = try #require(told.first)
        #expect(gap["kind"] == .text("events-dropped") && gap["sequence"] == .number(0))
        let dropped = try #require(gap["dropped"]?.number)
        // A checkpoint may become durable while they are read.
        #expect(dropped >= Double(made) - 8_192 && told.count >= 8_193)
        #expect(told.dropFirst().map { $0["sequence"]?.number } == (0..<told.count - 1).map { dropped + Double($0) })
    }
}
