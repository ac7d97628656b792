// Tables, listings, colour and progress at a terminal of any width, and the columns that are asked for.

import Glibc
import Testing

@Suite struct TerminalTests {
    private func shell() throws -> Shell {
        let shell = try Shell()
        try shell.done("init", "w")
        try shell.done("bank", "create", "-w", "w", "root/a-bank-with-a-long-name")
        try shell.done(
            "run", "-w", "w", "--bank", "root/a-bank-with-a-long-name", "--name", "a-process-with-a-long-name",
            "cat.wasm")
        for index in 1...10 { try shell.done("run", "-w", "w", "--name", "p\(index)", "hello.wasm") }
        return shell
    }

    private func lines(
        _ shell: Shell, _ words: [String], columns: Int, variables: [String] = []
    ) throws -> (lines: [String], ran: Ran) {
        let terminal = try PseudoTerminal(columns: columns, rows: 50)
        let ran = try shell.start(words, at: terminal, variables: variables).wait(reading: terminal)
        #expect(ran.code == 0, "\(ran.errorText)")
        let lines = terminal.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.split(separator: "\u{1b}[1m").joined().split(separator: "\u{1b}[0m").joined()
        }
        return (lines.dropLast(), ran)
    }

    @Test(arguments: [20, 30, 40, 60, 80, 200]) func nameAndStateAreThereInEveryWidth(columns: Int) throws {
        let shell = try shell()
        let (lines, ran) = try lines(shell, ["ps", "-w", "w"], columns: columns)
        try #require(lines.count == 12)
        for line in lines { #expect(line.count <= columns, "\(line)") }
        #expect(lines[0].contains("NAME") && lines[0].contains("STATE"))
        #expect(lines[1].contains("a-proc") && lines[1].contains("ready"), "\(lines[1])")
        // What is left out is said, and is there with -H.
        let isWhole = columns > 80
        #expect(lines[0].contains("METER") == isWhole)
        #expect(ran.errorText.isEmpty == isWhole && (isWhole || ran.errorText.contains("METER")), "\(ran.errorText)")
        let bare = try self.lines(shell, ["ps", "-w", "w", "-H"], columns: columns)
        try #require(bare.lines.count == 11)
        #expect(bare.lines[0].split(separator: "\t").count == 9 && bare.ran.error.isEmpty, "\(bare.lines[0])")
        #expect(bare.lines[0].contains("root/a-bank-with-a-long-name"))
    }

    @Test(arguments: [20, 40, 80]) func longValuesGoOnInTheNextLine(columns: Int) throws {
        let shell = try shell()
        let whole = try shell.done("inspect", "-w", "w", "a-process", "-H").text
        let module = try #require(whole.split(separator: "\n").first { $0.hasPrefix("module\t") }).dropFirst(7)
        let lines = try lines(shell, ["inspect", "-w", "w", "a-process"], columns: columns).lines
        for line in lines { #expect(line.count <= columns, "\(line)") }
        func bare(_ text: some StringProtocol) -> String { String(text.filter { $0 != " " && $0 != "\n" }) }
        #expect(bare(lines.joined()).contains(bare(module)), "nothing of it is lost: \(lines)")
    }

    @Test func titlesAreBoldWhereThatIsWanted() throws {
        let shell = try shell()
        for (variables, isStyled) in [([], true), (["NO_COLOR=1"], false), (["TERM=dumb"], false)] {
            let terminal = try PseudoTerminal()
            let ran = try shell.start(["ps", "-w", "w"], at: terminal, variables: variables).wait(reading: terminal)
            #expect(ran.code == 0 && terminal.text.contains("\u{1b}") == isStyled, "\(variables)")
        }
    }

    @Test func progressComesAfterASecondAndLeavesNothing() throws {
        let shell = try shell()
        try shell.done("boot", "-w", "w", "--detach")
        let host = try #require(try shell.hostProcess())
        for isShown in [true, false] {
            let terminal = try PseudoTerminal()
            if isShown { kill(host, SIGSTOP) }
            defer { kill(host, SIGCONT) }
            let checking = try shell.start(["fsck", "-w", "w", "--json"], at: terminal, output: false, error: true)
            if isShown {
                try shell.until("it is said that it takes time") {
                    terminal.read()
                    return terminal.screen.lines[0].hasPrefix("checking the world … 1 s")
                }
                kill(host, SIGCONT)
            }
            let ran = try checking.wait(reading: terminal)
            #expect(ran.code == 0 && ran.text.hasPrefix("{"))
            #expect(terminal.screen.lines.joined() == "", "nothing of it stays")
            #expect(terminal.bytes.isEmpty == !isShown)
        }
        // A file gets none of it.
        kill(host, SIGSTOP)
        let checking = try shell.start(["fsck", "-w", "w", "--json"])
        usleep(1_500_000)
        kill(host, SIGCONT)
        #expect(try checking.wait().error.isEmpty)
    }

    @Test func columnsAreChosenAndSorted() throws {
        let shell = try shell()
        try shell.done("boot", "-w", "w", "--until-idle")
        let chosen = try shell.done("ps", "-w", "w", "-o", "state,name,id", "-S", "id").text
        let rows = chosen.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(rows.first == ["STATE", "NAME", "ID"])
        #expect(rows.dropFirst().compactMap(\.last) == (1...11).reversed().map { "\($0)" }, "numbers, not text")
        let names = try shell.done("ps", "-w", "w", "-H", "-o", "name", "-s", "name").text
        #expect(names == "a-process-with-a-long-name\np1\np10\n" + (2...9).map { "p\($0)\n" }.joined())
        // Equal ones in the world's order, and what is not there before all.
        let exits = try shell.done("ps", "-w", "w", "-H", "-o", "exit,id", "-s", "exit").text
        #expect(exits.hasPrefix("-\t1\n3\t2\n3\t3\n"), "\(exits)")
        let items = try shell.done("ps", "-w", "w", "--json", "-S", "id", "-o", "name").json()["items"]?.items ?? []
        #expect(items.first?["id"] == .number(11) && items.first?["gasUsed"] != nil, "sorted, with all its fields")
    }

    @Test func everyTableHasColumns() throws {
        let shell = try shell()
        try shell.done("bank", "create", "-w", "w", "root/small", "--limit", "1MiB")
        try shell.done("bank", "create", "-w", "w", "root/large", "--limit", "100MiB")
        #expect(
            try shell.done("bank", "ls", "-w", "w", "-H", "-o", "limit,path", "-s", "limit").text
                == "1MiB\troot/small\n100MiB\troot/large\nunlimited\troot\nunlimited\troot/a-bank-with-a-long-name\n")
        #expect(
            try shell.done("bank", "ls", "-w", "w", "-H", "-p", "-o", "objects-limit", "root/small").text == "none\n")
        try shell.done("meter", "create", "-w", "w", "root/m", "--gas", "9k")
        try shell.done("meter", "create", "-w", "w", "root/n", "--gas", "10k")
        #expect(
            try shell.done("meter", "ls", "-w", "w", "-H", "-o", "path,gas-left", "-S", "gas-left").text
                == "root\tunlimited\nroot/n\t10k\nroot/m\t9k\n")
        let made = try shell.done("checkpoint", "create", "-w", "w", "@one", "-H", "-o", "name").text
        #expect(made == "@one\n")
        try shell.done("checkpoint", "create", "-w", "w", "@two")
        let names = try shell.done("checkpoint", "ls", "-w", "w", "-H", "-o", "name", "-S", "id").text
        #expect(names.hasPrefix("@two\n@one\n"))
    }

    @Test func changesNothingWhereAColumnIsUnknown() throws {
        let shell = try shell()
        let before = try shell.done("hash", "-w", "w").text
        let ran = try shell.keyvm("bank", "create", "-w", "w", "root/new", "-o", "colour")
        #expect(ran.code == 64 && ran.errorText.contains("the columns are path, limit, used"), "\(ran.errorText)")
        #expect(try shell.done("hash", "-w", "w").text == before)
    }
}
