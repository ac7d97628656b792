// Completion of what lives in a world, as bash, zsh and fish ask for it with the scripts that are installed.

import Glibc
import Testing

@Suite struct CompletionTests {
    private func shell() throws -> Shell {
        let shell = try Shell()
        try shell.done("init", "w")
        for name in ["alpha", "alps", "beta", "2nd"] { try shell.done("run", "-w", "w", "--name", name, "cat.wasm") }
        try shell.done("bank", "create", "-w", "w", "root/guests")
        try shell.done("bank", "create", "-w", "w", "root/guests/ann")
        try shell.done("meter", "create", "-w", "w", "root/batch")
        try shell.done("checkpoint", "create", "-w", "w", "@before")
        try shell.done("--generate-completion-script", "bash")
        _ = try shell.sh("\"$KEYVM\" --generate-completion-script bash >script; ln -s \"$KEYVM\" keyvm")
        return shell
    }

    /// What bash offers for the last of the words, which bash has split as it does.
    private func offered(_ shell: Shell, _ words: [String], variables: String = "") throws -> [String] {
        let list = words.map { "'\($0)'" }.joined(separator: " ")
        // What readline hands over begins behind a `=`, and at an `@`.
        let last = words.last == "=" ? "" : (words.dropLast().last == "@" ? "@" : "") + (words.last ?? "")
        let line = """
            unset KEYVM_WORLD; \(variables) bash -c '
            source ./script
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
            _keyvm_whole_words keyvm "\(last)" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf "%s\\n" "${COMPREPLY[@]}"' bash ./keyvm \(list)
            """
        let ran = try shell.sh(line)
        #expect(ran.error.isEmpty, "\(words): \(ran.errorText)")
        return ran.text.split(separator: "\n").map(String.init)
    }

    /// What was typed, in bash's words, and what is offered for the last of them.
    private static let lines: [(words: [String], offered: [String])] = [
        (["inspect", "-w", "w", "al"], ["alpha", "alps"]), (["logs", "-w", "w", "-f", "b"], ["beta"]),
        (["send", "-w", "w", "alph"], ["alpha"]), (["stop", "-w", "w", ""], ["alpha", "alps", "beta", "2nd"]),
        (["resume", "--world", "w", "be"], ["beta"]), (["kill", "-w", "w", "2"], ["2nd", "2"]),
        (["rm", "-n", "-w", "w", "alp"], ["alpha", "alps"]), (["rm", "--world", "=", "w", "bet"], ["beta"]),
        (["bank", "show", "-w", "w", "root/g"], ["root/guests", "root/guests/ann"]),
        (["bank", "ls", "-w", "w", "root/guests/"], ["root/guests/ann"]),
        (["bank", "create", "-w", "w", "root/guests/a"], ["root/guests/ann"]),
        (["run", "-w", "w", "--bank", "root/guests/"], ["root/guests/ann"]),
        (["run", "-w", "w", "--meter", "root/"], ["root/batch"]),
        (["run", "-w", "w", "--meter", "=", "root/b"], ["root/batch"]),
        (["meter", "refill", "-w", "w", "root/b"], ["root/batch"]),
        (["meter", "set", "-w", "w", "root/b"], ["root/batch"]),
        (["meter", "create", "-w", "w", "--bank", "root/guests/"], ["root/guests/ann"]),
        (["checkpoint", "rm", "-w", "w", ""], ["@before"]),
        (["checkpoint", "rm", "-w", "w", "@"], ["@before"]),
        (["checkpoint", "rm", "-w", "w", "@", "be"], ["@before"]),
        (["inspect", "-w", "none", "al"], []), (["inspect", "-w", "script", "al"], []), (["inspect", "al"], []),
    ]

    @Test func offersWhatLivesInTheWorld() throws {
        let shell = try shell()
        for (words, expected) in Self.lines {
            let offered = try offered(shell, words)
            #expect(offered == expected, "\(words)")
        }
    }

    @Test func asksTheWorldThatTheLineNames() throws {
        let shell = try shell()
        #expect(try offered(shell, ["inspect", "al"], variables: "KEYVM_WORLD=w") == ["alpha", "alps"])
        _ = try shell.sh("mv w 'my world'")
        #expect(try offered(shell, ["inspect", "-w", "my\\ world", "al"]) == ["alpha", "alps"])
        #expect(try offered(shell, ["inspect", "-w", "\"my world\"", "al"]) == ["alpha", "alps"])
        #expect(try offered(shell, ["inspect", "-w", "$PWD/my\\ world", "al"]) == ["alpha", "alps"])
        #expect(
            try offered(shell, ["inspect", "-w", "~/my\\ world", "al"], variables: "HOME=$PWD") == ["alpha", "alps"])
        _ = try shell.sh("mv 'my world' world")
        #expect(try offered(shell, ["inspect", "al"]) == ["alpha", "alps"])
    }

    @Test func offersWhatRunsAndWaitsForNobodyLong() throws {
        let shell = try shell()
        try shell.done("boot", "-w", "w", "--detach")
        #expect(try offered(shell, ["inspect", "-w", "w", "al"]) == ["alpha", "alps"])
        let host = try #require(try shell.hostProcess())
        kill(host, SIGSTOP)
        defer { kill(host, SIGCONT) }
        let begin = ContinuousClock.now
        #expect(try offered(shell, ["inspect", "-w", "w", "al"]) == [])
        #expect(ContinuousClock.now - begin < .seconds(4))
    }

    /// A shell as a person starts it, and how it is told of the script.
    struct Interactive: Sendable {
        var name: String
        var options: [String]
        var file: String
        var setUp: String
    }

    static let shells = [
        Interactive(name: "bash", options: ["--norc", "--noprofile", "-i"], file: "script", setUp: "source ./script"),
        Interactive(
            name: "zsh", options: ["-f", "-i"], file: "_keyvm",
            setUp: "fpath+=($PWD); autoload -U compinit; compinit -D -u"),
        Interactive(name: "fish", options: ["--no-config", "-i"], file: "script", setUp: "source ./script"),
    ]

    @Test(arguments: shells) func aTabCompletesInAnInteractiveShell(_ interactive: Interactive) throws {
        let shell = try shell()
        _ = try shell.sh("\"$KEYVM\" --generate-completion-script \(interactive.name) >\(interactive.file)")
        let terminal = try PseudoTerminal(columns: 200)
        let running = try shell.interactive([interactive.name] + interactive.options, at: terminal)
        func shows(_ text: String) throws {
            try shell.until("'\(text)' is shown") {
                terminal.read()
                return terminal.text.contains(text)
            }
        }
        try terminal.type("export PATH=\"$PWD:$PATH\"; \(interactive.setUp); echo re''ady\n")
        try shows("\nready")
        // What is shown at last stands on no line that was typed.
        for (typed, shown) in [
            ("keyvm inspect -w w bet\t-H | head -n 2 | tr '\\n\\t' '::'\n", "id:3:name:beta:"),
            ("keyvm bank show -w w root/guests/a\t-H | head -n 1 | tr '\\n\\t' '::'\n", "path:root/guests/ann:"),
            ("keyvm meter show -w w root/b\t-H | head -n 1 | tr '\\n\\t' '::'\n", "path:root/batch:"),
            ("keyvm checkpoint hold -w w @bef\t-H -o name | tr '\\n@' '::'\n", ":before:"),
        ] {
            try terminal.type(typed)
            try shows(shown)
        }
        try terminal.type("exit\n")
        #expect(try running.wait(reading: terminal).code == 0)
    }
}
