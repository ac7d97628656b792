// How the end of a process is told: the exit code of `run --wait`, its cause, and three lines where it did not exit.

import Control
import World

struct EndingReport {
    /// The command's exit code: the process's, 134 for a trap, 6 and 5 where it is frozen for gas or space.
    let exitCode: Int32
    /// `exited`, `trap`, `gas` or `space`.
    let cause: String
    /// The trap's text.
    let fault: String?
    /// Where it trapped or froze, innermost first.
    let places: [PlaceAnswer]
    /// What, why, and what to try; nil where the process exited.
    let lines: String?

    init(_ ending: Ending, process: String, directory: String) {
        let inspect = "try: keyvm inspect \(process) -w \(quotedForShell(directory))"
        func next(_ answer: InspectAnswer) -> String {
            NextStep(answer, directory: directory).map { "try: \($0.command)" } ?? inspect
        }
        switch ending {
        case .exited(let code):
            // As the operating system does: eight bits of it reach whoever waits.
            (exitCode, cause, fault, lines) = (code & 0xff, "exited", nil, nil)
            places = []
        case .trapped(let answer):
            let fault = answer.fault ?? "a fault"
            places = answer.callStack
            let nowhere = answer.segment.map { "writing \($0.text)" } ?? "before its first instruction"
            let why = places.isEmpty ? nowhere : "in " + Self.text(places)
            exitCode = 134
            cause = "trap"
            self.fault = fault
            lines = "keyvm: process '\(process)' trapped: \(fault)\n\(printable(why))\n\(inspect)"
        case .outOfGas(let answer):
            let row = answer.process
            places = answer.callStack
            exitCode = Int32(WorldError.Code.gasExhausted.rawValue)
            cause = "gas"
            fault = nil
            lines =
                "keyvm: process '\(process)' is frozen for want of gas\n"
                + "it has used \(row.gasUsed), and \(answer.lacks?.text ?? "its meter has no more for it")\n\(next(answer))"
        case .outOfSpace(let answer):
            let row = answer.process
            places = answer.callStack
            exitCode = Int32(WorldError.Code.bankExhausted.rawValue)
            cause = "space"
            fault = nil
            lines =
                "keyvm: process '\(process)' is frozen for want of space\n"
                + "it holds \(row.pages) pages, and \(answer.lacks?.text ?? "bank \(row.bank) sells it no more")\n\(next(answer))"
        }
    }

    /// The innermost places, each once where a function calls itself, and how many there are besides.
    private static func text(_ places: [PlaceAnswer]) -> String {
        var runs: [(place: PlaceAnswer, count: Int)] = []
        for place in places {
            if runs.last?.place == place { runs[runs.count - 1].count += 1 } else { runs.append((place, 1)) }
        }
        let shown = runs.prefix(3)
        let texts = shown.map { $0.count == 1 ? $0.place.text : "\($0.place.text) (\($0.count) times)" }
        let left = places.count - shown.reduce(0) { $0 + $1.count }
        return texts.joined(separator: ", called from ") + (left > 0 ? ", and \(left) more" : "")
    }
}
