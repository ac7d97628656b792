// The manual pages that tools/install installs.

import Glibc
import Testing

@Suite struct ManualTests {
    private func pages(_ shell: Shell) throws -> [String: String] {
        try shell.done("--generate-manual", "man1")
        let names = try shell.sh("ls man1").text.split(separator: "\n").map(String.init)
        return try Dictionary(uniqueKeysWithValues: names.map { ($0, try shell.contents(of: "man1/\($0)")) })
    }

    @Test func everyVerbHasAPageWithAllItsParts() throws {
        let shell = try Shell()
        let pages = try pages(shell)
        for name in [
            "keyvm", "keyvm-ps", "keyvm-top", "keyvm-run", "keyvm-bank", "keyvm-bank-ls", "keyvm-meter-refill",
        ] {
            #expect(pages["\(name).1"] != nil, "\(name)")
        }
        #expect(pages["keyvm-help.1"] == nil)
        let sections = ["NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "OPTIONS", "EXIT STATUS", "SEE ALSO"]
        for (name, text) in pages {
            let lines = text.split(separator: "\n")
            let found = lines.filter { $0.hasPrefix(".SH ") }.map { String($0.dropFirst(4)) }
            #expect(found.filter(sections.contains) == sections, "\(name): \(found)")
            for (line, next) in zip(lines, lines.dropFirst()) where line.hasPrefix(".SH ") {
                #expect(!next.hasPrefix(".SH "), "\(name): \(line) is empty")
            }
            // Every page that is named is there.
            for line in lines where line.hasPrefix(".BR ") {
                let named = line.split(separator: " ")[1].split(separator: "\\").joined()
                #expect(pages["\(named).1"] != nil, "\(name) names \(named)")
            }
        }
    }

    @Test func saysWhatHelpSays() throws {
        let shell = try Shell()
        let pages = try pages(shell)
        for (page, verb) in [("keyvm-ps", "ps"), ("keyvm-bank-ls", "bank ls"), ("keyvm-run", "run")] {
            let help = try shell.start(["help"] + verb.split(separator: " ").map(String.init)).wait().text
            func plain(_ text: some StringProtocol) -> String {
                text.split { " \n-\\".contains($0) }.joined(separator: " ")
            }
            let manual = plain(try #require(pages["\(page).1"]).split(separator: "\\(dq").joined(separator: "\""))
            let examples = help.split(separator: "\n").dropFirst().prefix { $0.hasPrefix("  keyvm") }
            #expect(examples.count >= 2)
            for example in examples {
                for part in example.split(separator: "   ") {
                    #expect(
                        manual.contains(plain(part).split(separator: "'").joined(separator: "(aq")), "\(page): \(part)")
                }
            }
        }
    }

    @Test(.enabled(if: access("/usr/bin/mandoc", X_OK) == 0 || access("/usr/bin/groff", X_OK) == 0))
    func rendersWithoutWarnings() throws {
        let shell = try Shell()
        _ = try pages(shell)
        let checked = try shell.sh(
            """
            for page in man1/*.1; do
                if command -v mandoc >/dev/null; then mandoc -T lint -W warning "$page"; fi
                if command -v groff >/dev/null; then groff -man -Tutf8 -ww "$page" 2>&1 >/dev/null; fi
            done
            """)
        #expect(checked.output.isEmpty && checked.error.isEmpty, "\(checked.text)\(checked.errorText)")
    }

    @Test func refusesWhatIsNoFolder() throws {
        let shell = try Shell()
        #expect(try shell.keyvm("--generate-manual").code == 64)
        let ran = try shell.keyvm("--generate-manual", "hello.wasm")
        #expect(ran.code == 3 && ran.errorText.split(separator: "\n").count == 3, "\(ran.errorText)")
        #expect(try !shell.done("--help").text.contains("generate-manual"))
    }
}
