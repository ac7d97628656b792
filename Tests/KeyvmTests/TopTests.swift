// `keyvm top` as a person sees it: at a terminal, and without one.

import Glibc
import Testing

@Suite struct TopTests {
    /// A running world with a busy process and three that wait.
    private func shell() throws -> Shell {
        let shell = try Shell()
        try shell.done("init", "w")
        try shell.done("run", "-w", "w", "--name", "busy", "spin.wasm")
        for name in ["zoe", "adam", "kim"] { try shell.done("run", "-w", "w", "--name", name, "cat.wasm") }
        try shell.done("boot", "-w", "w", "--detach")
        return shell
    }

    /// Names of processes on the screen, from the top; they stand in the last column.
    private func names(_ terminal: PseudoTerminal) -> [String] {
        let lines = terminal.screen.lines
        guard let titles = lines.firstIndex(where: { $0.contains("GAS/S") }) else { return [] }
        return lines[(titles + 1)...].prefix { !$0.isEmpty }.compactMap {
            $0.split(separator: " ").last.map(String.init)
        }
    }

    private func start(
        _ shell: Shell, _ terminal: PseudoTerminal, _ words: [String] = [], variables: [String] = []
    ) throws -> Running {
        let top = try shell.start(
            ["top", "-w", "w", "--every", "200ms"] + words, at: terminal, variables: variables)
        try shell.until("four processes are shown") {
            terminal.read()
            return names(terminal).count >= 4
        }
        return top
    }

    /// The terminal is as it was.
    private func expectRestored(_ shell: Shell, _ terminal: PseudoTerminal) throws {
        let before = try shell.contents(of: "before")
        #expect(try !before.isEmpty && before == shell.contents(of: "after"), "the terminal's settings")
        #expect(!terminal.screen.isAlternate && terminal.screen.showsCursor)
        let closing = Array("\u{1b}[?1049l".utf8)
        #expect(Array(terminal.bytes.suffix(closing.count)) == closing, "nothing is drawn behind its end")
    }

    @Test func drawsSortsAndQuits() throws {
        let shell = try shell()
        let terminal = try PseudoTerminal()
        let top = try start(shell, terminal)
        #expect(terminal.screen.isAlternate && !terminal.screen.showsCursor)
        try shell.until("the busy one is first, with its rate") {
            terminal.read()
            let lines = terminal.screen.lines
            guard names(terminal).first == "busy", lines.first?.hasPrefix("gas clock ") == true else { return false }
            return lines.contains { $0.hasSuffix("busy") && !$0.hasPrefix("    -") && !$0.hasPrefix("    0") }
        }
        let head = terminal.screen.lines[0]
        for part in ["gas/s ", "processes 4", "ready 1", "checkpoint "] { #expect(head.contains(part), "\(head)") }
        for (key, order) in [
            ("n", ["adam", "busy", "kim", "zoe"]), ("r", ["zoe", "kim", "busy", "adam"]),
            ("s", ["busy", "zoe", "adam", "kim"]), ("g", ["busy", "zoe", "adam", "kim"]),
        ] {
            try terminal.type(key)
            try shell.until("'\(key)' sorts") {
                terminal.read()
                return names(terminal) == order
            }
        }
        // Cursor keys are no commands, though letters are in what they send.
        try terminal.type("\u{1b}[q")
        usleep(300_000)
        try terminal.type("q")
        let ran = try top.wait(reading: terminal)
        #expect(ran.code == 0 && ran.error.isEmpty, "\(ran.errorText)")
        #expect(!terminal.screen.overflows)
        try expectRestored(shell, terminal)
    }

    @Test(arguments: [(SIGTERM, 143), (SIGHUP, 129), (SIGINT, 130), (SIGQUIT, 131)] as [(Int32, Int32)])
    func signalsRestoreTheTerminal(number: Int32, code: Int32) throws {
        let shell = try shell()
        let terminal = try PseudoTerminal()
        let top = try start(shell, terminal)
        if number == SIGINT {
            try terminal.type("\u{3}")
        } else {
            kill(try shell.processAtTerminal(), number)
        }
        #expect(try top.wait(reading: terminal).code == code)
        try expectRestored(shell, terminal)
    }

    @Test(arguments: [SIGTERM, SIGKILL]) func aWorldThatHaltsUnderItIsSaid(number: Int32) throws {
        let shell = try shell()
        let terminal = try PseudoTerminal()
        let top = try start(shell, terminal)
        kill(try #require(try shell.hostProcess()), number)
        let ran = try top.wait(reading: terminal)
        #expect(ran.code == 1)
        let lines = ran.errorText.split(separator: "\n")
        #expect(
            lines.count == 3 && lines[0].contains(number == SIGKILL ? "crashed" : "halted")
                && lines[2].hasPrefix("try: "), "\(ran.errorText)")
        try expectRestored(shell, terminal)
    }

    @Test func keysAreHeardWhileTheWorldDoesNotAnswer() throws {
        let shell = try shell()
        let terminal = try PseudoTerminal()
        let top = try start(shell, terminal)
        let host = try #require(try shell.hostProcess())
        kill(host, SIGSTOP)
        defer { kill(host, SIGCONT) }
        try shell.until("the silence is said") {
            terminal.read()
            return terminal.screen.lines.contains { $0.contains("no answer for") }
        }
        try terminal.type("n")
        try shell.until("it sorts") {
            terminal.read()
            return names(terminal).first == "adam"
        }
        try terminal.type("q")
        #expect(try top.wait(reading: terminal).code == 0)
        try expectRestored(shell, terminal)
    }

    @Test func followsTheTerminalsSize() throws {
        let shell = try shell()
        let terminal = try PseudoTerminal()
        let top = try start(shell, terminal)
        for (columns, rows) in [(40, 12), (20, 8), (100, 30), (1, 1), (8, 3), (80, 24)] {
            try terminal.resize(columns: columns, rows: rows)
            try shell.until("it is drawn for \(columns) columns") {
                terminal.read()
                let lines = terminal.screen.lines
                if columns < 20 { return lines[0].isEmpty == false }
                return lines.contains {
                    ($0.contains("GAS/S") || columns < 40) && $0.contains("NAME") && $0.contains("STATE")
                }
            }
            usleep(300_000)
            terminal.read()
            #expect(!terminal.screen.overflows, "\(columns) columns, \(rows) rows")
        }
        #expect(names(terminal).count == 4)
        try terminal.type("q")
        #expect(try top.wait(reading: terminal).code == 0)
        try expectRestored(shell, terminal)
    }

    @Test func coloursAreLeftOutWhereTheyAreNotWanted() throws {
        let shell = try shell()
        for (variables, isStyled) in [([], true), (["NO_COLOR=1"], false)] {
            let terminal = try PseudoTerminal()
            let top = try start(shell, terminal, variables: variables)
            try terminal.type("q")
            #expect(try top.wait(reading: terminal).code == 0)
            #expect(terminal.screen.isStyled == isStyled, "\(variables)")
        }
        let terminal = try PseudoTerminal()
        let dumb = try shell.start(["top", "-w", "w", "--every", "200ms"], at: terminal, variables: ["TERM=dumb"])
        #expect(try dumb.wait(reading: terminal).code == 0)
        #expect(terminal.text.hasPrefix("GAS/S") && !terminal.text.contains("\u{1b}"))
        #expect(terminal.text.contains("busy"))
    }

    @Test func printsOneTableWithoutATerminal() throws {
        let shell = try shell()
        let table = try shell.done("top", "-w", "w", "--every", "300ms")
        #expect(table.text.hasPrefix("GAS/S ") && !table.text.contains("\u{1b}") && table.error.isEmpty)
        let lines = table.text.split(separator: "\n")
        #expect(lines.count == 5 && lines[1].hasSuffix("busy"), "the busiest is first: \(table.text)")
        let bare = try shell.done("top", "-w", "w", "--every", "300ms", "-H", "-o", "name,state", "-s", "name").text
        #expect(bare == "adam\twaiting\nbusy\tready\nkim\twaiting\nzoe\twaiting\n")
    }

    @Test func tellsProgramsWhatItSaw() throws {
        let shell = try shell()
        let terminal = try PseudoTerminal()
        let top = try shell.start(["top", "-w", "w", "--every", "500ms", "--json"], at: terminal)
        #expect(try top.wait(reading: terminal).code == 0)
        let json = try Ran(output: Array(terminal.text.utf8), error: [], code: 0).json()
        #expect(json["schema"] == .text("keyvm.top") && json["processes"] == .number(4))
        let seconds = try #require(json["seconds"]?.number)
        #expect(seconds >= 0.5)
        let items = json["items"]?.items ?? []
        #expect(items.map { $0["name"]?.text } == ["busy", "zoe", "adam", "kim"])
        let all = try #require(json["gasPerSecond"]?.number)
        let busy = try #require(items.first?["gasPerSecond"]?.number)
        #expect(busy > 0 && all > 0 && items.last?["gasPerSecond"] == .number(0))
        #expect(json["checkpoint"]?["ageSeconds"]?.number != nil && json["gasClock"]?.number != nil)
    }

    @Test func aHaltedWorldIsShownOnceAsItStands() throws {
        let shell = try Shell()
        try shell.done("init", "w")
        try shell.done("run", "-w", "w", "spin.wasm")
        try shell.done("boot", "-w", "w", "--steps", "1000")
        let ran = try shell.keyvm("top", "-w", "w", "-H", "-o", "name,gas,rate")
        #expect(ran.code == 0 && ran.text == "spin\t1k\t-\n", "\(ran.text)")
        #expect(ran.errorText == "the world is halted: nothing in it moves\n")
        let json = try shell.done("top", "-w", "w", "--json").json()
        #expect(json["state"] == .text("halted") && json["gasPerSecond"] == .null)
        #expect(json["items"]?.items.first?["gasUsed"] == .number(1_000))
        #expect(try shell.keyvm("top", "-w", "none").code == 3)
        #expect(try shell.keyvm("top", "-w", "w", "--every", "1ms").code == 64)
    }
}
