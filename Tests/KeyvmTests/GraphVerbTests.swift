// Drawing the graph of keys: as text, by a program, and what happens where that is missing, wrong or slow.

import FoundationEssentials
import Testing

@Suite struct GraphVerbTests {
    private static func make() throws -> Shell {
        let shell = try Shell()
        try shell.done("init", "w")
        try shell.done("run", "-w", "w", "cat.wasm")
        try shell.done("run", "-w", "w", "--name", "other", "--grant", "6=start:cat/9", "cat.wasm")
        return shell
    }

    /// A program by the name of `dot` in a folder of its own.
    private static func program(_ text: String, _ shell: Shell) throws {
        _ = try shell.sh("mkdir -p bin && printf '%s' '#!/bin/sh\n\(text)\n' > bin/dot && chmod +x bin/dot")
    }

    @Test func itIsText() throws {
        let shell = try Self.make()
        let ran = try shell.done("graph", "-w", "w")
        #expect(ran.text.hasPrefix("digraph keyvm {\n") && ran.text.hasSuffix("}\n"))
        #expect(ran.text.contains(#"b1 -> b0 [label="register 6: start/9"];"#))
        #expect(try shell.done("key", "graph", "-w", "w").text == ran.text)
        try shell.done("graph", "-w", "w", "-o", "g.dot")
        #expect(try shell.sh("cat g.dot").text == ran.text)
        let json = try shell.done("graph", "-w", "w", "--json").json()
        #expect(json["boxes"]?.items.count == 2 && json["arrows"]?.items.count == 1)
    }

    @Test func aProgramDrawsIt() throws {
        let shell = try Self.make()
        try Self.program("echo \"$1\"; cat", shell)
        let text = try shell.done("graph", "-w", "w").text
        let ran = try shell.sh("PATH=$PWD/bin:$PATH $KEYVM graph -w w --png | cat")
        #expect(ran.code == 0 && ran.text == "-Tpng\n" + text)
        #expect(
            try shell.sh("PATH=$PWD/bin:$PATH $KEYVM graph -w w --svg -o g.svg; cat g.svg").text == "-Tsvg\n" + text)
    }

    @Test func whatGoesWrongIsSaidInThreeLines() throws {
        let shell = try Self.make()
        func fails(_ command: String, _ word: String, code: Int32 = 1) throws {
            let ran = try shell.sh(command)
            #expect(ran.code == code && ran.output.isEmpty, "\(command): \(ran.errorText)")
            #expect(ran.errorText.split(separator: "\n").count == 3 && ran.errorText.contains(word), "\(ran.errorText)")
        }
        try fails("PATH=/nowhere $KEYVM graph -w w --svg", "apt-get install graphviz")
        try Self.program("echo Error: bad >&2; exit 1", shell)
        try fails("PATH=$PWD/bin:$PATH $KEYVM graph -w w --svg -o g.svg", "Error: bad")
        #expect(try shell.sh("test -e g.svg").code != 0, "nothing is written then")
        try Self.program("exec sleep 60", shell)
        try fails("PATH=$PWD/bin:$PATH $KEYVM graph -w w --svg --time-limit 200ms", "takes too long")
        try fails("$KEYVM graph -w w -o nowhere/g.dot", "nowhere/g.dot", code: 3)
        try fails("$KEYVM graph -w w nobody", "nobody", code: 3)
        try fails("$KEYVM graph -w w --steps 0", "--steps", code: 64)
    }
}
