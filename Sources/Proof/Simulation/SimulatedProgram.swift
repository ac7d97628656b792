// The programs that a simulation runs, and what each writes: the text is computed here, not asked of the world.

import FoundationEssentials

/// A program and its arguments, as a script has it: `echo`, `count:LAST:WORK`, `watch:LAST`.
enum SimulatedProgram: Hashable, CustomStringConvertible {
    /// Writes each line that it is sent back with its number.
    case echo
    /// Computes so many numbers with so much work before each.
    case count(last: Int, work: Int)
    /// Looks at the clock so many times, with naps between.
    case watch(last: Int)

    init?(_ text: String) {
        let words = text.split(separator: ":").map(String.init)
        let numbers = words.dropFirst().compactMap { Int($0) }
        switch (words.first, numbers.count, words.count) {
        case ("echo", 0, 1): self = .echo
        case ("count", 2, 3): self = .count(last: numbers[0], work: numbers[1])
        case ("watch", 1, 2): self = .watch(last: numbers[0])
        default: return nil
        }
    }

    var description: String {
        switch self {
        case .echo: "echo"
        case .count(let last, let work): "count:\(last):\(work)"
        case .watch(let last): "watch:\(last)"
        }
    }

    /// Which file it is: equal files are one module.
    var file: String { String(description.prefix { $0 != ":" }) }

    /// Its words, its own name first.
    var arguments: [String] { description.split(separator: ":").map(String.init) }

    func module(of modules: ProofModules) -> Data {
        switch self {
        case .echo: modules.echo
        case .count: modules.count
        case .watch: modules.watch
        }
    }

    /// What it has written when it has used up its input: all, where that has ended. Nil where the clock is part of it.
    func text(input: String, hasEnded: Bool) -> String? {
        switch self {
        case .echo: Self.echoed(input, hasEnded: hasEnded)
        case .count(let last, let work): Self.counted(last, work)
        case .watch: nil
        }
    }

    private static func echoed(_ input: String, hasEnded: Bool) -> String {
        var lines = input.split(separator: "\n", omittingEmptySubsequences: false)
        // What follows the last newline is a line only at the end, and only if it is something.
        let rest = lines.popLast() ?? ""
        if hasEnded && !rest.isEmpty { lines.append(rest) }
        var text = ""
        for (index, line) in lines.enumerated() { text += "\(index + 1): \(line)\n" }
        return hasEnded ? text + "end of input after \(lines.count) lines\n" : text
    }

    private static func counted(_ last: Int, _ work: Int) -> String {
        var state: UInt32 = 2_463_534_242
        var text = ""
        for number in 1...max(1, last) {
            for _ in 0..<work {
                state ^= state << 13
                state ^= state >> 17
                state ^= state << 5
            }
            let digits = String(state, radix: 16)
            text += "\(number) \(String(repeating: "0", count: 8 - digits.count))\(digits)\n"
        }
        return text
    }

    /// Whether a text is one that a watching program may have written; `isWhole`: all of it.
    static func isWatched(_ text: String, last: Int, isWhole: Bool) -> Bool {
        var before: UInt64 = 0
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let rest = lines.popLast() ?? ""
        for (index, line) in lines.enumerated() {
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "\(index + 1)", let time = UInt64(words[1]), time >= before,
                UInt64(words[2], radix: 16) != nil
            else { return false }
            before = time
        }
        return isWhole ? lines.count == last && rest.isEmpty : lines.count <= last
    }
}
