// What is looked for in the past: the first instruction at which something holds. What holds once holds from then on, so that it is
// found by ever closer looks.

import Kernel
import Objects

/// `logs PROC matches TEXT`: it has written TEXT; `ps PROC is STATE`, STATE being one that does not pass by itself.
struct PastCondition {
    private enum Kind {
        case logHolds([UInt8])
        case stateIs(ProcessState)
    }

    let process: String
    private let kind: Kind
    /// How far its log was looked through, and the last bytes of that, which may be the beginning of the text.
    private var looked: (id: UInt64, next: UInt64, tail: [UInt8])?
    /// Whether there was such a process at a look.
    private(set) var wasThere = false

    /// States in which a process stays until something is done about it.
    private static let states: [ProcessState] = [.exited, .faulted, .stopped, .frozenGas, .frozenSpace]

    /// Throws a `WorldError` where it is none.
    init(_ text: String) throws(WorldError) {
        let words = text.split(separator: " ", maxSplits: 3).map(String.init)
        guard words.count == 4 else { throw Self.unknown(text) }
        process = words[1]
        switch (words[0], words[2]) {
        case ("logs", "matches"): kind = .logHolds(Array(words[3].utf8))
        case ("ps", "is"):
            guard let state = ProcessState(rawValue: words[3]), Self.states.contains(state) else {
                throw WorldError(
                    .usage, what: "'\(words[3])' cannot be looked for",
                    why:
                        "what is, is one of \(Self.states.map(\.rawValue).joined(separator: ", ")): others pass by themselves",
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

    /// Whether it holds in a world as it stands. Linear in what the process has written since the last look.
    mutating func holds(in world: World) throws -> Bool {
        let found: CellID
        do {
            found = try world.process(process)
        } catch KernelError.noSuchProcess {
            return false
        }
        wasThere = true
        switch kind {
        case .stateIs(let state): return try world.row(found).state == state
        case .logHolds(let text):
            let id = try world.objects.get(found, ProcessRecord.id)
            if looked?.id != id { looked = (id, 0, []) }
            guard let last = looked, try world.objects.get(found, ProcessRecord.logNext) > last.next else {
                return false
            }
            let entries = try world.kernel.readLog(found, since: last.next, limitBytes: .max)
            let written = last.tail + entries.flatMap(\.bytes)
            looked = (id, entries.last.map { $0.sequence + 1 } ?? last.next, Array(written.suffix(text.count - 1)))
            return Self.holds(written, text)
        }
    }

    /// Whether the bytes hold the text: by its first byte and a comparison, for logs of lines.
    private static func holds(_ bytes: [UInt8], _ text: [UInt8]) -> Bool {
        guard let first = text.first, bytes.count >= text.count else { return text.isEmpty }
        return (0...bytes.count - text.count).contains { start in
            bytes[start] == first && bytes[start..<start + text.count].elementsEqual(text)
        }
    }
}
