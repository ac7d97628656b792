// What is looked for in the past: the first instruction at which something holds.

import Kernel
import Objects

/// `logs PROC matches TEXT`, TEXT being a regular expression; `ps PROC is STATE`.
struct PastCondition {
    private enum Kind {
        case logMatches(Regex<AnyRegexOutput>)
        case stateIs(ProcessState)
    }

    private let process: String
    private let kind: Kind
    /// The next record of the log when it was looked at last, of which process.
    private var looked: (process: CellID, next: UInt64)?

    /// Throws a `WorldError` where it is none.
    init(_ text: String) throws(WorldError) {
        let words = text.split(separator: " ", maxSplits: 3).map(String.init)
        guard words.count == 4 else { throw Self.unknown(text) }
        process = words[1]
        switch (words[0], words[2]) {
        case ("logs", "matches"):
            guard case .success(let regex) = Result(catching: { try Regex(words[3]) }) else {
                throw WorldError(
                    .usage, what: "'\(words[3])' is no regular expression", why: "what a log matches is one",
                    try: "keyvm at @before --until 'logs \(process) matches error' -- ps")
            }
            kind = .logMatches(regex)
        case ("ps", "is"):
            guard let state = ProcessState(rawValue: words[3]) else {
                throw WorldError(
                    .usage, what: "no process is ever '\(words[3])'",
                    why: "it is one of \(ProcessState.allCases.map(\.rawValue).joined(separator: ", "))",
                    try: "keyvm at @before --until 'ps \(process) is exited' -- ps")
            }
            kind = .stateIs(state)
        default: throw Self.unknown(text)
        }
    }

    private static func unknown(_ text: String) -> WorldError {
        WorldError(
            .usage, what: "'\(text)' cannot be looked for",
            why: "what can is 'logs PROC matches TEXT' and 'ps PROC is STATE'",
            try: "keyvm at @before --until 'logs editor matches error' -- ps")
    }

    /// Whether it holds in a world as it stands. Costs next to nothing where the log has nothing new.
    mutating func holds(in world: World) throws -> Bool {
        let found: CellID
        do {
            found = try world.process(process)
        } catch KernelError.noSuchProcess {
            return false
        }
        switch kind {
        case .stateIs(let state): return try world.row(found).state == state
        case .logMatches(let regex):
            let next = try world.objects.get(found, ProcessRecord.logNext)
            if let looked, looked == (found, next) { return false }
            looked = (found, next)
            let entries = try world.kernel.readLog(found, since: 0, limitBytes: .max)
            let text = String(decoding: entries.flatMap(\.bytes), as: UTF8.self)
            return text.firstMatch(of: regex) != nil
        }
    }
}
