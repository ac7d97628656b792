// How answers look: quantities for people, tables, JSON, near spellings.

import Testing

import keyvm

@Suite struct FormTests {
    /// A bar where it is known how far the work has come.
    @Test func aBarIsAsFullAsTheWorkIsDone() {
        #expect(bar(0) == "[--------------------] 0 %")
        #expect(bar(0.5) == "[##########----------] 50 %")
        #expect(bar(0.999) == "[###################-] 99 %")
        #expect(bar(1) == "[####################] 100 %" && bar(7) == bar(1) && bar(-1) == bar(0))
    }

    @Test(arguments: [
        (0, "0B"), (1_023, "1023B"), (1_024, "1KiB"), (1_536, "1.5KiB"), (1_048_575, "1023KiB"), (1 << 20, "1MiB"),
        (150 << 20, "150MiB"), (5 << 30, "5GiB"), (UInt64.max, "16777216TiB"),
    ])
    func writesSizes(bytes: UInt64, text: String) { #expect(humanSize(bytes) == text) }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1k"), (1_999, "1.9k"), (12_345_678, "12.3M"), (123_456_789, "123M"),
        (2_000_000_000, "2G"),
    ])
    func writesCounts(count: UInt64, text: String) { #expect(humanCount(count) == text) }

    @Test(arguments: [
        (0, "0s"), (0.25, "0.2s"), (59.9, "59s"), (119, "119s"), (120, "2m"), (7_200, "2h"), (172_800, "2d"), (-1, "-"),
        (.nan, "-"), (.infinity, "-"), (1e300, "11574074074d"),
    ])
    func writesAges(seconds: Double, text: String) { #expect(humanAge(seconds: seconds) == text) }

    @Test(arguments: [
        (0, "1970-01-01 00:00:00"), (951_782_400, "2000-02-29 00:00:00"), (1_795_264_265.9, "2026-11-21 12:31:05"),
        (-1, "1969-12-31 23:59:59"), (.nan, "-"), (1e300, "-"),
    ])
    func writesTimes(seconds: Double, text: String) { #expect(humanTime(secondsSince1970: seconds) == text) }

    private var table: Table {
        var table = Table(columns: [.init("ID", isNumber: true), .init("NAME", isFlexible: true), .init("STATE")])
        table.append(["1", "a", "ready"])
        table.append(["12", "a-rather-long-name-of-a-process", "exited"])
        return table
    }

    @Test func laysTablesOut() {
        #expect(
            table.laidOut(width: nil, emphasis: false) == """
                ID  NAME                             STATE
                 1  a                                ready
                12  a-rather-long-name-of-a-process  exited

                """)
        #expect(table.tabSeparated == "1\ta\tready\n12\ta-rather-long-name-of-a-process\texited\n")
    }

    @Test(arguments: 1...60) func tablesFitTheTerminal(width: Int) {
        for line in table.laidOut(width: width, emphasis: false).split(separator: "\n") { #expect(line.count <= width) }
    }

    @Test func cutsTheNameAndNotTheState() {
        let lines = table.laidOut(width: 24, emphasis: false).split(separator: "\n")
        #expect(lines.last == "12  a-rather-lo…  exited")
    }

    @Test(arguments: [
        (60, "ID  NAME       STATE  BANK"), (27, "ID  NAME       STATE"), (26, "ID  NAME       STATE"),
        (19, "ID  NAME      STATE"), (18, "NAME       STATE"), (10, "NA…  STATE"),
    ]) func theLeastImportantColumnsGoFirst(width: Int, titles: String) {
        var table = Table(columns: [
            .init("ID", isNumber: true, importance: .major), .init("NAME", isFlexible: true), .init("STATE"),
            .init("BANK", importance: .minor),
        ])
        table.append(["1", "a-process", "ready", "root/x"])
        #expect(table.lines(width: width)[0] == titles)
        #expect(table.leftOut(width: width).count == 4 - table.lines(width: width)[0].split(separator: " ").count)
        #expect(table.lines(width: nil)[1] == " 1  a-process  ready  root/x" && table.leftOut(width: nil).isEmpty)
    }

    @Test(arguments: 1...40) func wrappedValuesLoseNothing(width: Int) {
        var listing = Listing()
        listing.append("a name", "some words, and oneverylongwordthatfitsnowhere")
        listing.append("n", "")
        let lines = listing.laidOut(width: width).split(separator: "\n")
        for line in lines { #expect(line.count <= width, "\(line)") }
        let text = lines.joined().filter { $0 != " " }
        #expect(text.contains("somewords,andoneverylongwordthatfitsnowhere"))
    }

    @Test(arguments: [
        ("a bc def", 4, ["a bc", "def"]), ("abcdef", 4, ["abcd", "ef"]), ("ab cd", 5, ["ab cd"]), ("", 3, [""]),
        ("ab  cd", 3, ["ab ", "cd"]),
    ]) func breaksLinesAtSpaces(text: String, width: Int, pieces: [String]) {
        #expect(wrapped(text, to: width) == pieces)
    }

    @Test func emphasisIsOnTheTitlesAlone() {
        let lines = table.laidOut(width: nil, emphasis: true).split(separator: "\n")
        #expect(lines.first?.hasPrefix("\u{1b}[1m") == true)
        #expect(lines.dropFirst().allSatisfy { !$0.contains("\u{1b}") })
    }

    @Test func noCellSteersTheTerminal() {
        var table = Table(columns: [.init("NAME")])
        table.append(["a\u{1b}[2J\tb\n\u{9b}c"])
        #expect(table.tabSeparated == "a?[2J?b??c\n")
        var listing = Listing()
        listing.append("x", "\u{7}")
        #expect(listing.tabSeparated == "x\t?\n")
        #expect(listing.laidOut() == "x  ?\n")
    }

    @Test func writesJSON() {
        let value = JSONValue.envelope(
            "ps",
            [
                .init("items", .array([.null, .bool(true), .unsigned(.max), .signed(-1), .real(0.5), .real(.nan)])),
                .init("text", .string("\"\\\n\t\u{1}\u{7f}é\u{2028}")), .init("empty", .object([])),
            ])
        #expect(
            value.text
                == #"{"schema": "keyvm.ps", "version": 1, "items": [null, true, 18446744073709551615, -1, 0.5, null], "#
                + #""text": "\"\\\n\t\u0001\u007fé\u2028", "empty": {}}"#)
    }

    @Test(arguments: [
        ("bot", ["boot"]), ("stauts", ["status"]), ("st", ["status"]), ("rnu", ["run"]), ("xyzzy", []), ("", ["boot"]),
    ])
    func suggestsNearWords(word: String, expected: [String]) {
        let verbs = ["boot", "status", "run", "rm", "halt"]
        if word.isEmpty {
            #expect(nearest(to: word, among: verbs).isEmpty)
        } else {
            #expect(nearest(to: word, among: verbs) == expected)
        }
    }

    @Test(arguments: [("", "", 0), ("a", "", 1), ("boot", "bot", 1), ("run", "rnu", 1), ("kitten", "sitting", 3)])
    func countsEdits(first: String, second: String, distance: Int) {
        #expect(editDistance(first, second) == distance)
        #expect(editDistance(second, first) == distance)
    }
}
