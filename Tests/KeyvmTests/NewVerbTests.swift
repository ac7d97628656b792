// Projects of one's own: what `keyvm new` writes compiles and runs as its README says.

import FoundationEssentials
import Kit
import Testing

@Suite struct NewVerbTests {
    private static let kit = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/tools/kit"

    @Test(arguments: Kit.Language.allCases) func itCompilesAndRuns(language: Kit.Language) throws {
        let shell = try Shell()
        let ran = try shell.sh("mkdir sub && $KEYVM new \(language.rawValue) sub/tally && cd sub/tally && ./build")
        #expect(ran.code == 0 && ran.text == "tally.wasm is there: keyvm run tally.wasm\n", "\(ran.errorText)")
        #expect(try shell.sh("grep -r @NAME@ sub/tally").code == 1)
        try shell.done("init", "w")
        try shell.done("run", "-w", "w", "sub/tally/tally.wasm")
        try shell.done(
            "run", "-w", "w", "--name", "ann", "--grant", "6=start:tally/1", "sub/tally/tally.wasm", "client")
        try shell.done("send", "-w", "w", "ann", "30")
        try shell.done("send", "-w", "w", "ann", "12")
        try shell.done("boot", "-w", "w", "--until-idle")
        #expect(try shell.done("logs", "-w", "w", "ann").text == "30 so far\n42 so far\n")
        #expect(try shell.done("logs", "-w", "w", "tally").text == "tally counts\nclient 1 adds 30\nclient 1 adds 12\n")
        // Each command of its README begins with a verb that there is.
        let readme = try shell.sh("cat sub/tally/README.md").text
        let commands = readme.split(separator: "\n").filter { $0.hasPrefix("    ") }.map { $0.split(separator: " ") }
        #expect(commands.count == 9 && commands.first == ["./build"])
        for command in commands.dropFirst() {
            #expect(command[0] == "keyvm")
            #expect(try shell.sh("$KEYVM \(command[1]) --help").code == 0)
        }
    }

    @Test func whatIsThereStays() throws {
        let shell = try Shell()
        _ = try shell.sh("mkdir mine; echo x > mine/main.c")
        for (words, code) in [
            ("new c mine", 1), ("new c a/b", 3), ("new swift ..", 64), ("new c 'a b'", 64), ("new c", 64),
        ]
            as [(String, Int32)]
        {
            let ran = try shell.sh("$KEYVM \(words)")
            #expect(ran.code == code && ran.errorText.split(separator: "\n").count == 3, "\(words): \(ran.errorText)")
        }
        #expect(try shell.sh("cat mine/main.c; ls mine").text == "x\nmain.c\n")
    }

    /// What it writes are the files of the kits, all of them.
    @Test func theKitsAreWhole() throws {
        for (language, folder) in [(Kit.Language.c, "c"), (.swift, "swift")] {
            let files = Kit.files(of: language)
            var found: Set<String> = []
            for path in try FileManager.default.subpathsOfDirectory(atPath: "\(Self.kit)/\(folder)")
            where path.hasSuffix(".h") || path.hasSuffix(".swift") || path.hasSuffix(".c") {
                found.insert(path)
                let bytes = try Data(contentsOf: URL(filePath: "\(Self.kit)/\(folder)/\(path)"))
                #expect(files.first { $0.path == path }?.bytes == Array(bytes), "\(path)")
            }
            #expect(Set(files.map(\.path)) == found && !found.isEmpty)
        }
    }
}
