// tools/install: what a person finds afterwards, and what it says where it cannot install.

import FoundationEssentials
import Testing

@Suite struct InstallTests {
    private static let install =
        #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/tools/install"

    private func install(_ shell: Shell, _ prefix: String) throws -> Ran {
        try shell.sh("export KEYVM; '\(Self.install)' \(prefix)")
    }

    @Test func putsTheProgramWhereShellsAndManFindIt() throws {
        let shell = try Shell()
        // What an older one left.
        _ = try shell.sh(
            "mkdir -p prefix/share/man/man1; echo old | tee prefix/share/man/man1/keyvm-gone.1 prefix/other")
        for _ in 1...2 {
            let ran = try install(shell, "prefix")
            #expect(ran.code == 0 && ran.error.isEmpty, "\(ran.errorText)")
            #expect(ran.text.contains("export PATH=\"\(shell.folder)/prefix/bin:$PATH\""))
        }
        let versions = try shell.sh("prefix/bin/keyvm --version; \"$KEYVM\" --version").text.split(separator: "\n")
        #expect(versions.count == 2 && versions[0] == versions[1])
        let files = try shell.sh("cd prefix; find . -type f | sort").text.split(separator: "\n").map(String.init)
        for file in [
            "bin/keyvm", "share/bash-completion/completions/keyvm", "share/zsh/site-functions/_keyvm",
            "share/fish/vendor_completions.d/keyvm.fish", "share/man/man1/keyvm.1",
            "share/man/man1/keyvm-bank-destroy.1", "other",
        ] { #expect(files.contains("./\(file)"), "\(file)") }
        #expect(!files.contains("./share/man/man1/keyvm-gone.1"))
        for (name, verb) in [("bash", "keyvm"), ("zsh", "_keyvm"), ("fish", "keyvm.fish")] {
            let made = try shell.sh("\"$KEYVM\" --generate-completion-script \(name)").text
            #expect(
                try !made.isEmpty && shell.sh("find prefix -name '\(verb)' -path '*\(name)*' | xargs cat").text == made)
        }
        let onPath = try shell.sh("export KEYVM; PATH=\"$PWD/prefix/bin:$PATH\" '\(Self.install)' prefix")
        #expect(onPath.code == 0 && !onPath.text.contains("PATH"))
    }

    @Test func saysWhyItCannotInstall() throws {
        let shell = try Shell()
        let refusals: [(prefix: String, code: Int32)] = [("/proc/none", 4), ("--nonsense", 64)]
        for (prefix, code) in refusals {
            let ran = try install(shell, prefix)
            #expect(ran.code == code, "\(prefix): \(ran.text)\(ran.errorText)")
        }
        #expect(try install(shell, "/proc/none").errorText.split(separator: "\n").last?.hasPrefix("try: ") == true)
        #expect(try install(shell, "--help").text.hasPrefix("usage: tools/install"))
        let noProgram = try shell.sh("KEYVM=none '\(Self.install)' prefix")
        #expect(noProgram.code == 64 && noProgram.errorText.contains("KEYVM"))
        #expect(try shell.sh("ls prefix/bin").code != 0)
    }
}
