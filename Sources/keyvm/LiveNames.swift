// Completion of what lives in a world: names of processes, banks, meters and checkpoints, of the world that the command
// line being typed is about.
//
// Invariants: it says nothing but candidates, and none where the world cannot tell them in about a second; a candidate
// holds no character that a shell would act on, whatever the world's file holds.

import ArgumentParser
import Dispatch
import Synchronization
import World

enum LiveNames {
    /// Names of processes; ids too where a digit was typed.
    static let processes = kind { reach, word throws(WorldError) in
        let processes = try reach.allProcesses()
        let ids = word.first?.isNumber == true ? processes.map { "\($0.id)" } : []
        return processes.map(\.name) + ids
    }

    static let banks = kind { reach, _ throws(WorldError) in
        let request = Request.banks(path: "root", recursive: true)
        guard case .banks(let answer) = try reach.ask(request) else { throw reach.mismatch(request) }
        return answer.items.map(\.path)
    }

    static let meters = kind { reach, _ throws(WorldError) in
        let request = Request.meters(path: "root", recursive: true)
        guard case .meters(let answer) = try reach.ask(request) else { throw reach.mismatch(request) }
        return answer.items.map(\.path)
    }

    /// Names of checkpoints, with the `@` before.
    static let checkpoints = kind { reach, _ throws(WorldError) in
        guard case .checkpoints(let answer) = try reach.ask(.checkpoints()) else {
            throw reach.mismatch(.checkpoints())
        }
        return answer.items.compactMap { $0.name.map { "@\($0)" } }
    }

    /// How long a person who pressed the key is kept waiting.
    private static let patience = DispatchTimeInterval.milliseconds(900)

    private static func kind(
        _ names: @escaping @Sendable (Reach, String) throws(WorldError) -> [String]
    ) -> CompletionKind {
        .custom { words, index, _ in
            let reach = Reach(directory: CompletedLine(words: words).worldDirectory)
            let word = words.indices.contains(index) ? words[index] : ""
            let found = Found()
            let done = DispatchSemaphore(value: 0)
            // Left behind where it takes too long: the program ends with the answer.
            DispatchQueue(label: "keyvm.completion").async {
                do throws(WorldError) {
                    let candidates = try names(reach, word).filter { $0.utf8.allSatisfy(isHarmless) }
                    found.names.withLock { $0 = candidates }
                } catch {}
                done.signal()
            }
            _ = done.wait(timeout: .now() + patience)
            return found.names.withLock { $0 }
        }
    }

    private final class Found: Sendable {
        let names = Mutex<[String]>([])
    }

    private static func isHarmless(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "._-/@".utf8.contains(byte)
        }
    }
}

/// A command line that is being typed, as the shell splits it: quotes and `~` are still in it.
package struct CompletedLine {
    package var words: [String]

    package init(words: [String]) { self.words = words }

    /// The world that it names: `-w`, else `$KEYVM_WORLD`, else `./world`.
    package var worldDirectory: String {
        // bash gives `=` as a word of its own, zsh and fish leave it in its word.
        for (index, word) in words.enumerated() {
            for option in ["-w", "--world"] {
                if word == option {
                    let value = words[(index + 1)...].drop { $0 == "=" }.first
                    if let value, !value.isEmpty { return plain(value) }
                } else if word.hasPrefix(option + "=") {
                    return plain(String(word.dropFirst(option.count + 1)))
                }
            }
        }
        return environment("KEYVM_WORLD") ?? "./world"
    }

    /// A word without its quotes, `~` and `$NAME` put in: what the shell would hand over.
    private func plain(_ word: String) -> String {
        var text = ""
        var quote: Character?
        var rest = word[...]
        if rest.hasPrefix("~"), rest.count == 1 || rest.hasPrefix("~/"), let home = environment("HOME") {
            text = home
            rest = rest.dropFirst()
        }
        while let character = rest.popFirst() {
            switch character {
            case "\\" where quote != "'":
                if let next = rest.popFirst() { text.append(next) }
            case "'", "\"":
                if quote == nil {
                    quote = character
                } else if quote == character {
                    quote = nil
                } else {
                    text.append(character)
                }
            case "$" where quote != "'":
                let isBraced = rest.first == "{"
                if isBraced { rest = rest.dropFirst() }
                let name = rest.prefix { $0 == "_" || $0.isLetter || $0.isNumber }
                rest = rest.dropFirst(name.count)
                if isBraced && rest.first == "}" { rest = rest.dropFirst() }
                text += environment(String(name)) ?? ""
            default: text.append(character)
            }
        }
        return text
    }
}
