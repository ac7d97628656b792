// The README's transcripts, replayed: every command that it shows is typed, and what it shows is what comes, but for
// numbers. Programs are compiled by tools/cc from tools/examples, as the README says.

import Foundation
import Testing

@Suite struct ReadmeTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// A command of a transcript, and the lines that stand below it.
    private struct Exchange {
        var command: String
        var lines: [String]
    }

    /// The transcripts below a heading: indented lines, `$ ` before what is typed.
    private func transcript(below heading: String) throws -> [Exchange] {
        let text = try String(contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
        let from = try #require(text.range(of: "## \(heading)\n"), "README.md has a heading '\(heading)'")
        let section = text[from.upperBound...].components(separatedBy: "\n## ")[0]
        var exchanges: [Exchange] = []
        for line in section.split(separator: "\n") where line.hasPrefix("    ") {
            let line = String(line.dropFirst(4))
            if line.hasPrefix("$ ") {
                exchanges.append(Exchange(command: String(line.dropFirst(2)), lines: []))
            } else if !exchanges.isEmpty {
                exchanges[exchanges.count - 1].lines.append(line)
            }
        }
        return exchanges
    }

    /// Numbers, hashes and the width of columns are another every time.
    private func masked(_ line: String) -> String {
        line.split(separator: " ").map { word in
            let isHash = word.count >= 8 && word.allSatisfy { $0.isHexDigit }
            return isHash || word.first?.isNumber == true ? "#" : String(word)
        }.joined(separator: " ")
    }

    @Test(arguments: [
        "Ten commands and what they print", "Who may have how much", "What goes when a bank goes",
        "Looking back, and going back",
    ])
    func whatTheReadmeShowsIsWhatComes(heading: String) throws {
        let shell = try Shell()
        var programs: [String] = []
        let exchanges = try transcript(below: heading)
        for exchange in exchanges {
            for word in exchange.command.split(separator: " ") where word.hasSuffix(".wasm") {
                let name = String(word.dropLast(5))
                guard !programs.contains(name) else { continue }
                programs.append(name)
                let compiled = try shell.sh(
                    "'\(Self.root.path)/tools/cc' '\(Self.root.path)/tools/examples/\(name).c' -o \(name).wasm")
                try #require(compiled.code == 0, "\(compiled.errorText)")
            }
        }
        #expect(exchanges.count > 3 && !programs.isEmpty)
        if exchanges[0].command != "keyvm init world" {
            // A section that goes on with a world that runs.
            _ = try shell.sh("$KEYVM init world && $KEYVM boot -w world --detach")
        }
        var pid = ""
        for exchange in exchanges {
            var command = exchange.command.replacingOccurrences(of: "keyvm ", with: "$KEYVM ")
            if command.hasPrefix("kill -9 ") { command = "kill -9 \(pid)" }
            var lines: [String] = []
            // What only looks is typed until a program has come as far as the README's had.
            let isLook = ["logs", "ps", "status"].contains { command.hasPrefix("$KEYVM \($0)") }
            for attempt in 0..<(isLook ? 100 : 1) where attempt == 0 || lines.map(masked) != exchange.lines.map(masked)
            {
                let ran = try shell.sh("(\(command)) 2>&1; sleep 0.5")
                lines = ran.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
            }
            if exchange.command.hasPrefix("keyvm boot"), let last = lines.last { pid = last }
            #expect(lines.map(masked) == exchange.lines.map(masked), "$ \(exchange.command)")
        }
        _ = try shell.sh("$KEYVM halt -w world")
    }
}
